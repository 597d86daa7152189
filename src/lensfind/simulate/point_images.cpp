#include "lensfind/simulate/point_images.h"

#include <algorithm>
#include <cmath>

#include "lensfind/simulate/point_kernels.h"

namespace lensfind::simulate {
namespace {

// Odd, so that a lens at the middle lies inside a cell and not on a node.
constexpr std::size_t cells = 47, points = cells + 1;

/// Twice the signed area of a triangle.
double twice_area(Point a, Point b, Point c) { return (b.x - a.x) * (c.y - a.y) - (b.y - a.y) * (c.x - a.x); }

bool covers(Point a, Point b, Point c, Point p) {
  const double ab = twice_area(a, b, p), bc = twice_area(b, c, p), ca = twice_area(c, a, p);
  return (ab >= 0 && bc >= 0 && ca >= 0) || (ab <= 0 && bc <= 0 && ca <= 0);
}

}  // namespace

PointImageFinder::PointImageFinder(const Mass& mass, Point centre, double half_side_arcsec)
    : source_x_(points * points), source_y_(points * points), cell_area_{std::pow(2 * half_side_arcsec / cells, 2)} {
  std::vector<float> x(points * points), y(points * points);
  for (std::size_t i = 0; i < x.size(); ++i) {
    x[i] = static_cast<float>(centre.x + half_side_arcsec * (2.0 * static_cast<double>(i % points) / cells - 1));
    y[i] = static_cast<float>(centre.y + half_side_arcsec * (2.0 * static_cast<double>(i / points) / cells - 1));
  }
  static_assert(points * points % kernel_block == 0);
  map_to_source(prepare(mass), x, y, source_x_, source_y_);
}

PointImages PointImageFinder::find(Point source) const {
  PointImages out;
  const auto at = [&](std::size_t i) { return Point{static_cast<double>(source_x_[i]), static_cast<double>(source_y_[i])}; };
  const auto count = [&](Point a, Point b, Point c) {
    if (!covers(a, b, c, source)) return;
    ++out.number;
    out.magnification += cell_area_ / std::max(std::abs(twice_area(a, b, c)), 1e-6 * cell_area_);
  };
  const auto sx = static_cast<float>(source.x), sy = static_cast<float>(source.y);
  for (std::size_t row = 0; row < cells; ++row) {
    for (std::size_t column = 0; column < cells; ++column) {
      const std::size_t i = row * points + column, j = i + points;
      const auto [left, right] = std::minmax({source_x_[i], source_x_[i + 1], source_x_[j], source_x_[j + 1]});
      if (sx < left || sx > right) continue;
      const auto [low, high] = std::minmax({source_y_[i], source_y_[i + 1], source_y_[j], source_y_[j + 1]});
      if (sy < low || sy > high) continue;
      count(at(i), at(i + 1), at(j));
      count(at(i + 1), at(j + 1), at(j));
    }
  }
  return out;
}

}  // namespace lensfind::simulate
