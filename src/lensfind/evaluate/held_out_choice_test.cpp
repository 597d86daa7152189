#include "lensfind/evaluate/held_out_choice.h"

#include <gmock/gmock.h>

#include "lensfind/base/error.h"
#include "lensfind/base/random.h"
#include "lensfind/evaluate/curves.h"

namespace lensfind::evaluate {
namespace {

/// 40 lenses and 60 others, in five folds by turns.
struct Samples {
  std::vector<Label> labels;
  std::vector<int> folds;
  Samples() {
    for (int i = 0; i < 100; ++i) {
      labels.push_back(i < 40 ? Label::lens : Label::non_lens);
      folds.push_back(i % 5);
    }
  }
  /// Gaussian logits whose classes lie `apart`.
  [[nodiscard]] std::vector<double> logits(double apart, std::uint64_t seed) const {
    RandomStream random{seed, Purpose::test};
    std::vector<double> out;
    for (const Label label : labels) out.push_back(random.normal() + (label == Label::lens ? apart : 0));
    return out;
  }
};

TEST(HeldOutChoice, TakesWhatIsBestOutsideOfEachFold) {
  const Samples samples;
  // The second candidate is perfect but in fold 2, where it is turned round; the first is fair everywhere.
  std::vector<double> fair = samples.logits(1.5, 1), odd = fair;
  for (std::size_t i = 0; i < odd.size(); ++i) {
    const double right = samples.labels[i] == Label::lens ? 3 : -3;
    odd[i] = samples.folds[i] == 2 ? -right : right + .01 * fair[i];
  }
  const HeldOutChoice choice = choose_held_out({fair, odd}, samples.labels, samples.folds);
  EXPECT_EQ(choice.chosen_without[2], 1U);  // without fold 2 nothing speaks against it
  EXPECT_EQ(choice.chosen_without[0], auc(fair, samples.labels) > .75 ? 0U : 1U);
  // The fold that would have spoken against it pays for it.
  std::vector<double> in_fold;
  std::vector<Label> labels;
  for (std::size_t i = 0; i < odd.size(); ++i) {
    if (samples.folds[i] != 2) continue;
    in_fold.push_back(choice.logits[i]);
    labels.push_back(samples.labels[i]);
  }
  EXPECT_DOUBLE_EQ(auc(in_fold, labels), 0);
}

TEST(HeldOutChoice, AmongNoiseFindsNothing) {
  // Of 60 candidates of pure noise the best on all samples looks good; held out it must not, on average over sets.
  double sum = 0, naive = 0;
  constexpr int sets = 40;
  for (std::uint64_t set = 0; set < sets; ++set) {
    const Samples samples;
    std::vector<std::vector<double>> candidates;
    for (std::uint64_t c = 0; c < 60; ++c) candidates.push_back(samples.logits(0, 1000 * set + c));
    const HeldOutChoice choice = choose_held_out(candidates, samples.labels, samples.folds);
    sum += auc(choice.logits, samples.labels);
    naive += auc(candidates[choice.chosen], samples.labels);
  }
  EXPECT_GT(naive / sets, .6);
  EXPECT_LT(sum / sets, .53);
}

TEST(HeldOutChoice, OfEqualCandidatesTakesTheFirst) {
  const Samples samples;
  const std::vector<double> logits = samples.logits(1, 5);
  EXPECT_EQ(choose_held_out({logits, logits, logits}, samples.labels, samples.folds).chosen, 0U);
}

TEST(HeldOutChoice, LeavesTheLogitsOfOneCandidateAsTheyAre) {
  const Samples samples;
  const std::vector<double> logits = samples.logits(2, 9);
  EXPECT_EQ(choose_held_out({logits}, samples.labels, samples.folds).logits, logits);
}

TEST(HeldOutChoice, BringsDifferentCandidatesToOneScale) {
  // The second candidate is the first times 50, but for fold 0, where it is noise: fold 0 alone chooses it.
  const Samples samples;
  const std::vector<double> fair = samples.logits(2, 9), noise = samples.logits(0, 10);
  std::vector<double> large = fair, small = fair;
  for (std::size_t i = 0; i < fair.size(); ++i) {
    large[i] = 50 * fair[i] + 100 + (samples.labels[i] == Label::lens && samples.folds[i] != 0 ? 20 : 0);
    if (samples.folds[i] == 0) large[i] = 50 * noise[i] + 100;
  }
  const HeldOutChoice choice = choose_held_out({small, large}, samples.labels, samples.folds);
  ASSERT_EQ(choice.chosen_without[0], 1U);
  double highest = 0;
  for (const double logit : choice.logits) highest = std::max(highest, std::abs(logit));
  EXPECT_LT(highest, 25);
}

TEST(HeldOutChoice, RefusesSamplesThatDoNotFit) {
  const Samples samples;
  EXPECT_THROW(choose_held_out({}, samples.labels, samples.folds), Error);
  EXPECT_THROW(choose_held_out({{1, 2}}, samples.labels, samples.folds), Error);
}

}  // namespace
}  // namespace lensfind::evaluate
