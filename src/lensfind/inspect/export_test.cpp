#include "lensfind/inspect/export.h"

#include <gmock/gmock.h>

#include "lensfind/base/error.h"
#include "lensfind/base/value.h"
#include "lensfind/inspect/result_formats.h"
#include "lensfind/sky/catalogue.h"
#include "tests/scratch_folder.h"

namespace lensfind::inspect {
namespace {

using lensfind::testing::ScratchFolder;

// Names of lenses in the literature, whose positions SIMBAD gives; the last by arithmetic.
TEST(IauName, IsTruncatedAndNotRounded) {
  EXPECT_EQ(iau_name({146.7361667, 10.1146389}), "J094656.6+100652");  // SDSS J0946+1006: 09 46 56.680 +10 06 52.70
  EXPECT_EQ(iau_name({195.2375, -0.0000278}), "J130057.0-000000");
  EXPECT_EQ(iau_name({150, 10}), "J100000.0+100000") << "10:00:00 and not 09:59:59.9";
  EXPECT_EQ(iau_name({359.99999, 89.9999}), "J235959.9+895959");
  EXPECT_EQ(iau_name({2.5, -59.9999}), "J001000.0-595959");
}

Merged small() {
  GradeSet set{.schemes = {abcx()}};
  set.objects = {{.id = "0012", .position = sky::Position{146.7361667, 10.1146389}, .logit = 3.5},
                 {.id = "a<b>,\"c\"", .position = sky::Position{10, -20}},
                 {.id = "control", .role = Role::known, .truth = Label::lens}};
  const auto add = [&](const char* uid, const char* who, const std::string& what, const char* grade, const char* note = "") {
    set.rows.push_back(
        {.uid = uid, .time = uid, .grader = who, .object = what, .scheme = "abcx", .grade = grade, .kind = "ring", .note = note});
  };
  add("1", "anna", "0012", "A", "50% & more_");
  add("2", "ben", "0012", "B");
  add("3", "anna", "a<b>,\"c\"", "X");
  add("4", "anna", "control", "A");
  return merge_grades(set);
}

TEST(Export, EveryFormatReadsBackTheSame) {
  const ScratchFolder folder;
  const ResultTable table = objects_table(small());
  ASSERT_EQ(table.rows.size(), 2u) << "no controls";
  for (const char* name : {"t.csv", "t.fits", "t.vot", "t.ecsv"}) {
    write_result_table(folder / name, table);
    sky::Catalogue catalogue{folder / name, {.id = "id"}};
    const auto first = catalogue.next(), second = catalogue.next();
    ASSERT_TRUE(first && second) << name;
    EXPECT_EQ(first->id, "0012") << name;
    EXPECT_EQ(second->id, "a<b>,\"c\"") << name;
    ASSERT_TRUE(first->position) << name;
    EXPECT_NEAR(first->position->ra_deg, 146.7361667, 1e-7) << name;
    const auto place = std::ranges::find(catalogue.columns(), "mean") - catalogue.columns().begin();
    EXPECT_EQ(std::stod(first->values[static_cast<std::size_t>(place)]), 2.5) << name;
    EXPECT_FALSE(catalogue.next()) << name;
  }
  EXPECT_THROW(write_result_table(folder / "t.doc", table), Error);
}

TEST(Export, LatexIsEscaped) {
  ResultTable table = objects_table(small());
  table.rows[0][8] = "50% & more_";
  const std::string text = latex_text(table);
  EXPECT_THAT(text, ::testing::HasSubstr("50\\% \\& more\\_"));
  EXPECT_THAT(text, ::testing::HasSubstr("J094656.6+100652"));
  EXPECT_THAT(text, ::testing::HasSubstr("146.73617"));
}

}  // namespace
}  // namespace lensfind::inspect
