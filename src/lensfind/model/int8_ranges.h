#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "lensfind/base/fields.h"

namespace lensfind::model {

/// What goes into a layer lies between `low` and `high` when the network is computed in int8; what lies beyond is cut off.
struct LayerRange {
  std::string layer;  ///< its name in model.onnx
  double low = 0;     ///< at most 0; 0 where nothing negative comes in
  double high = 0;    ///< above 0

  bool operator==(const LayerRange&) const = default;

  static void describe(auto& field) {
    field(&LayerRange::layer, "layer", any(), "its name in model.onnx");
    field(&LayerRange::low, "low", Range{.max = 0}, "smallest number that goes into it");
    field(&LayerRange::high, "high", positive(), "largest number that goes into it");
  }
};

/// The ranges of a network's layers, as measured on cutouts (score/int8_ranges.h).
struct Int8Ranges {
  std::int64_t cutouts = 0;  ///< on how many they were measured
  std::string weights;       ///< hash of the numbers of the network with which they were measured; another's are not taken
  std::vector<LayerRange> layers;

  bool operator==(const Int8Ranges&) const = default;

  static void describe(auto& field) {
    field(&Int8Ranges::cutouts, "cutouts", at_least(1), "on how many cutouts they were measured");
    field(&Int8Ranges::weights, "weights", any(), "hash of the network's weights with which they were measured");
    field(&Int8Ranges::layers, "layers", any(), "in the order in which they are computed");
  }
};

}  // namespace lensfind::model
