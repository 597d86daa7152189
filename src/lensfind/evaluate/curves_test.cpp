#include "lensfind/evaluate/curves.h"

#include <cmath>

#include <gtest/gtest.h>

#include "lensfind/base/random.h"

namespace lensfind::evaluate {
namespace {

constexpr Label of_lens = Label::lens, of_other = Label::non_lens, of_unknown = Label::unknown;

TEST(Curves, PutTiesInOneStepAndLeaveUnknownOut) {
  const std::vector<double> logits{.9, .5, .5, .1, .7};
  const std::vector<Label> labels{of_lens, of_other, of_lens, of_other, of_unknown};
  const auto steps = curve_steps(logits, labels);
  ASSERT_EQ(steps.size(), 3u);
  EXPECT_EQ(steps[1].threshold, .5);
  EXPECT_EQ(steps[1].true_positives, 2);
  EXPECT_EQ(steps[1].false_positives, 1);
}

TEST(Curves, AucCountsTiesHalf) {
  // By hand: pairs (.9 beats both), (.5 ties one, beats one): 3.5 of 4.
  EXPECT_EQ(auc(std::vector<double>{.9, .5, .5, .1}, std::vector<Label>{of_lens, of_other, of_lens, of_other}), 3.5 / 4);
  EXPECT_EQ(auc(std::vector<double>{1, 1, 1}, std::vector<Label>{of_lens, of_other, of_other}), .5);
  EXPECT_TRUE(std::isnan(auc(std::vector<double>{1, 2}, std::vector<Label>{of_lens, of_lens})));
}

TEST(Curves, AveragePrecisionAddsPrecisionTimesRecallStep) {
  // By hand: 1/2 x 1 (the first lens) + 1/2 x 2/3 (the second comes with one non-lens).
  EXPECT_DOUBLE_EQ(average_precision(std::vector<double>{.9, .5, .5, .1}, std::vector<Label>{of_lens, of_other, of_lens, of_other}),
                   .5 + .5 * 2 / 3);
}

TEST(Curves, ThinningKeepsEndsAndReportedPoints) {
  RandomStream random{1, Purpose::test};
  std::vector<double> logits(100000);
  std::vector<Label> labels(logits.size());
  for (std::size_t i = 0; i < logits.size(); ++i) {
    labels[i] = i % 100 == 0 ? of_lens : of_other;
    logits[i] = random.normal() + (labels[i] == of_lens ? 2 : 0);
  }
  const auto steps = curve_steps(logits, labels);
  const std::vector<std::size_t> keep{17, 54321};
  const auto kept = thinned_steps(steps, keep, 2000);
  EXPECT_LE(kept.size(), 2000u);
  EXPECT_GE(kept.size(), 1000u);
  EXPECT_EQ(kept.front(), 0u);
  EXPECT_EQ(kept.back(), steps.size() - 1);
  for (const std::size_t index : keep) EXPECT_TRUE(std::binary_search(kept.begin(), kept.end(), index));
  double max_missed = 0;  // the thinned curve, drawn with straight lines, nowhere leaves the whole one by more than half a percent
  for (std::size_t i = 1; i < kept.size(); ++i)
    max_missed = std::max(max_missed, static_cast<double>(steps[kept[i]].true_positives - steps[kept[i - 1]].true_positives) / 1000);
  EXPECT_LT(max_missed, .005);
}

}  // namespace
}  // namespace lensfind::evaluate
