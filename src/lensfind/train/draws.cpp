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

std::vector<Draw> draws_of(const Recipe& recipe, std::span<const std::int64_t> train, const std::vector<dataset::Sample>& samples,
                           Label label) {
  const int copies = label == Label::lens && recipe.uses(Imbalance::copies) ? recipe.copies : 0;
  std::vector<Draw> draws;
  for (const std::int64_t sample : train) {
    const bool is_lens = samples[static_cast<std::size_t>(sample)].label == Label::lens;
    if (is_lens != (label == Label::lens)) continue;
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

/// What fills a fixed number of each batch's places.
struct Share {
  std::vector<Draw> draws;
  std::size_t places;
  bool all_once;  ///< the epoch lasts until each of them was shown
};

std::size_t batches_for(const std::vector<Share>& fractions) {
  std::size_t batches = 0;
  for (const Share& fraction : fractions) {
    if (fraction.all_once) batches = std::max(batches, (fraction.draws.size() + fraction.places - 1) / fraction.places);
  }
  return batches;
}

EpochPlan in_fractions(std::vector<Share> fractions, std::size_t batch, RandomStream& random) {
  const std::size_t batches = batches_for(fractions);
  std::vector<Dealer> dealers;
  for (Share& fraction : fractions) dealers.emplace_back(std::move(fraction.draws), random);
  std::vector<Draw> draws;
  for (std::size_t b = 0; b < batches; ++b) {
    std::vector<Draw> one;
    for (std::size_t s = 0; s < fractions.size(); ++s) {
      for (std::size_t i = 0; i < fractions[s].places; ++i) one.push_back(dealers[s].next());
    }
    shuffle(one, random);
    draws.insert(draws.end(), one.begin(), one.end());
  }
  return in_batches(std::move(draws), batch);
}

/// Places of a fraction of the batch: at least one, and at most all but `others`.
std::size_t places(double fraction, std::size_t batch, std::size_t others) {
  return std::clamp<std::size_t>(static_cast<std::size_t>(std::lround(fraction * static_cast<double>(batch))), 1, batch - others);
}

}  // namespace

std::span<const Draw> EpochPlan::batch(std::int64_t i) const {
  const auto at = static_cast<std::size_t>(i);
  return std::span{draws}.subspan(first[at], first[at + 1] - first[at]);
}

EpochPlan plan_epoch(const Recipe& recipe, std::span<const std::int64_t> train, std::span<const std::int64_t> mined,
                     const std::vector<dataset::Sample>& samples, int epoch) {
  RandomStream random{static_cast<std::uint64_t>(recipe.seed), Purpose::order, static_cast<std::uint64_t>(epoch)};
  const auto batch = static_cast<std::size_t>(recipe.batch);
  std::vector<Draw> lenses = draws_of(recipe, train, samples, Label::lens);
  std::vector<Draw> others = draws_of(recipe, train, samples, Label::non_lens);
  std::vector<Share> fractions;
  std::size_t left = batch;
  if (!mined.empty()) {
    fractions.push_back({draws_of(recipe, mined, samples, Label::non_lens), places(recipe.mined_fraction, batch, 2), false});
    left -= fractions.back().places;
  }
  if (recipe.uses(Imbalance::sampler)) {
    const std::size_t lens_places = std::min(places(recipe.lens_fraction, batch, 1), left - 1);
    fractions.push_back({std::move(lenses), lens_places, true});
    fractions.push_back({std::move(others), left - lens_places, true});
    return in_fractions(std::move(fractions), batch, random);
  }
  lenses.insert(lenses.end(), others.begin(), others.end());
  if (!fractions.empty()) {
    fractions.push_back({std::move(lenses), left, true});
    return in_fractions(std::move(fractions), batch, random);
  }
  shuffle(lenses, random);
  return in_batches(std::move(lenses), batch);
}

}  // namespace lensfind::train
