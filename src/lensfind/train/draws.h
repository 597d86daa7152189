#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "lensfind/dataset/sample.h"
#include "lensfind/train/recipe.h"

namespace lensfind::train {

/// One cutout of an epoch: a sample, or one of its offline copies.
struct Draw {
  std::int64_t sample = 0;
  int copy = 0;  ///< 0: the sample itself; 1 .. copies: that copy

  bool operator==(const Draw&) const = default;
};

/// The cutouts of an epoch in order, cut into batches.
struct EpochPlan {
  std::vector<Draw> draws;
  std::vector<std::size_t> first;  ///< the place of each batch's first draw, and after the last batch its end

  [[nodiscard]] std::int64_t batches() const { return static_cast<std::int64_t>(first.size()) - 1; }
  [[nodiscard]] std::span<const Draw> batch(std::int64_t i) const;
};

/// Which samples an epoch (from 1) shows. It depends on (seed, epoch) alone. `train` are the training split's samples of both classes
/// (those without a label count as non-lenses), `mined` the hard negatives among them, if any.
/// - Without sampler every sample, and with `copies` each of a lens's copies, comes once in random order.
/// - With `sampler` each batch has lens_fraction of lenses, at least one and not all. The epoch is as long as it takes to show every sample
///   once. The class that is through first begins again, shuffled anew.
/// - Where some were mined, they are mined_fraction of each batch, beside what the rest of the batch shows.
/// A last batch of one cutout is joined to the one before, because batch norm needs two.
EpochPlan plan_epoch(const Recipe& recipe, std::span<const std::int64_t> train, std::span<const std::int64_t> mined,
                     const std::vector<dataset::Sample>& samples, int epoch);

}  // namespace lensfind::train
