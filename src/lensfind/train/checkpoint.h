#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

#include "lensfind/base/value.h"
#include "lensfind/network/weights.h"
#include "lensfind/train/train.h"

namespace lensfind::train {

/// Where a run stands between two batches, and all that is needed to go on to the same end. Random numbers need no state: they hang on the
/// recipe's seed, the epoch and the position.
struct Checkpoint {
  int epoch = 1;           ///< under way, from 1
  std::int64_t batch = 0;  ///< next one of this epoch
  std::int64_t steps = 0;  ///< of the whole run
  double loss_sum = 0;     ///< of this epoch, over its images
  std::int64_t images = 0;
  double seconds = 0;
  std::vector<model::EpochRecord> history;
  std::string fingerprint;  ///< of the data
  Value recipe;
  int threads = 0;
  network::Weights arrays;  ///< Trainer::state()
  int kept_epoch = 0;       ///< 0: none yet
  network::Weights kept;    ///< its weights
};

/// Writes RUN/checkpoint: two files of arrays, then state.json that names them; only when that stands under its name do the older arrays
/// go. Killed at any moment, the folder holds this state or the one before.
void write_checkpoint(const std::filesystem::path& folder, const Checkpoint& state);

/// Whether there is one.
bool has_checkpoint(const std::filesystem::path& folder);
/// Throws Error naming the file where it is damaged, or no checkpoint of this program.
Checkpoint read_checkpoint(const std::filesystem::path& folder);

/// What a run's checkpoint must agree with.
struct RunFacts {
  const Recipe& recipe;
  std::int64_t batches_an_epoch = 0;
  const network::Weights& arrays;  ///< of the same names and shapes as the checkpoint's must have
  const network::Weights& kept;    ///< as those of the kept epoch must have
};

/// Throws Error where arrays of a checkpoint in `folder` lack one of those wanted, have more, or differ in shape, or hold numbers that are
/// not finite.
void check_arrays(const network::Weights& have, const network::Weights& wanted, const std::filesystem::path& folder);

/// Throws Error where a checkpoint's counters contradict each other, its history or the recipe, or its arrays are another network's:
/// going on from it would end elsewhere than the unbroken run.
void check_checkpoint(const Checkpoint& state, const RunFacts& run, const std::filesystem::path& folder);

}  // namespace lensfind::train
