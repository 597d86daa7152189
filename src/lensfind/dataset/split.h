#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "lensfind/dataset/sample.h"

namespace lensfind {

/// On which side of an earlier split a sample stood: of the model with which training begins.
enum class StoodIn { neither, training, validation };

/// Indices of samples on either side of a split, each list ascending.
struct SplitIndices {
  std::vector<std::int64_t> train;
  std::vector<std::int64_t> validation;
};

/// Parts samples into training and validation: stratified by class, never parting a group, the same for the same seed whatever the order of
/// samples. `validation_fraction` of each class's samples, in (0, 1), goes to validation as nearly as groups allow; a class of two groups
/// or more has at least one on either side. A group with both classes counts as lens. Samples without a label go to neither side.
/// `before` says, where it is not empty, where each sample stood: a group of which one stood in training stays there. Of the others, those
/// that stood in validation fill up the validation side first, and then at most the fraction of those that stood in neither. A class may
/// then have none in validation. Throws Error where the fraction is out of range.
SplitIndices split_by_group(const std::vector<Sample>& samples, double validation_fraction, std::uint64_t seed,
                            std::span<const StoodIn> before = {});

}  // namespace lensfind
