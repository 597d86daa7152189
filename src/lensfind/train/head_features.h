#pragma once

#include <cstddef>
#include <vector>

#include "lensfind/train/fine_tune.h"

namespace lensfind::train {

/// What the last layer of a network takes, of samples.
struct HeadFeatures {
  std::size_t columns = 0;     ///< inputs of that layer
  std::vector<double> values;  ///< (samples, columns), row by row
};

/// Features of samples in evaluation mode and float32: means over the first `views` of the eight symmetries of the square
/// (image::apply_d4), 1 to 8. Throws Error where the network does not end with a linear layer.
HeadFeatures head_features(const TrainedNetwork& network, const ChosenSamples& of, int views, int threads);

}  // namespace lensfind::train
