#pragma once

#include <cstdint>
#include <span>

#include "lensfind/base/namespace.h"

namespace lensfind::base {

/// Processes that share one work: those that `mpirun` or `srun` started together. Each knows its rank, and they count and add together.
class Ranks {
 public:
  virtual ~Ranks() = default;
  [[nodiscard]] virtual int rank() const = 0;   ///< from 0
  [[nodiscard]] virtual int count() const = 0;  ///< how many there are
  /// 0, 1, 2, ...: each number goes to one rank only. From one thread at a time.
  virtual std::int64_t take() = 0;
  /// Returns when all ranks have come here.
  virtual void wait_for_all() = 0;
  /// Puts the sums over all ranks in place of the values, the same numbers in every rank. All ranks call it with as many values.
  virtual void sum(std::span<float> values) = 0;
};

/// Whether this process is the one that writes: the first rank, or the only process.
inline bool is_first(const Ranks* ranks) { return ranks == nullptr || ranks->rank() == 0; }

}  // namespace lensfind::base
