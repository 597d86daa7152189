#include "lensfind/train/draws.h"

#include <algorithm>
#include <cmath>

#include "lensfind/base/random.h"

namespace lensfind::train {
namespace {

/// Deals the items of a list in random order, again and again, each round shuffled anew.
class Dealer {
 public:
  Dealer(std::vector<Draw> items, RandomStream& random) : items_{std::move(items)}, random_{random} { shuffle(items_, random_); }

  Draw next() {
    if (dealt_ == items_.size()) {
      shuffle(items_, random_);
      dealt_ = 0;
    }
    return items_[dealt_++];
  }
  [[nodiscard]] std::size_t size() const { return items_.size(); }

 private:
  std::vector<Draw> items_;
  RandomStream& random_;
  std::size_t dealt_ = 0;
};

std::vector<Draw> draws_of(const Recipe& recipe, std::span<const std::int64_t> train, const std::vector<Sample>& samples, Label label) {
  const int copies = label == Label::lens && recipe.uses(Imbalance::copies) ? recipe.copies : 0;
  std::vector<Draw> draws;
  for (const std::int64_t sample : train) {
    if (samples[static_cast<std::size_t>(sample)].label != label) continue;
    for (int copy = 0; copy <= copies; ++copy) draws.push_back({sample, copy});
  }
  return draws;
}

EpochPlan in_batches(std::vector<Draw> draws, std::size_t batch) {
  EpochPlan plan{std::move(draws), {}};
  for (std::size_t at = 0; at < plan.draws.size(); at += batch) plan.first.push_back(at);
  const bool one_alone = plan.first.size() > 1 && plan.draws.size() - plan.first.back() == 1;
  if (one_alone) plan.first.pop_back();
  plan.first.push_back(plan.draws.size());
  return plan;
}

EpochPlan with_share(const Recipe& recipe, std::vector<Draw> lenses, std::vector<Draw> others, RandomStream& random) {
  const auto batch = static_cast<std::size_t>(recipe.batch);
  const auto wanted = static_cast<std::size_t>(std::lround(recipe.lens_share * recipe.batch));
  const std::size_t share = std::clamp<std::size_t>(wanted, 1, batch - 1);
  const std::size_t rest = batch - share;
  const std::size_t batches = std::max((lenses.size() + share - 1) / share, (others.size() + rest - 1) / rest);
  Dealer lens_dealer{std::move(lenses), random}, other_dealer{std::move(others), random};
  std::vector<Draw> draws;
  for (std::size_t b = 0; b < batches; ++b) {
    std::vector<Draw> one;
    for (std::size_t i = 0; i < share; ++i) one.push_back(lens_dealer.next());
    for (std::size_t i = 0; i < rest; ++i) one.push_back(other_dealer.next());
    shuffle(one, random);
    draws.insert(draws.end(), one.begin(), one.end());
  }
  return in_batches(std::move(draws), batch);
}

}  // namespace

std::span<const Draw> EpochPlan::batch(std::int64_t i) const {
  const auto at = static_cast<std::size_t>(i);
  return std::span{draws}.subspan(first[at], first[at + 1] - first[at]);
}

EpochPlan plan_epoch(const Recipe& recipe, std::span<const std::int64_t> train, const std::vector<Sample>& samples, int epoch) {
  RandomStream random{static_cast<std::uint64_t>(recipe.seed), Purpose::order, static_cast<std::uint64_t>(epoch)};
  std::vector<Draw> lenses = draws_of(recipe, train, samples, Label::lens);
  std::vector<Draw> others = draws_of(recipe, train, samples, Label::non_lens);
  if (recipe.uses(Imbalance::sampler)) return with_share(recipe, std::move(lenses), std::move(others), random);
  lenses.insert(lenses.end(), others.begin(), others.end());
  shuffle(lenses, random);
  return in_batches(std::move(lenses), static_cast<std::size_t>(recipe.batch));
}

}  // namespace lensfind::train
