#pragma once

#include <cstdint>
#include <vector>

#include "lensfind/dataset/sample.h"

namespace lensfind::dataset {

/// Divides labelled samples into parts for cross-validation: stratified by class, never parting a group, the same for the same seed
/// whatever the order of samples. Returns the fold of each sample, 0 to folds - 1; -1 without a label. A group with both classes counts as
/// lens. In each class the folds' numbers of samples differ by at most the size of its largest group. Throws Error where `folds` is under
/// 2, or a class has fewer groups than folds.
std::vector<int> folds_by_group(const std::vector<Sample>& samples, int folds, std::uint64_t seed);

}  // namespace lensfind::dataset
