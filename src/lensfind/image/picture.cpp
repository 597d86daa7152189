#include "lensfind/image/picture.h"

#include <algorithm>
#include <cmath>

#include <fmt/format.h>

#include "lensfind/base/error.h"
#include "lensfind/image/background.h"
#include "lensfind/image/lupton.h"

namespace lensfind::image {
namespace {

/// The value that `percent` of the sorted values do not exceed (the nearest one).
float percentile(const std::vector<float>& sorted, double percent) {
  return sorted[static_cast<std::size_t>(std::lround(percent / 100 * static_cast<double>(sorted.size() - 1)))];
}

/// A band with its sky at 0 and its white level at 1.
std::vector<float> levelled(std::span<const float> band, const PictureOptions& options) {
  std::vector<float> finite;
  std::ranges::copy_if(band, std::back_inserter(finite), [](float value) { return std::isfinite(value); });
  std::vector<float> out(band.size(), 0.0F);
  if (finite.empty()) return out;
  std::ranges::sort(finite);
  const float black = percentile(finite, options.black_percentile);
  float white = percentile(finite, options.white_percentile);
  // The noise, from the half of the pixels below the median: objects lie above it.
  const float noise = percentile(finite, 50) - percentile(finite, 16);
  white = std::max(white, black + static_cast<float>(options.min_contrast) * noise);
  if (!(white > black)) white = finite.back();  // an almost empty band: its few bright pixels are all there is
  if (!(white > black)) return out;
  for (std::size_t i = 0; i < band.size(); ++i) {
    if (std::isfinite(band[i])) out[i] = std::max(0.0F, (band[i] - black) / (white - black));
  }
  return out;
}

/// Brightness as it is shown: 0 stays 0, the white level 1 stays 1.
double stretched(double brightness, const PictureOptions& options) {
  switch (options.stretch) {
    case Stretch::sqrt:
      return std::sqrt(brightness);
    case Stretch::asinh:
      return std::asinh(options.softening * brightness) / std::asinh(options.softening);
    default:
      return brightness;
  }
}

std::uint8_t grey_level(double value) { return static_cast<std::uint8_t>(std::lround(255 * std::clamp(value, 0.0, 1.0))); }

/// Colours of bands that were each brought to their own levels, [0, 1] from black to white.
Picture colour_by_levels(const std::array<std::vector<float>, 3>& levels, ImageShape shape, const PictureOptions& options) {
  Picture picture{shape.height, shape.width, 3, {}};
  picture.values.reserve(3 * shape.pixels());
  for (std::size_t i = 0; i < shape.pixels(); ++i) {
    const std::array<float, 3> pixel{levels[0][i], levels[1][i], levels[2][i]};
    const double brightness = (static_cast<double>(pixel[0]) + static_cast<double>(pixel[1]) + static_cast<double>(pixel[2])) / 3;
    const Rgb colour = colour_of(pixel, stretched(brightness, options));
    picture.values.insert(picture.values.end(), colour.begin(), colour.end());
  }
  return picture;
}

Picture colour_of_each_band(ImageView planes, const PictureOptions& options) {
  return colour_by_levels({levelled(planes.band(0), options), levelled(planes.band(1), options), levelled(planes.band(2), options)},
                          planes.shape, options);
}

/// The flux above the sky that linear and square-root stretches show white: of the mean of the three planes.
double white_level(ImageView planes, const LuptonScale& scale, const PictureOptions& options) {
  std::vector<float> means;
  for (std::size_t i = 0; i < planes.shape.pixels(); ++i) {
    const float mean =
        (planes.band(0)[i] + planes.band(1)[i] + planes.band(2)[i] - scale.minimum[0] - scale.minimum[1] - scale.minimum[2]) / 3;
    if (std::isfinite(mean)) means.push_back(mean);
  }
  if (means.empty()) return 1;
  const double min = options.min_contrast * static_cast<double>(background_of(means).noise);
  std::ranges::sort(means);
  const double white = std::max(static_cast<double>(percentile(means, options.white_percentile)), min);
  return white > 0 ? white : 1;
}

Picture colour_by_flux(ImageView planes, const PictureOptions& options) {
  const LuptonScale scale = lupton_scale(planes);
  const double white = options.stretch == Stretch::asinh ? 1 : white_level(planes, scale, options);
  Picture picture{planes.shape.height, planes.shape.width, 3, {}};
  picture.values.reserve(planes.shape.values());
  for (std::size_t i = 0; i < planes.shape.pixels(); ++i) {
    std::array<float, 3> flux{};
    for (int b = 0; b < 3; ++b) {
      const auto c = static_cast<std::size_t>(b);
      flux[c] = planes.band(b)[i] - scale.minimum[c];
    }
    const double mean = (static_cast<double>(flux[0]) + static_cast<double>(flux[1]) + static_cast<double>(flux[2])) / 3;
    const double shown = options.stretch == Stretch::asinh ? scale.brightness(mean) : stretched(std::max(mean, 0.0) / white, options);
    const Rgb colour = std::isfinite(mean) ? colour_of(flux, shown) : Rgb{};
    picture.values.insert(picture.values.end(), colour.begin(), colour.end());
  }
  return picture;
}

/// Red, green and blue of a plan, (3, height, width).
Image planes_of(ImageView image, const ColourPlan& plan) {
  Image planes{ImageShape{3, image.shape.height, image.shape.width}};
  const auto fill = [&](int plane, std::size_t which) {
    const auto factor = static_cast<float>(plan.factors[which]);
    std::ranges::transform(image.band(plan.bands[which]), planes.band(plane).begin(), [factor](float value) { return factor * value; });
  };
  fill(0, 0);
  fill(2, plan.bands.size() - 1);
  if (plan.bands.size() == 3) {
    fill(1, 1);
  } else {
    std::ranges::transform(planes.band(0), planes.band(2), planes.band(1).begin(), [](float red, float blue) { return (red + blue) / 2; });
  }
  return planes;
}

Picture grey_picture(ImageView image, const PictureOptions& options) {
  Picture picture{image.shape.height, image.shape.width, 1, {}};
  for (const float level : levelled(image.band(0), options)) picture.values.push_back(grey_level(stretched(level, options)));
  return picture;
}

/// With row 0 at the bottom.
Picture upright(const Picture& picture, int factor) {
  Picture large{picture.height * factor, picture.width * factor, picture.channels, {}};
  large.values.reserve(picture.values.size() * static_cast<std::size_t>(factor * factor));
  for (int y = 0; y < large.height; ++y) {
    const int row = picture.height - 1 - y / factor;
    for (int x = 0; x < large.width; ++x) {
      const auto pixel = picture.values.begin() + static_cast<std::ptrdiff_t>(row * picture.width + x / factor) * picture.channels;
      large.values.insert(large.values.end(), pixel, pixel + picture.channels);
    }
  }
  return large;
}

void check(ImageView image, const PictureOptions& options) {
  if (image.shape.values() == 0) throw Error{"an image without pixels cannot be shown", "give a cutout"};
  const bool fits = options.softening > 0 && options.min_contrast >= 0 && options.black_percentile >= 0 &&
                    options.black_percentile < options.white_percentile && options.white_percentile <= 100 && options.enlargement >= 1 &&
                    options.enlargement <= 64;
  if (!fits)
    throw Error{"a picture was asked for with options out of range",
                "0 <= black < white <= 100, softening > 0, contrast >= 0, enlargement 1 to 64"};
}

}  // namespace

Picture picture_of(ImageView image, const BandFacts& facts, const PictureOptions& options) {
  check(image, options);
  const ColourPlan plan = plan_colours(image, facts);
  if (plan.kind == ColourPlan::Kind::grey) return upright(grey_picture(image, options), options.enlargement);
  const Image planes = planes_of(image, plan);
  const bool by_flux = plan.kind != ColourPlan::Kind::each_band;
  return upright(by_flux ? colour_by_flux(planes.view(), options) : colour_of_each_band(planes.view(), options), options.enlargement);
}

Picture picture_of(ImageView image, const PictureOptions& options) { return picture_of(image, {}, options); }

}  // namespace lensfind::image
