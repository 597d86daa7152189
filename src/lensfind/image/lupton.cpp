#include "lensfind/image/lupton.h"

#include <algorithm>
#include <cmath>
#include <vector>

#include "lensfind/image/background.h"

namespace lensfind::image {
namespace {

constexpr double linear_part = .1;  // of the brightness: astropy's choice
constexpr double noise_in_stretch = 10;

}  // namespace

double LuptonScale::brightness(double intensity) const {
  return std::asinh(q * intensity / stretch) * linear_part / std::asinh(linear_part * q);
}

Rgb colour_of(const std::array<float, 3>& flux, double shown) {
  const double intensity = (static_cast<double>(flux[0]) + static_cast<double>(flux[1]) + static_cast<double>(flux[2])) / 3;
  if (!(intensity > 0)) return {};
  double factor = shown / intensity;
  const double brightest = factor * static_cast<double>(*std::ranges::max_element(flux));
  if (brightest > 1) factor /= brightest;
  Rgb colour;
  for (std::size_t i = 0; i < colour.size(); ++i)
    colour[i] = static_cast<std::uint8_t>(std::lround(255 * std::clamp(factor * static_cast<double>(flux[i]), 0.0, 1.0)));
  return colour;
}

LuptonScale lupton_scale(ImageView planes) {
  std::vector<float> means(planes.shape.pixels());
  for (std::size_t i = 0; i < means.size(); ++i) means[i] = (planes.band(0)[i] + planes.band(1)[i] + planes.band(2)[i]) / 3;
  const Background sky = background_of(means);
  LuptonScale scale;
  for (int b = 0; b < 3; ++b) scale.minimum[static_cast<std::size_t>(b)] = background_of(planes.band(b)).level - sky.noise;
  scale.stretch = noise_in_stretch * static_cast<double>(sky.noise);
  if (scale.stretch > 0) return scale;
  std::erase_if(means, [](float value) { return !std::isfinite(value); });
  std::ranges::sort(means);
  const float bright = means.empty() ? 0.0F : means[static_cast<std::size_t>(.997 * static_cast<double>(means.size() - 1))] - sky.level;
  scale.stretch = bright > 0 ? static_cast<double>(bright) / 30 : 1;
  return scale;
}

}  // namespace lensfind::image
