#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "lensfind/train/batches.h"
#include "lensfind/train/train.h"

namespace lensfind::train {

/// The batches that train() would train on, for somebody else's loop: the same split, draws, augmentation and preprocessing.
class BatchFeed {
 public:
  virtual ~BatchFeed() = default;
  [[nodiscard]] virtual const std::vector<std::string>& band_names() const = 0;
  [[nodiscard]] virtual const dataset::Dataset& data() const = 0;
  /// Samples of the training side, and those held out, ascending.
  [[nodiscard]] virtual const std::vector<std::int64_t>& training() const = 0;
  [[nodiscard]] virtual const std::vector<std::int64_t>& validation() const = 0;
  /// Begins an epoch (from 1), from its first batch on; says how many batches it has. What an epoch holds depends on (seed, epoch) alone.
  virtual std::int64_t begin(int epoch) = 0;
  /// The next batch of the epoch that was begun. From one thread at a time, at most as often as begin() said.
  virtual TrainBatch next() = 0;
  /// Samples without augmentation, preprocessed.
  [[nodiscard]] virtual TrainBatch plain(std::span<const std::int64_t> samples) const = 0;
};

/// Loads and checks data as train() does; `options.out` is not used. Throws Error for what is at fault, and Stopped.
std::unique_ptr<BatchFeed> open_batch_feed(const TrainOptions& options, Progress& progress = no_progress(),
                                           const StopFlag& stop = never_stop());

}  // namespace lensfind::train
