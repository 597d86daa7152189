#include "lensfind/image/picture.h"

#include <algorithm>
#include <cmath>

#include <fmt/format.h>

#include "lensfind/base/error.h"

namespace lensfind {
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
  white = std::max(white, black + static_cast<float>(options.least_contrast) * noise);
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

Picture colour_picture(ImageView image, const PictureOptions& options) {
  const int last = image.shape.bands - 1;
  const std::vector<float> red = levelled(image.band(last), options);
  const std::vector<float> green = levelled(image.band(last / 2), options);
  const std::vector<float> blue = levelled(image.band(0), options);
  Picture picture{image.shape.height, image.shape.width, 3, {}};
  picture.values.reserve(3 * image.shape.pixels());
  for (std::size_t i = 0; i < image.shape.pixels(); ++i) {
    const double brightness = (red[i] + green[i] + blue[i]) / 3;
    const double factor = brightness > 0 ? stretched(brightness, options) / brightness : 0;
    // Lupton et al. 2004: where one colour would be too bright all three are dimmed, so that cores keep their hue.
    const double most = factor * std::max({red[i], green[i], blue[i]});
    const double shown = most > 1 ? factor / most : factor;
    for (const float colour : {red[i], green[i], blue[i]}) picture.values.push_back(grey_level(shown * colour));
  }
  return picture;
}

Picture grey_picture(ImageView image, const PictureOptions& options) {
  Picture picture{image.shape.height, image.shape.width, 1, {}};
  const std::vector<float> first = levelled(image.band(0), options);
  const std::vector<float> last = levelled(image.band(image.shape.bands - 1), options);
  for (std::size_t i = 0; i < image.shape.pixels(); ++i) picture.values.push_back(grey_level(stretched((first[i] + last[i]) / 2, options)));
  return picture;
}

Picture enlarged(const Picture& picture, int factor, bool upside_down) {
  Picture large{picture.height * factor, picture.width * factor, picture.channels, {}};
  large.values.reserve(picture.values.size() * static_cast<std::size_t>(factor * factor));
  for (int y = 0; y < large.height; ++y) {
    const int row = upside_down ? picture.height - 1 - y / factor : y / factor;
    for (int x = 0; x < large.width; ++x) {
      const auto pixel = picture.values.begin() + static_cast<std::ptrdiff_t>(row * picture.width + x / factor) * picture.channels;
      large.values.insert(large.values.end(), pixel, pixel + picture.channels);
    }
  }
  return large;
}

void check(ImageView image, const PictureOptions& options) {
  if (image.shape.values() == 0) throw Error{"an image without pixels cannot be shown", "give a cutout"};
  const bool fits = options.softening > 0 && options.least_contrast >= 0 && options.black_percentile >= 0 &&
                    options.black_percentile < options.white_percentile && options.white_percentile <= 100 && options.enlargement >= 1 &&
                    options.enlargement <= 64;
  if (!fits)
    throw Error{"a picture was asked for with options out of range",
                "0 <= black < white <= 100, softening > 0, contrast >= 0, enlargement 1 to 64"};
}

}  // namespace

Picture picture_of(ImageView image, const PictureOptions& options) {
  check(image, options);
  Picture picture = image.shape.bands >= 3 ? colour_picture(image, options) : grey_picture(image, options);
  if (options.enlargement == 1 && !options.row_0_at_bottom) return picture;
  return enlarged(picture, options.enlargement, options.row_0_at_bottom);
}

}  // namespace lensfind
