#include "lensfind/inspect/control_report.h"

#include <algorithm>
#include <cmath>

#include <gmock/gmock.h>

namespace lensfind::inspect {
namespace {

/// 100 painted lenses of Einstein radii .01 to 1; anna finds those from .5 on, ben all.
Merged measured_graders() {
  GradeSet set{.schemes = {abcx()}};
  for (int i = 1; i <= 100; ++i) {
    const std::string id = std::to_string(i);
    set.objects.push_back({.id = id, .role = Role::painted, .truth = Label::lens, .theta_e_arcsec = i * .01});
    set.rows.push_back({.uid = "a" + id, .time = "1", .grader = "anna", .object = id, .scheme = "abcx", .grade = i >= 50 ? "A" : "X"});
    set.rows.push_back({.uid = "b" + id, .time = "1", .grader = "ben", .object = id, .scheme = "abcx", .grade = "B"});
  }
  set.objects.push_back({.id = "known", .role = Role::known, .truth = Label::lens});
  set.rows.push_back({.uid = "k", .time = "1", .grader = "ben", .object = "known", .scheme = "abcx", .grade = "X"});
  return merge_grades(set);
}

TEST(ControlCompleteness, IsCountedOverTheEinsteinRadius) {
  const auto rows = control_completeness(measured_graders());
  int lenses = 0, found = 0;
  for (const ControlCompleteness& row : rows) {
    EXPECT_EQ(row.property, "theta_e_arcsec") << "of the others nothing is known";
    if (row.grader == "ben") {
      EXPECT_EQ(row.completeness.value, 1);
    }
    if (row.grader != "anna") continue;
    lenses += row.lenses;
    found += row.found;
    if (row.high <= .45) {
      EXPECT_EQ(row.found, 0);
      EXPECT_NEAR(row.completeness.high, 1 - std::pow(.025, 1. / row.lenses), 1e-12);
    }
    if (row.low >= .5) {
      EXPECT_EQ(row.found, row.lenses);
    }
  }
  EXPECT_EQ(lenses, 100);
  EXPECT_EQ(found, 51);
}

// Ranges of one lens each would look like a curve and be chance.
TEST(ControlCompleteness, HasARangeForFiveLensesOrMore) {
  for (const auto& [lenses, ranges] : {std::pair{4, 1}, {9, 1}, {10, 2}, {12, 2}, {15, 3}, {40, 4}}) {
    GradeSet set{.schemes = {abcx()}};
    for (int i = 0; i < lenses; ++i) {
      const std::string id = std::to_string(i);
      set.objects.push_back({.id = id, .role = Role::painted, .truth = Label::lens, .theta_e_arcsec = 1 + i * .1});
      set.rows.push_back({.uid = id, .time = "1", .grader = "anna", .object = id, .scheme = "abcx", .grade = "A"});
    }
    const auto rows = control_completeness(merge_grades(set));
    EXPECT_EQ(std::ranges::count(rows, "anna", &ControlCompleteness::grader), ranges) << lenses;
  }
}

TEST(ControlCompleteness, TheTableHasARowEach) {
  const auto rows = control_completeness(measured_graders());
  const ResultTable table = control_table(rows);
  EXPECT_EQ(table.rows.size(), rows.size());
  EXPECT_EQ(table.rows.front().size(), table.columns.size());
  EXPECT_EQ(table.rows.front()[0], "all");
}

}  // namespace
}  // namespace lensfind::inspect
