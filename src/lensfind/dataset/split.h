#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "lensfind/dataset/sample.h"

namespace lensfind::dataset {

/// In which split of an earlier training a sample stood: that of the model with which training begins.
enum class StoodIn { neither, training, validation };

/// Indices of samples in either split, each list ascending.
struct SplitIndices {
  std::vector<std::int64_t> train;
  std::vector<std::int64_t> validation;
};

/// Divides samples into training and validation: stratified by class, never parting a group, the same for the same seed whatever the order
/// of samples.
/// `validation_fraction` of each class's samples, in (0, 1), goes to validation as nearly as groups allow. A class of two groups or more
/// has at least one in either split. A group with both classes counts as lens. Samples without a label go to neither.
/// `before`, where it is not empty, says where each sample stood. A group of which one sample stood in training stays there. Of the others,
/// those that stood in validation fill up the validation split first. Those that stood in neither follow, at most the fraction of them. A
/// class may then have none in validation. Throws Error where the fraction is out of range.
SplitIndices split_by_group(const std::vector<Sample>& samples, double validation_fraction, std::uint64_t seed,
                            std::span<const StoodIn> before = {});

}  // namespace lensfind::dataset
