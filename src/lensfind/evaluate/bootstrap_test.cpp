#include "lensfind/evaluate/bootstrap.h"

#include <cmath>
#include <numeric>

#include <gtest/gtest.h>

#include "lensfind/base/random.h"
#include "lensfind/evaluate/curves.h"

namespace lensfind::evaluate {
namespace {

Scores rounded_binormal(std::int64_t lenses, std::int64_t nonlenses, std::uint64_t seed) {
  RandomStream random{seed, Purpose::test};
  Scores scores;
  for (std::int64_t i = 0; i < lenses + nonlenses; ++i)
    scores.push_back({.id = std::to_string(i),
                      .label = i < lenses ? Label::lens : Label::non_lens,
                      .logit = std::round(10 * random.normal(i < lenses ? 1.5 : 0, 1)) / 10});
  return scores;
}

TEST(Bootstrap, UnitWeightsGiveTheAveragePrecisionItself) {
  const LabelledScores scores = labelled_scores(rounded_binormal(40, 700, 1));
  const std::vector<std::uint16_t> ones(scores.size(), 1);
  const LensSteps steps{scores};
  EXPECT_NEAR(steps.average_precision(steps.counts(ones)), average_precision(scores.logits, scores.labels), 1e-12);
}

TEST(Bootstrap, WeightsActAsRepeatedRows) {
  const Scores table = rounded_binormal(30, 400, 2);
  const LabelledScores scores = labelled_scores(table);
  RandomStream random{3, Purpose::test};
  std::vector<std::uint16_t> weights(scores.size());
  // As many draws of each class as it has rows, so that the balance of the classes stays.
  for (const Label label : {Label::lens, Label::non_lens}) {
    std::vector<std::size_t> rows;
    for (std::size_t i = 0; i < scores.size(); ++i)
      if (scores.labels[i] == label) rows.push_back(i);
    for (std::size_t i = 0; i < rows.size(); ++i) ++weights[rows[random.below(rows.size())]];
  }
  std::vector<double> logits;
  std::vector<Label> labels;
  for (std::size_t i = 0; i < scores.size(); ++i) {
    logits.insert(logits.end(), weights[i], scores.logits[i]);
    labels.insert(labels.end(), weights[i], scores.labels[i]);
  }
  const LensSteps steps{scores};
  const std::vector<WeightedStep> counts = steps.counts(weights);
  EXPECT_NEAR(steps.average_precision(counts), average_precision(logits, labels), 1e-12);
  const std::vector<CurveStep> curve = curve_steps(logits, labels);
  for (const double rate : {0.0, .01, .1, 1.0}) {
    const auto step = step_of_false_positives(curve, allowed_false_positives(scores.nonlenses, rate));
    const auto found = step ? curve[*step].true_positives : 0;
    EXPECT_NEAR(LensSteps::tpr(counts, rate), static_cast<double>(found) / static_cast<double>(scores.lenses), 1e-12) << rate;
  }
}

TEST(Bootstrap, AveragePrecisionKeepsTheTablesShareOfLenses) {
  const LabelledScores scores = labelled_scores(rounded_binormal(40, 700, 1));
  std::vector<std::uint16_t> weights;
  for (const Label label : scores.labels) weights.push_back(label == Label::lens ? 3 : 1);
  const LensSteps steps{scores};
  EXPECT_NEAR(steps.average_precision(steps.counts(weights)), average_precision(scores.logits, scores.labels), 1e-12);
}

TEST(Bootstrap, DrawsEveryRowOnceOnAverage) {
  for (const std::int64_t lenses : {50, 5000}) {  // drawn one by one, and as Poisson numbers
    const LabelledScores scores = labelled_scores(rounded_binormal(lenses, 3000, 4));
    const auto moments = [&s = scores](std::size_t, RowWeights weights) {
      double sum = 0;
      double squares = 0;
      for (std::size_t i = 0; i < s.size(); ++i) {
        if (s.labels[i] != Label::lens) continue;
        sum += weights[i];
        squares += weights[i] * weights[i];
      }
      return std::vector<double>{sum / static_cast<double>(s.lenses), squares / static_cast<double>(s.lenses)};
    };
    const auto draws = paired_bootstrap({&scores, 1}, 200, 7, moments, no_progress());
    double mean = 0;
    double square = 0;
    for (const auto& draw : draws) mean += draw[0] / 200, square += draw[1] / 200;
    EXPECT_NEAR(mean, 1, .01);
    EXPECT_NEAR(square, 2 - 1.0 / static_cast<double>(lenses), .05);  // a Poisson number of mean 1, or a binomial one of n draws
  }
}

TEST(Bootstrap, KeepsGroupsTogetherAndPairsModels) {
  Scores table = rounded_binormal(20, 200, 5);
  for (std::size_t i = 0; i < table.size(); ++i) table[i].group = (i < 20 ? "l" : "n") + std::to_string(i / 4);
  const std::vector<LabelledScores> models(2, labelled_scores(table));
  const auto check = [&](std::size_t model, RowWeights weights) {
    const LabelledScores& s = models[model];
    std::vector<std::uint16_t> seen(static_cast<std::size_t>(s.group_count));
    bool together = true;
    std::vector<bool> known(seen.size());
    for (std::size_t i = 0; i < s.size(); ++i) {
      const auto g = static_cast<std::size_t>(s.groups[i]);
      together = together && (!known[g] || seen[g] == weights[i]);
      known[g] = true;
      seen[g] = weights[i];
    }
    return std::vector<double>{together ? 1.0 : 0.0, static_cast<double>(std::accumulate(seen.begin(), seen.end(), 0)),
                               static_cast<double>(seen[0])};
  };
  for (const auto& draw : paired_bootstrap(models, 50, 1, check, no_progress())) {
    EXPECT_EQ(draw[0], 1);
    EXPECT_EQ(draw[1], 55);  // 5 groups of lenses and 50 of non-lenses
    EXPECT_EQ(draw[2], draw[5]);
  }
}

}  // namespace
}  // namespace lensfind::evaluate
