#pragma once

#include <optional>
#include <span>
#include <string>
#include <vector>

#include "lensfind/base/fields.h"
#include "lensfind/image/image.h"
#include "lensfind/network/quality.h"

namespace lensfind::network {

/// What is done to raw pixels before the first layer, in this order; all of it runs inside the ONNX file.
struct Preprocessing {
  /// minmax: each band of each cutout to [0, 1] (a constant band to 0). noise: each band divided by 30 times its scatter from pixel to
  /// pixel (pixel_scatter), in whatever unit it is, so that what counts is how far a pixel stands out of the noise.
  enum class Scaling { none, minmax, noise };
  enum class Stretch { none, sqrt, asinh };  ///< sqrt: sign(x) sqrt(|x|); asinh: asinh(10 x) / asinh(10)
  friend constexpr auto enum_names(Scaling) {
    return names_of<Scaling>({{Scaling::none, "none"}, {Scaling::minmax, "minmax"}, {Scaling::noise, "noise"}});
  }
  friend constexpr auto enum_names(Stretch) {
    return names_of<Stretch>({{Stretch::none, "none"}, {Stretch::sqrt, "sqrt"}, {Stretch::asinh, "asinh"}});
  }
  Scaling scaling = Scaling::none;
  Stretch stretch = Stretch::none;
  std::vector<double> mean;     ///< a value a band, subtracted; empty: 0
  std::vector<double> std_dev;  ///< a value a band, divided by; empty: 1
  /// Of a network that is told the image quality (film.h): how that is standardised. None: it takes pixels alone. model.json has it apart.
  std::optional<QualityScale> quality = {};

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
void preprocess(const Preprocessing& steps, image::MutableImageView image);

/// The scatter of a band's noise, by the differences d of pixels side by side and one above the other that are not 0 (pixels are alike
/// where they were filled): (mean |d|^(1/4))^4, which of white Gaussian noise of standard deviation s is s sqrt(2) (2^(1/8) Gamma(5/8) /
/// sqrt(pi))^4, divided by that factor. Galaxies raise it little: the power counts a pixel of ten times the scatter as 1.8. Correlated
/// noise lowers it. At least a 10,000th of the brightest pixel.
float pixel_scatter(std::span<const float> band, int height, int width);

/// Min-max scaling divides by at least this, so that a constant band becomes 0 and not 0 / 0.
constexpr float min_range = 1e-30F;

/// Scaling by noise makes this many times the scatter 1; asinh then turns from linear to logarithmic at three times the scatter.
constexpr float scatters_to_one = 30;
/// (mean |d|^(1/4))^4 of the differences of white Gaussian noise of standard deviation 1: sqrt(2) 0.88259217^4.
constexpr float scatter_of_differences = 0.8581343F;
/// The least scatter, of the brightest pixel: of images without noise.
constexpr float least_scatter = 1e-4F;

/// The factor before asinh: it turns from linear to logarithmic at a tenth of the range.
constexpr float asinh_factor = 10;

}  // namespace lensfind::network
