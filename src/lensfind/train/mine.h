#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

#include "lensfind/base/progress.h"
#include "lensfind/dataset/dataset.h"

namespace lensfind::train {

/// Hard negatives: the `count` samples among `train` that are non-lenses and have the highest logit (or score) in a scores table, the
/// highest first. Ties keep the order of the table. Throws Error where none of the table's ids is a non-lens of the training split.
std::vector<std::int64_t> hardest_nonlenses(const std::filesystem::path& scores, const dataset::Dataset& data,
                                            const std::vector<std::int64_t>& train, std::int64_t count);

/// Hard negatives that are not in the data: images of a pool.
struct MinedImages {
  std::vector<dataset::Sample> samples;  ///< non-lenses, the highest score first
  std::vector<Hash128> any_rotation;     ///< of their pixels, as Dataset has them
  dataset::PixelStore pixels;            ///< theirs, in the shape of the data
  std::string fingerprint;               ///< of ids and pixels
  std::vector<std::string> notes;
};

/// The `count` images of `pool` with the highest logit (or score) in a table of its ids. The pool is anything that load_dataset takes, with
/// `bands` as the model names them, as in scoring. What the pool or the table labels as a lens is passed over. So is an image that is in
/// `data` too, pixel for pixel, flipped or turned: it may be in the validation split. Throws Error where none is left.
MinedImages hardest_of_pool(const std::filesystem::path& scores, const std::filesystem::path& pool, const std::vector<std::string>& bands,
                            const dataset::Dataset& data, std::int64_t count, int threads, Progress& progress, const StopFlag& stop);

}  // namespace lensfind::train
