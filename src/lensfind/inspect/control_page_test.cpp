#include "lensfind/inspect/control_page.h"

#include <gmock/gmock.h>

#include "lensfind/base/value.h"
#include "tests/scratch_folder.h"

namespace lensfind::inspect {
namespace {

using lensfind::testing::ScratchFolder;
using ::testing::HasSubstr;
using ::testing::Not;

/// 20 control lenses, of Einstein radius about 1 and about 2; the grader finds those of 2. Ranges hold five each.
Merged merged() {
  GradeSet set{.schemes = {abcx()}};
  for (int i = 0; i < 20; ++i) {
    const std::string id = "c" + std::to_string(i);
    set.objects.push_back({.id = id, .role = Role::painted, .truth = Label::lens, .theta_e_arcsec = (i % 2 == 0 ? 2. : 1.) + i * .01});
    set.rows.push_back({.uid = id, .time = "1", .grader = "<b>anna</b>", .object = id, .scheme = "abcx", .grade = i % 2 == 0 ? "A" : "X"});
  }
  set.objects.push_back({.id = "other", .role = Role::random, .truth = Label::non_lens});
  set.rows.push_back({.uid = "o", .time = "1", .grader = "<b>anna</b>", .object = "other", .scheme = "abcx", .grade = "X"});
  return merge_grades(set);
}

TEST(ControlPage, ShowsWhatEachGraderFindsOverEachProperty) {
  const ScratchFolder folder;
  write_control_page(folder / "c.html", merged());
  const std::string page = read_text(folder / "c.html");
  EXPECT_THAT(page, HasSubstr("&lt;b&gt;anna&lt;/b&gt;: 5 of 5"));
  EXPECT_THAT(page, HasSubstr("&lt;b&gt;anna&lt;/b&gt;: 0 of 5"));
  EXPECT_THAT(page, HasSubstr("all: 5 of 5"));
  EXPECT_THAT(page, HasSubstr("Einstein radius (arcsec)"));
  EXPECT_THAT(page, Not(HasSubstr("signal-to-noise ratio of the arcs</text>"))) << "no control has one";
  EXPECT_THAT(page, Not(HasSubstr("<b>anna")));
}

TEST(ControlPage, SaysThatNoPropertyIsKnown) {
  const ScratchFolder folder;
  Merged plain = merged();
  for (MergedObject& object : plain.objects) object.object.theta_e_arcsec = std::numeric_limits<double>::quiet_NaN();
  write_control_page(folder / "c.html", plain);
  EXPECT_THAT(read_text(folder / "c.html"), HasSubstr("No control lens whose"));
}

}  // namespace
}  // namespace lensfind::inspect
