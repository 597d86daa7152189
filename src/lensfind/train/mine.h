#pragma once

#include <cstdint>
#include <filesystem>
#include <vector>

#include "lensfind/dataset/dataset.h"

namespace lensfind::train {

/// The `count` samples among `train` that are non-lenses and have the highest logit (or score) in a scores table, the highest first: hard
/// negatives. Ties stand in the order of the table. Throws Error where none of the table's ids is a non-lens of the training side.
std::vector<std::int64_t> hardest_nonlenses(const std::filesystem::path& scores, const Dataset& data,
                                            const std::vector<std::int64_t>& train, std::int64_t count);

}  // namespace lensfind::train
