#include "lensfind/evaluate/reliability.h"

#include <algorithm>
#include <cmath>
#include <map>
#include <numbers>

#include <gtest/gtest.h>

#include "lensfind/base/random.h"
#include "lensfind/base/value.h"

namespace lensfind::evaluate {
namespace {

Scores with_probabilities(const std::vector<std::pair<Label, double>>& rows) {
  Scores scores;
  for (const auto& [label, probability] : rows)
    scores.push_back({.id = std::to_string(scores.size()), .label = label, .logit = probability, .probability = probability});
  return scores;
}

TEST(Reliability, SlopeAndInterceptMaximiseFirthsLikelihood) {
  // tests/reference/evaluation.py maximises it by a general optimiser.
  const Value reference = read_json(LENSFIND_SOURCE_DIR "/tests/reference/evaluation.json");
  int tried = 0;
  for (const Value& known : reference.at("cases").as_array()) {
    if (known.find("firth") == nullptr) continue;
    SCOPED_TRACE(known.at("name").as_string());
    std::vector<std::pair<Label, double>> rows;
    for (std::size_t i = 0; i < known.at("labels").as_array().size(); ++i)
      rows.emplace_back(known.at("labels").as_array()[i].as_integer() == 1 ? Label::lens : Label::non_lens,
                        known.at("probabilities").as_array()[i].as_number());
    const CalibrationEstimates figures = calibration_figures(labelled_scores(with_probabilities(rows)));
    EXPECT_NEAR(figures.slope.value, known.at("firth").as_array()[0].as_number(), 1e-5);
    EXPECT_NEAR(figures.intercept.value, known.at("firth").as_array()[1].as_number(), 1e-5);
    ++tried;
  }
  EXPECT_GE(tried, 5);
}

TEST(Reliability, CalibrationErrorIsTheMeanDistanceInBinsOfEqualLogOdds) {
  // By hand: .5 and .6 share the bin of log odds 0 to 1, .1 stands in that of -3 to -2: |1 - 1.1| and |1 - .2| of 4 samples.
  const auto l = Label::lens;
  const auto n = Label::non_lens;
  const CalibrationEstimates figures = calibration_figures(labelled_scores(with_probabilities({{l, .5}, {n, .6}, {l, .1}, {n, .1}})));
  EXPECT_NEAR(figures.expected_calibration_error.value, (.1 + .8) / 4, 1e-12);
  ASSERT_EQ(figures.bins.size(), 2u);
  EXPECT_EQ(figures.bins[0].count, 2);
  EXPECT_NEAR(figures.bins[0].mean_probability, .1, 1e-12);
  EXPECT_NEAR(figures.bins[1].observed.value, .5, 1e-12);
}

TEST(Reliability, EqualLossesOfFewLensesDoNotMakeTheBrierScoreExact) {
  // Every lens has the same loss, .01, and every non-lens too: without one more lens the interval would have no width.
  std::vector<std::pair<Label, double>> rows;
  for (int i = 0; i < 100; ++i) rows.emplace_back(i < 5 ? Label::lens : Label::non_lens, i < 5 ? .9 : .1);
  const Estimate brier = brier_score(labelled_scores(with_probabilities(rows)));
  EXPECT_NEAR(brier.value, .01, 1e-12);
  // One more lens of loss 0 or 1, of mean (5 x .01 + 1/2) / 6: its variance of the sum is 25 m (1 - m) / 30.
  const double mean = .55 / 6;
  const double half = 2.7764451051977934 * std::sqrt(25 * mean * (1 - mean) / 30) / 100 / .01;
  EXPECT_NEAR(brier.high, .01 * std::exp(half), 1e-6);
}

TEST(Reliability, CopiesOfAnObjectDoNotNarrowABin) {
  Scores once, four;
  for (int object = 0; object < 40; ++object)
    for (int copy = 0; copy < 4; ++copy) {
      const Score row{.id = std::to_string(four.size()),
                      .label = object < 15 ? Label::lens : Label::non_lens,
                      .logit = 0,
                      .probability = .3,
                      .group = std::to_string(object)};
      four.push_back(row);
      if (copy == 0) once.push_back(row);
    }
  const ReliabilityBin alone = calibration_figures(labelled_scores(once)).bins.at(0);
  const ReliabilityBin copied = calibration_figures(labelled_scores(four)).bins.at(0);
  EXPECT_EQ(copied.count, 160);
  EXPECT_NEAR(copied.observed.value, alone.observed.value, 1e-12);
  EXPECT_NEAR(copied.observed.low, alone.observed.low, 1e-9);
  EXPECT_NEAR(copied.observed.high, alone.observed.high, 1e-9);
}

TEST(Reliability, SeparableClassesBoundTheSlopeFromBelowOnly) {
  std::vector<std::pair<Label, double>> rows;
  for (int i = 0; i < 20; ++i) rows.emplace_back(i < 10 ? Label::lens : Label::non_lens, i < 10 ? .6 + .01 * i : .1 + .01 * i);
  const CalibrationEstimates figures = calibration_figures(labelled_scores(with_probabilities(rows)));
  EXPECT_TRUE(std::isfinite(figures.slope.value));
  EXPECT_TRUE(std::isinf(figures.slope.high));
}

/// Labels drawn by their log odds; the reported ones are `stretch` times as large, plus `shift`.
LabelledScores finder(double stretch, double shift, std::uint64_t seed) {
  RandomStream random{seed, Purpose::test};
  std::vector<std::pair<Label, double>> rows;
  for (int i = 0; i < 2000; ++i) {
    const double odds = random.normal(-2, 1.5);
    const Label label = random.chance(1 / (1 + std::exp(-odds))) ? Label::lens : Label::non_lens;
    rows.emplace_back(label, 1 / (1 + std::exp(-stretch * odds - shift)));
  }
  return labelled_scores(with_probabilities(rows));
}

TEST(Reliability, KnowsACalibratedFinder) {
  int slope_held = 0;
  int error_held = 0;
  for (std::uint64_t seed = 0; seed < 200; ++seed) {
    const CalibrationEstimates figures = calibration_figures(finder(1, 0, seed));
    slope_held += figures.slope.low < 1 && figures.slope.high > 1;
    error_held += figures.expected_calibration_error.low == 0;
  }
  EXPECT_GE(slope_held, 180);  // 190 expected
  EXPECT_GE(error_held, 190);
}

/// Unit normal scores of non-lenses and of lenses 2 above them, one in six, reported as stretch x their true log odds + shift.
struct Binormal {
  double stretch = 1, shift = 0;

