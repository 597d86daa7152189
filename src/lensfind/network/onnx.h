#pragma once

#include <string>
#include <vector>

#include "lensfind/network/graph.h"
#include "lensfind/network/weights.h"

namespace lensfind::network {

/// What is done to raw pixels before the first layer, in this order; all of it runs inside the ONNX file.
struct Preprocessing {
  enum class Scaling { none, minmax };       ///< minmax: each band of each cutout to [0, 1] (a constant band to 0)
  enum class Stretch { none, sqrt, asinh };  ///< sqrt: sign(x) sqrt(|x|); asinh: asinh(10 x) / asinh(10)
  Scaling scaling = Scaling::none;
  Stretch stretch = Stretch::none;
  std::vector<double> mean;       ///< a value a band, subtracted; empty: 0
  std::vector<double> deviation;  ///< a value a band, divided by; empty: 1
};

/// The same on the CPU: (bands, height, width) in place. Training uses this; the ONNX file must agree to float rounding.
void preprocess(const Preprocessing& steps, int bands, std::size_t pixels_per_band, float* values);

/// An ONNX model (opset 17, IR 8): input "cutouts" (n, bands, size, size) raw float32 pixels, output "logits" (n, outputs), batch size
/// free. Passes onnx's checker. `weights` must fit `graph` (check_weights). `metadata` goes into metadata_props.
std::string to_onnx(const Graph& graph, const Weights& weights, const Preprocessing& steps,
                    const std::vector<std::pair<std::string, std::string>>& metadata = {});

}  // namespace lensfind::network
