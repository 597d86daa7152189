#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "lensfind/base/fields.h"

namespace lensfind::network {

/// What is done to raw pixels before the first layer, in this order; all of it runs inside the ONNX file.
struct Preprocessing {
  enum class Scaling { none, minmax };       ///< minmax: each band of each cutout to [0, 1] (a constant band to 0)
  enum class Stretch { none, sqrt, asinh };  ///< sqrt: sign(x) sqrt(|x|); asinh: asinh(10 x) / asinh(10)
  friend constexpr auto enum_names(Scaling) { return names_of<Scaling>({{Scaling::none, "none"}, {Scaling::minmax, "minmax"}}); }
  friend constexpr auto enum_names(Stretch) {
    return names_of<Stretch>({{Stretch::none, "none"}, {Stretch::sqrt, "sqrt"}, {Stretch::asinh, "asinh"}});
  }
  Scaling scaling = Scaling::none;
  Stretch stretch = Stretch::none;
  std::vector<double> mean;     ///< a value a band, subtracted; empty: 0
  std::vector<double> std_dev;  ///< a value a band, divided by; empty: 1

  static void describe(auto& field) {
    field(&Preprocessing::scaling, "scaling", any(), "of each band of each cutout, first");
    field(&Preprocessing::stretch, "stretch", any(), "of each pixel, after scaling");
    field(&Preprocessing::mean, "mean", any(), "a value a band, subtracted after the stretch; empty: 0");
    field(&Preprocessing::std_dev, "std", positive(), "a value a band, divided by at last; empty: 1", "deviation");
  }
};

/// Throws Error where mean or standard deviation is neither empty nor of one value a band, or a standard deviation is not positive.
/// `origin` stands before the message.
void check_preprocessing(const Preprocessing& steps, int bands, const std::string& origin);

/// The same on the CPU: (bands, height, width) in place. Training uses this; the ONNX file must agree to float rounding.
void preprocess(const Preprocessing& steps, int bands, std::size_t pixels_per_band, float* values);

/// Min-max scaling divides by at least this, so that a constant band becomes 0 and not 0 / 0.
constexpr float min_range = 1e-30F;

/// The factor before asinh: it turns from linear to logarithmic at a tenth of the range.
constexpr float asinh_factor = 10;

}  // namespace lensfind::network