  [[nodiscard]] double reported_odds(double score) const { return stretch * (2 * score - 2 + std::log(1. / 5)) + shift; }

  [[nodiscard]] LabelledScores draw(std::uint64_t seed) const {
    RandomStream random{seed, Purpose::test};
    std::vector<std::pair<Label, double>> rows;
    for (int i = 0; i < 600; ++i) {
      const Label label = i % 6 == 0 ? Label::lens : Label::non_lens;
      rows.emplace_back(label, 1 / (1 + std::exp(-reported_odds(random.normal(label == Label::lens ? 2 : 0, 1)))));
    }
    return labelled_scores(with_probabilities(rows));
  }

  /// The mean size of the excess over bins of unit width in the reported log odds, by midpoints.
  [[nodiscard]] double true_error() const {
    constexpr double step = 1e-3;
    std::map<double, double> excess;
    for (double score = -8 + step / 2; score < 10; score += step) {
      const double lenses = std::exp(-std::pow(score - 2, 2) / 2) / 6, nonlenses = std::exp(-score * score / 2) * 5 / 6;
      const double odds = reported_odds(score), reported = 1 / (1 + std::exp(-odds));
      excess[std::floor(std::clamp(odds, -15.0, 14.5))] +=
          step / std::sqrt(2 * std::numbers::pi) * (lenses - reported * (lenses + nonlenses));
    }
    double sum = 0;
    for (const auto& [edge, value] : excess) sum += std::abs(value);
    return sum;
  }
};

TEST(Reliability, HoldsTheErrorOfMiscalibratedFinders) {
  int held = 0;
  for (const Binormal& law : {Binormal{.7, .5}, Binormal{1, .5}, Binormal{1.3, 0}, Binormal{2, 0}}) {
    const double truth = law.true_error();
    for (std::uint64_t seed = 0; seed < 100; ++seed) {
      const Estimate error = calibration_figures(law.draw(seed)).expected_calibration_error;
      held += error.low <= truth && truth <= error.high;
    }
  }
  EXPECT_GE(held, 372);
  EXPECT_LE(held, 392) << "wider than it need be";
}

TEST(Reliability, KnowsAnOverconfidentFinder) {
  const CalibrationEstimates figures = calibration_figures(finder(2, 1, 3));
  EXPECT_NEAR(figures.slope.value, .5, .1);
  EXPECT_NEAR(figures.intercept.value, -.5, .3);
  EXPECT_GT(figures.expected_calibration_error.low, .02);
}

}  // namespace
}  // namespace lensfind::evaluate
