#include "lensfind/inject/hosts.h"

#include <algorithm>
#include <cmath>
#include <numeric>

#include <fmt/format.h>

#include "lensfind/base/error.h"
#include "lensfind/base/random.h"

namespace lensfind::inject {
namespace {

std::int64_t any(std::int64_t count) { return count > 0 ? 1 : 0; }

/// How many hosts a split with so many lenses has at least: one, and a few where there are enough, as not every galaxy can be a lens.
std::int64_t fewest(std::int64_t hosts, std::int64_t lenses) {
  constexpr std::int64_t few = 3;
  return std::max(any(lenses), std::min({few, lenses, hosts / 2}));
}

/// How many of the lenses' hosts serve the training split: in proportion, but not too few for either.
std::int64_t for_training(std::int64_t hosts, const HostNeeds& needs) {
  const auto all = static_cast<double>(std::max<std::int64_t>(needs.lenses + needs.test_lenses, 1));
  const std::int64_t fraction = std::llround(static_cast<double>(hosts) * static_cast<double>(needs.lenses) / all);
  return std::clamp(fraction, fewest(hosts, needs.lenses), hosts - fewest(hosts, needs.test_lenses));
}

}  // namespace

std::int64_t HostNeeds::min() const { return nonlenses + test_nonlenses + any(lenses) + any(test_lenses); }

HostDivision::HostDivision(std::int64_t hosts, const HostNeeds& needs, std::uint64_t seed, const std::string& named) {
  if (hosts < needs.min()) {
    throw Error{fmt::format("{} are too few: {} are needed, one for each of {} non-lenses and others for the lenses of either split", named,
                            needs.min(), needs.nonlenses + needs.test_nonlenses),
                "give more, or ask for fewer non-lenses: no galaxy may stand in both splits, nor as a lens and bare"};
  }
  std::vector<std::int64_t> all(static_cast<std::size_t>(hosts));
  std::iota(all.begin(), all.end(), 0);
  RandomStream random{seed, Purpose::split};
  shuffle(all, random);
  auto next = all.begin();
  const auto take = [&](std::int64_t count, std::vector<std::int64_t>& into) {
    into.assign(next, next + count);
    next += count;
    std::ranges::sort(into);
  };
  take(needs.nonlenses, train_nonlenses_);
  take(needs.test_nonlenses, test_nonlenses_);
  const auto left = static_cast<std::int64_t>(all.end() - next);
  if (needs.lenses + needs.test_lenses == 0) return;
  take(for_training(left, needs), train_lenses_);
  take(static_cast<std::int64_t>(all.end() - next), test_lenses_);
}

const std::vector<std::int64_t>& HostDivision::of(simulate::Split split, bool lens) const {
  if (split == simulate::Split::train) return lens ? train_lenses_ : train_nonlenses_;
  return lens ? test_lenses_ : test_nonlenses_;
}

}  // namespace lensfind::inject
