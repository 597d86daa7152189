#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "lensfind/simulate/simulate.h"

namespace lensfind::inject {

/// How many cutouts of each split and class a painted set shall hold.
struct HostNeeds {
  std::int64_t lenses = 0, nonlenses = 0, test_lenses = 0, test_nonlenses = 0;

  /// The fewest real cutouts that suffice: one for each non-lens, which is a cutout as it is, and one for the lenses of each split, which
  /// share theirs.
  [[nodiscard]] std::int64_t min() const;
};

/// Which real cutouts serve each split and class of a painted set. None serves two, so no galaxy stands in both splits, and none as a lens
/// and bare.
class HostDivision {
 public:
  /// Divides `hosts` cutouts, shuffled by the seed. Non-lenses take one each. All others are for lenses, in proportion to the lenses of
  /// both splits, but at least three for each split where there are as many. Throws Error where there are fewer than needs.min(), and says
  /// how many are needed. `named` says what there is.
  HostDivision(std::int64_t hosts, const HostNeeds& needs, std::uint64_t seed, const std::string& named = "the real cutouts");

  /// Indices of cutouts.
  [[nodiscard]] const std::vector<std::int64_t>& of(simulate::Split split, bool lens) const;

 private:
  std::vector<std::int64_t> train_lenses_, train_nonlenses_, test_lenses_, test_nonlenses_;
};

}  // namespace lensfind::inject
