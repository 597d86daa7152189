#include "lensfind/evaluate/selection.h"

#include <cmath>
#include <filesystem>
#include <limits>

#include <fitsio.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include "lensfind/base/atomic_file.h"
#include "lensfind/base/error.h"
#include "lensfind/base/value.h"

namespace lensfind::evaluate {
namespace {

Scores four_lenses_and_three_others() {
  return {{.id = "a", .label = Label::lens, .logit = 2},     {.id = "b", .label = Label::lens, .logit = -1},
          {.id = "c", .label = Label::lens, .logit = 3},     {.id = "d", .label = Label::lens, .logit = 1},
          {.id = "e", .label = Label::non_lens, .logit = 2}, {.id = "f", .label = Label::non_lens, .logit = -2},
          {.id = "g", .label = Label::non_lens, .logit = -2}};
}

std::filesystem::path truth_file() {
  const auto path = std::filesystem::path{::testing::TempDir()} / "selection_truth.csv";
  write_file(path,
             "id,kind,theta_e_arcsec,arc_mag\nc,lens,2.0,20\na,lens,1.0,22\nb,lens,.5,24\nd,lens,,23\ne,spiral,,\nf,spiral,,\ng,ring,,"
             "\nunscored,lens,1,1\n");
  return path;
}

TEST(Selection, JoinsTruthById) {
  const Truth truth = read_truth(truth_file(), four_lenses_and_three_others(), {"theta_e_arcsec", "arc_mag"});
  EXPECT_EQ(truth.matched, 7);
  EXPECT_EQ(truth.values[0][0], 1);
  EXPECT_EQ(truth.values[1][1], 24);
  EXPECT_TRUE(std::isnan(truth.values[0][3]));
  EXPECT_EQ(truth.kinds[6], "ring");
  EXPECT_THROW(read_truth(truth_file(), four_lenses_and_three_others(), {"no_such_column"}), Error);
  EXPECT_THROW(read_truth(truth_file(), four_lenses_and_three_others(), {"kind"}), Error);
  EXPECT_THROW(read_truth(truth_file(), {{.id = "other"}}, {"arc_mag"}), Error);
}

TEST(Selection, EdgesPartValuesIntoEqualCounts) {
  const std::vector<double> values{5, 1, 2, 3, 4, 6, std::numeric_limits<double>::quiet_NaN()};
  EXPECT_EQ(equal_count_edges(values, 3), (std::vector<double>{1, 3, 5, 6}));
  EXPECT_EQ(equal_count_edges(std::vector<double>{2, 2, 2, 2}, 3), (std::vector<double>{2, 2}));
  EXPECT_TRUE(equal_count_edges({}, 3).empty());
}

TEST(Selection, CountsFoundLensesByCell) {
  const Scores scores = four_lenses_and_three_others();
  const Truth truth = read_truth(truth_file(), scores, {"theta_e_arcsec", "arc_mag"});
  const CompletenessMap map = completeness_map(scores, truth, 0, 1, 2, 2);  // a's own logit: it is found
  // theta_e .5 | 1, 2 and magnitudes 20, 22 | 23, 24: b (missed) is small and faint, c and a (found) are large and bright, d has no
  // theta_e.
  ASSERT_EQ(map.cells.size(), 4u);
  std::int64_t lenses = 0;
  std::int64_t found = 0;
  for (const CompletenessCell& cell : map.cells) {
    lenses += cell.lenses;
    found += cell.found;
    EXPECT_LE(cell.completeness.low, cell.completeness.high);
  }
  EXPECT_EQ(lenses, 3);
  EXPECT_EQ(found, 2);
  EXPECT_EQ(map.cells[1].lenses, 2);  // large and bright
  EXPECT_EQ(map.cells[1].found, 2);
  EXPECT_EQ(map.cells[2].lenses, 1);  // small and faint
  EXPECT_EQ(map.cells[2].found, 0);
}

/// 30 lenses of which the first 18 are found, and 40 rings of which 3 are, `copies` rows of each.
Scores with_copies(int copies) {
  Scores scores;
  for (int object = 0; object < 70; ++object)
    for (int copy = 0; copy < copies; ++copy)
      scores.push_back({.id = std::to_string(scores.size()),
                        .label = object < 30 ? Label::lens : Label::non_lens,
                        .logit = object < 18 || object >= 67 ? 2.0 : 0.0,
                        .group = copies == 1 ? "" : std::to_string(object)});
  return scores;
}

Truth one_cell(const Scores& scores) {
  return {.columns = {"x", "y"},
          .values = {std::vector<double>(scores.size(), 1), std::vector<double>(scores.size(), 2)},
          .kinds = std::vector<std::string>(scores.size(), "ring")};
}

TEST(Selection, IntervalsAreJeffreys) {
  // scipy.stats.beta.ppf([.025, .975], 18.5, 12.5) and (3.5, 37.5)
  const Scores scores = with_copies(1);
  const CompletenessMap map = completeness_map(scores, one_cell(scores), 0, 1, 1);
  ASSERT_EQ(map.cells.size(), 1u);
  EXPECT_NEAR(map.cells[0].completeness.low, 0.422200269034, 1e-9);
  EXPECT_NEAR(map.cells[0].completeness.high, 0.759514084385, 1e-9);
  const FalsePositivesOfKind rings = false_positives_by_kind(scores, one_cell(scores), 1).at(0);
  EXPECT_NEAR(rings.rate.low, 0.021576674443, 1e-9);
  EXPECT_NEAR(rings.rate.high, 0.186814297238, 1e-9);
}

TEST(Selection, CopiesOfAnObjectAreNoFurtherEvidence) {
  const Scores once = with_copies(1), four = with_copies(4);
  const Estimate alone = completeness_map(once, one_cell(once), 0, 1, 1).cells[0].completeness;
  const Estimate copied = completeness_map(four, one_cell(four), 0, 1, 1).cells[0].completeness;
  EXPECT_EQ(alone.value, copied.value);
  EXPECT_NEAR(copied.high - copied.low, alone.high - alone.low, .05 * (alone.high - alone.low));
  const Estimate rate = false_positives_by_kind(once, one_cell(once), 1)[0].rate;
  const Estimate copied_rate = false_positives_by_kind(four, one_cell(four), 1)[0].rate;
  EXPECT_NEAR(copied_rate.high - copied_rate.low, rate.high - rate.low, .05 * (rate.high - rate.low));
}

TEST(Selection, WritesALineACell) {
  const Scores scores = four_lenses_and_three_others();
  const Truth truth = read_truth(truth_file(), scores, {"theta_e_arcsec", "arc_mag"});
  const auto path = std::filesystem::path{::testing::TempDir()} / "completeness.csv";
  write_completeness(path, completeness_map(scores, truth, 0, 1, 1.5, 1));
  const std::string text = read_text(path);
  EXPECT_TRUE(
      text.starts_with("theta_e_arcsec_low,theta_e_arcsec_high,arc_mag_low,arc_mag_high,lenses,found,completeness,low,high\n"
                       "0.5,2,20,24,3,2,0.6666666666666666,0."))
      << text;
}

TEST(Selection, TellsWhichKindsAreMistakenForLenses) {
  const Scores scores = four_lenses_and_three_others();
  const auto kinds = false_positives_by_kind(scores, read_truth(truth_file(), scores, {}), 0);
  ASSERT_EQ(kinds.size(), 2u);
  EXPECT_EQ(kinds[0].kind, "spiral");
  EXPECT_EQ(kinds[0].nonlenses, 2);
  EXPECT_EQ(kinds[0].false_positives, 1);
  EXPECT_EQ(kinds[1].rate.value, 0);
}

TEST(Completeness, FitsTableHoldsTheCellsAndTheirUnits) {
  const CompletenessMap map{
      .x = "theta_e_arcsec",
      .y = "source_mag_i",
      .x_edges = {.5, 1},
      .y_edges = {22, 24},
      .cells = {{.x_low = .5, .x_high = 1, .y_low = 22, .y_high = 24, .lenses = 8, .found = 6, .completeness = {.75, .4, .93}}}};
  const auto path = std::filesystem::temp_directory_path() / ("lensfind-completeness-" + std::to_string(getpid()) + ".fits");
  write_completeness_fits(path, map);
  fitsfile* file = nullptr;
  int status = 0;
  fits_open_table(&file, path.c_str(), READONLY, &status);
  ASSERT_EQ(status, 0);
  char unit[FLEN_VALUE] = "";
  fits_read_key(file, TSTRING, "TUNIT1", unit, nullptr, &status);
  EXPECT_STREQ(unit, "arcsec");
  fits_read_key(file, TSTRING, "TUNIT3", unit, nullptr, &status);
  EXPECT_STREQ(unit, "mag");
  const auto number = [&](const char* name) {
    int column = 0;
    double value = 0;
    fits_get_colnum(file, CASESEN, const_cast<char*>(name), &column, &status);
    fits_read_col(file, TDOUBLE, column, 1, 1, 1, nullptr, &value, nullptr, &status);
    return value;
  };
  EXPECT_EQ(number("theta_e_arcsec_low"), .5);
  EXPECT_EQ(number("source_mag_i_high"), 24);
  EXPECT_EQ(number("lenses"), 8);
  EXPECT_EQ(number("found"), 6);
  EXPECT_EQ(number("completeness"), .75);
  EXPECT_EQ(number("high"), .93);
  EXPECT_EQ(status, 0);
  fits_close_file(file, &status);
  std::filesystem::remove(path);
}

}  // namespace
}  // namespace lensfind::evaluate
