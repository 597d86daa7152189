#include "lensfind/inspect/smooth_model.h"

#include <algorithm>
#include <cmath>
#include <vector>

#include "lensfind/image/background.h"

namespace lensfind::inspect {
namespace {

constexpr double step = 1;           // pixels of the semi-major axis between two ellipses
constexpr double search_radius = 4;  // of the galaxy's centre around the image's middle, pixels
constexpr double first_width = 3;    // standard deviation of the weight to begin with, pixels
constexpr int rounds = 30;
constexpr double min_axis_ratio = .2;

/// The bands added, each less its sky and by its noise.
std::vector<double> light_of(image::ImageView image) {
  std::vector<double> light(image.shape.pixels());
  for (int band = 0; band < image.shape.bands; ++band) {
    const auto pixels = image.band(band);
    const image::Background sky = image::background_of(pixels);
    const double noise = sky.noise > 0 ? static_cast<double>(sky.noise) : 1;
    for (std::size_t i = 0; i < light.size(); ++i)
      if (std::isfinite(pixels[i])) light[i] += (static_cast<double>(pixels[i]) - static_cast<double>(sky.level)) / noise;
  }
  return light;
}

struct Moments {
  double flux = 0, x = 0, y = 0, xx = 0, xy = 0, yy = 0;
};

/// Moments of the light under a Gaussian weight of covariance (xx, xy, yy) about (x, y).
Moments moments_of(const std::vector<double>& light, image::ImageShape shape, const Moments& weight) {
  const double determinant = weight.xx * weight.yy - weight.xy * weight.xy;
  Moments sum;
  for (int row = 0; row < shape.height; ++row) {
    for (int column = 0; column < shape.width; ++column) {
      const double dx = column - weight.x, dy = row - weight.y;
      const double distance = (weight.yy * dx * dx - 2 * weight.xy * dx * dy + weight.xx * dy * dy) / determinant;
      if (distance > 16) continue;
      const double w = std::exp(-distance / 2) * light[static_cast<std::size_t>(row * shape.width + column)];
      sum.flux += w;
      sum.x += w * dx;
      sum.y += w * dy;
      sum.xx += w * dx * dx;
      sum.xy += w * dx * dy;
      sum.yy += w * dy * dy;
    }
  }
  return sum;
}

double elliptical_radius(const Ellipse& ellipse, double column, double row) {
  const double dx = column - ellipse.x, dy = row - ellipse.y;
  const double along = dx * std::cos(ellipse.angle_rad) + dy * std::sin(ellipse.angle_rad);
  const double across = -dx * std::sin(ellipse.angle_rad) + dy * std::cos(ellipse.angle_rad);
  return std::hypot(along, across / ellipse.axis_ratio);
}

float median(std::vector<float>& values) {
  const auto middle = values.begin() + static_cast<std::ptrdiff_t>(values.size() / 2);
  std::ranges::nth_element(values, middle);
  return *middle;
}

/// Medians of a band along ellipses `step` apart, the last one the sky's.
std::vector<double> profile_of(std::span<const float> band, image::ImageShape shape, const Ellipse& ellipse, double sky) {
  const auto rings = static_cast<std::size_t>(std::hypot(shape.width, shape.height) / step) + 2;
  std::vector<std::vector<float>> values(rings);
  for (int row = 0; row < shape.height; ++row) {
    for (int column = 0; column < shape.width; ++column) {
      const float value = band[static_cast<std::size_t>(row * shape.width + column)];
      const auto ring = static_cast<std::size_t>(elliptical_radius(ellipse, column, row) / step + .5);
      if (std::isfinite(value) && ring < rings) values[ring].push_back(value);
    }
  }
  // The centre may lie between pixels: rings without one take the next one's value.
  std::vector<double> profile(rings, sky);
  for (std::size_t ring = rings; ring-- > 0;) {
    if (!values[ring].empty())
      profile[ring] = static_cast<double>(median(values[ring]));
    else if (ring + 1 < rings)
      profile[ring] = profile[ring + 1];
  }
  // Light of a galaxy falls outwards, down to the sky: what rises again is something else.
  for (std::size_t ring = 1; ring < rings; ++ring) profile[ring] = std::max(sky, std::min(profile[ring], profile[ring - 1]));
  return profile;
}

}  // namespace

Ellipse ellipse_of(image::ImageView image) {
  const std::vector<double> light = light_of(image);
  const double middle_x = (image.shape.width - 1) / 2., middle_y = (image.shape.height - 1) / 2.;
  Moments weight{.x = middle_x, .y = middle_y, .xx = first_width * first_width, .yy = first_width * first_width};
  for (int round = 0; round < rounds; ++round) {
    const Moments sum = moments_of(light, image.shape, weight);
    if (!(sum.flux > 0)) return {middle_x, middle_y};
    const double x = weight.x + 2 * sum.x / sum.flux, y = weight.y + 2 * sum.y / sum.flux;
    if (std::hypot(x - middle_x, y - middle_y) > search_radius) break;
    // The product of two Gaussians of one shape has half their covariance.
    const double xx = 2 * sum.xx / sum.flux, xy = 2 * sum.xy / sum.flux, yy = 2 * sum.yy / sum.flux;
    const double widest = std::pow(std::min(image.shape.width, image.shape.height) / 6., 2);
    if (!(xx * yy - xy * xy > .25) || !(xx > 0) || xx + yy > 2 * widest) break;
    weight = {.x = x, .y = y, .xx = xx, .xy = xy, .yy = yy};
  }
  const double half = (weight.xx + weight.yy) / 2, difference = std::hypot((weight.xx - weight.yy) / 2, weight.xy);
  const double axis_ratio = std::sqrt(std::max(half - difference, 0.0) / (half + difference));
  return {weight.x, weight.y, std::clamp(axis_ratio, min_axis_ratio, 1.0), .5 * std::atan2(2 * weight.xy, weight.xx - weight.yy)};
}

image::Image without_smooth_galaxy(image::ImageView image) {
  const Ellipse ellipse = ellipse_of(image);
  image::Image out{image.shape};
  for (int band = 0; band < image.shape.bands; ++band) {
    const auto pixels = image.band(band);
    const std::vector<double> profile = profile_of(pixels, image.shape, ellipse, static_cast<double>(image::background_of(pixels).level));
    for (int row = 0; row < image.shape.height; ++row) {
      for (int column = 0; column < image.shape.width; ++column) {
        const double place = std::min(elliptical_radius(ellipse, column, row) / step, static_cast<double>(profile.size() - 2));
        const auto ring = static_cast<std::size_t>(place);
        const double model = std::lerp(profile[ring], profile[ring + 1], place - std::floor(place));
        const auto i = static_cast<std::size_t>(row * image.shape.width + column);
        out.band(band)[i] = static_cast<float>(static_cast<double>(pixels[i]) - model);
      }
    }
  }
  return out;
}

}  // namespace lensfind::inspect
