#include "lensfind/inspect/disagreements.h"

#include <gmock/gmock.h>

#include "lensfind/base/value.h"
#include "tests/scratch_folder.h"

namespace lensfind::inspect {
namespace {

TEST(Disagreements, TheLargestComesFirstAndTextsAreEscaped) {
  const lensfind::testing::ScratchFolder folder;
  Merged merged{.scheme = abcx()};
  const auto add = [&](const char* id, double spread, Role role = Role::candidate) {
    merged.objects.push_back({.object = {.id = id, .role = role},
                              .grades = 2,
                              .spread = spread,
                              .notes = "anna: <script>",
                              .given = {{"anna", "A"}, {"ben", "X"}}});
  };
  add("small", .7);
  add("agreed17", 0);
  add("large<b>", 2.1);
  add("painted17", 2.1, Role::painted);
  write_disagreements(folder / "d.html", merged, [](const std::string& id) {
    return id == "small" ? std::optional{Drawn{.picture = {1, 1, 1, {7}}}} : std::nullopt;
  });
  const std::string page = read_text(folder / "d.html");
  EXPECT_LT(page.find("large&lt;b&gt;"), page.find(">small<"));
  EXPECT_EQ(page.find("agreed17"), std::string::npos);
  EXPECT_EQ(page.find("painted17"), std::string::npos);
  EXPECT_THAT(page, ::testing::HasSubstr("anna: &lt;script&gt;"));
  EXPECT_THAT(page, ::testing::HasSubstr("data:image/png;base64,"));
}

}  // namespace
}  // namespace lensfind::inspect
