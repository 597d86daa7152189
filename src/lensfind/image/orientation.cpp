#include "lensfind/image/orientation.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>
#include <numbers>

#include <fmt/format.h>

namespace lensfind::image {
namespace {

constexpr double as_it_is = .0175;  // a degree: half a pixel at the edge of a cutout of 64

/// Offsets from the middle in the source, of one column and one row of the result.
struct Map {
  double column_by_u = 1, row_by_u = 0;
  double column_by_v = 0, row_by_v = 1;
};

double area(const SkyAxes& axes) { return axes.east_by_column * axes.north_by_row - axes.east_by_row * axes.north_by_column; }

/// A step u of the result goes one pixel to the west, a step v one to the north.
Map map_of(const SkyAxes& axes) {
  const double scale = axes.pixel_scale_arcsec() / area(axes);
  return {.column_by_u = -axes.north_by_row * scale,
          .row_by_u = axes.north_by_column * scale,
          .column_by_v = -axes.east_by_row * scale,
          .row_by_v = axes.east_by_column * scale};
}

/// The map of whole pixels that is near, if there is one.
bool is_whole(const Map& map) {
  const auto near = [](double value, double whole) { return std::abs(value - whole) <= as_it_is; };
  const bool straight =
      near(std::abs(map.column_by_u), 1) && near(map.row_by_u, 0) && near(map.column_by_v, 0) && near(std::abs(map.row_by_v), 1);
  const bool crossed =
      near(map.column_by_u, 0) && near(std::abs(map.row_by_u), 1) && near(std::abs(map.column_by_v), 1) && near(map.row_by_v, 0);
  return straight || crossed;
}

Map rounded(const Map& map) {
  return {std::round(map.column_by_u), std::round(map.row_by_u), std::round(map.column_by_v), std::round(map.row_by_v)};
}

/// The mean of the four pixels around a place, by their fractions of it; those that are missing have none. NaN beyond the edge.
float interpolated(ImageView image, int band, double column, double row) {
  const double left = std::floor(column);
  const double below = std::floor(row);
  double sum = 0;
  double weights = 0;
  for (int k = 0; k < 4; ++k) {
    const int right = k % 2, up = k / 2;
    const double x = left + right;
    const double y = below + up;
    const double weight = (1 - std::abs(column - x)) * (1 - std::abs(row - y));
    if (weight <= 0 || x < 0 || y < 0 || x >= image.shape.width || y >= image.shape.height) continue;
    const float value = image.at(band, static_cast<int>(y), static_cast<int>(x));
    if (!std::isfinite(value)) continue;
    sum += weight * static_cast<double>(value);
    weights += weight;
  }
  return weights >= .5 ? static_cast<float>(sum / weights) : std::numeric_limits<float>::quiet_NaN();
}

}  // namespace

double SkyAxes::pixel_scale_arcsec() const { return std::sqrt(std::abs(area(*this))); }

double SkyAxes::north_angle_deg() const {
  // North in the image is the gradient of the northern offset.
  const double angle = std::atan2(-north_by_column, north_by_row) * 180 / std::numbers::pi;
  return angle == -180 ? 180 : angle;
}

bool SkyAxes::is_mirrored() const { return area(*this) > 0; }

Image north_up(ImageView image, const SkyAxes& axes, int size) {
  const bool has_axes = std::isfinite(area(axes)) && area(axes) != 0;
  const Map exact = has_axes ? map_of(axes) : Map{};
  const bool whole = is_whole(exact);
  const Map map = whole ? rounded(exact) : exact;
  Image out{ImageShape{image.shape.bands, size, size}};
  const double middle = .5 * (size - 1);
  // Whole pixels stay whole where the sides are odd and even: the middle moves by half a pixel then.
  const auto origin = [&](int side) { return whole && (side - size) % 2 != 0 ? .5 * (side - 2) : .5 * (side - 1); };
  for (int v = 0; v < size; ++v) {
    for (int u = 0; u < size; ++u) {
      const double column = origin(image.shape.width) + map.column_by_u * (u - middle) + map.column_by_v * (v - middle);
      const double row = origin(image.shape.height) + map.row_by_u * (u - middle) + map.row_by_v * (v - middle);
      for (int b = 0; b < image.shape.bands; ++b) out.at(b, v, u) = interpolated(image, b, column, row);
    }
  }
  return out;
}

std::string north_up_text(const SkyAxes& axes) {
  if (!std::isfinite(area(axes)) || area(axes) == 0) return {};
  const double angle = std::abs(axes.north_angle_deg());
  std::string text = axes.is_mirrored() ? "mirrored" : "";
  if (angle > 1) text += fmt::format("{}turned by {:.0f} degrees", text.empty() ? "" : " and ", angle);
  return text;
}

}  // namespace lensfind::image
