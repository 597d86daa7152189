#include "lensfind/inspect/control_grid.h"

#include <gmock/gmock.h>

namespace lensfind::inspect {
namespace {

using ::testing::HasSubstr;

/// 90 painted lenses, ten in each of 3 x 3 cells; anna finds those of radius above 2 and S/N above 20, ben all.
Merged measured_grid() {
  GradeSet set{.schemes = {abcx()}};
  for (int i = 0; i < 90; ++i) {
    const std::string id = std::to_string(i);
    const double radius = 1 + i % 3 + i * .005, snr = 10 * (1 + i / 3 % 3) + i * .05;
    set.objects.push_back({.id = id, .role = Role::painted, .truth = Label::lens, .theta_e_arcsec = radius, .arc_snr = snr});
    const bool found = radius > 2 && snr > 20;
    set.rows.push_back({.uid = "a" + id, .time = "1", .grader = "anna", .object = id, .scheme = "abcx", .grade = found ? "A" : "X"});
    set.rows.push_back({.uid = "b" + id, .time = "1", .grader = "ben", .object = id, .scheme = "abcx", .grade = "B"});
  }
  return merge_grades(set);
}

TEST(GridCompleteness, IsCountedInEachCell) {
  int cells = 0;
  for (const GridCompleteness& cell : grid_completeness(measured_grid(), {.radius = {1, 2, 3, 4}, .snr = {10, 20, 30, 40}})) {
    ASSERT_EQ(cell.lenses, 10);
    if (cell.grader == "ben") {
      EXPECT_EQ(cell.found, 10);
    }
    if (cell.grader != "anna") continue;
    ++cells;
    const bool finds = cell.radius_low >= 2 && cell.snr_low >= 20;
    EXPECT_EQ(cell.found, finds ? 10 : 0);
    // Of none and of all of ten: 1 - .025^(1/10).
    EXPECT_NEAR(finds ? 1 - cell.completeness.low : cell.completeness.high, .3084971, 1e-7);
  }
  EXPECT_EQ(cells, 9);
}

TEST(GridCompleteness, CellsOfTheirOwnHoldAboutAsManyLensesEach) {
  const auto cells = grid_completeness(measured_grid());
  int lenses = 0;
  for (const GridCompleteness& cell : cells)
    if (cell.grader == all_graders) {
      EXPECT_NEAR(cell.lenses, 10, 1);
      lenses += cell.lenses;
    }
  EXPECT_EQ(lenses, 90);
}

TEST(GridCompleteness, LensesOfWhichNotBothAreKnownAreLeftOut) {
  Merged merged = measured_grid();
  for (MergedObject& object : merged.objects) object.object.arc_snr = std::numeric_limits<double>::quiet_NaN();
  EXPECT_TRUE(grid_completeness(merged).empty());
}

TEST(GridCompleteness, TheTableOfAPageNamesCellsAndCounts) {
  const std::string html = grid_html(grid_completeness(measured_grid(), {.radius = {1, 2, 3, 4}, .snr = {10, 20, 30, 40}}), "anna");
  EXPECT_THAT(html, HasSubstr("<th scope=\"col\">2 to 3"));
  EXPECT_THAT(html, HasSubstr("<th scope=\"row\">30 to 40"));
  EXPECT_THAT(html, HasSubstr("10 of 10"));
  EXPECT_THAT(html, HasSubstr("0 of 10"));
}

}  // namespace
}  // namespace lensfind::inspect
