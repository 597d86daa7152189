#include "lensfind/render/point_images.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <functional>
#include <numbers>

#include "lensfind/render/point_kernels.h"

namespace lensfind::render {
namespace {

// Odd, so that a lens at the middle lies inside a cell and not on a node.
constexpr std::size_t grid_cells = 47, points = grid_cells + 1, cut_points = 64;
/// Of the circle whose image is the cut, in half sides of the grid.
constexpr double cut_radius = 0.003;

/// Twice the signed area of a triangle.
double twice_area(Point a, Point b, Point c) { return (b.x - a.x) * (c.y - a.y) - (b.y - a.y) * (c.x - a.x); }

bool covers(Point a, Point b, Point c, Point p) {
  const double ab = twice_area(a, b, p), bc = twice_area(b, c, p), ca = twice_area(c, a, p);
  return (ab >= 0 && bc >= 0 && ca >= 0) || (ab <= 0 && bc <= 0 && ca <= 0);
}

/// Whether a ray from the position crosses the closed polygon an odd number of times.
bool encloses(std::span<const float> x, std::span<const float> y, float at_x, float at_y) {
  bool inside = false;
  for (std::size_t i = 0, before = x.size() - 1; i < x.size(); before = i++) {
    if ((y[i] > at_y) == (y[before] > at_y)) continue;
    if (at_x < x[i] + (x[before] - x[i]) * (at_y - y[i]) / (y[before] - y[i])) inside = !inside;
  }
  return inside;
}

}  // namespace

PointImageFinder::PointImageFinder(const Mass& mass, Point centre, double half_side_arcsec)
    : mass_{mass},
      centre_{centre},
      half_side_{half_side_arcsec},
      source_x_(points * points),
      source_y_(points * points),
      cell_area_{std::pow(2 * half_side_arcsec / grid_cells, 2)},
      cut_x_(cut_points),
      cut_y_(cut_points) {
  std::vector<float> x(points * points), y(points * points);
  const auto step = static_cast<float>(2 * half_side_arcsec / grid_cells), left = static_cast<float>(centre.x - half_side_arcsec),
             low = static_cast<float>(centre.y - half_side_arcsec);
  for (std::size_t row = 0; row < points; ++row) {
    const float here = low + step * static_cast<float>(row);
    for (std::size_t column = 0; column < points; ++column) {
      x[row * points + column] = left + step * static_cast<float>(static_cast<int>(column));
      y[row * points + column] = here;
    }
  }
  static_assert(points % kernel_block == 0 && cut_points % kernel_block == 0);
  const PreparedMass prepared = prepare(mass, 1e-4);
  map_to_source(prepared, x, y, source_x_, source_y_);
  for (std::size_t k = 0; k < cut_points; ++k) {
    const double angle = 2 * std::numbers::pi * static_cast<double>(k) / cut_points;
    x[k] = static_cast<float>(centre.x + cut_radius * half_side_arcsec * std::cos(angle));
    y[k] = static_cast<float>(centre.y + cut_radius * half_side_arcsec * std::sin(angle));
  }
  map_to_source(prepared, std::span{x}.first(cut_points), std::span{y}.first(cut_points), cut_x_, cut_y_);
}

PointImages PointImageFinder::find(Point source) const {
  PointImages out;
  int number = 0;
  const auto at = [&](std::size_t i) { return Point{static_cast<double>(source_x_[i]), static_cast<double>(source_y_[i])}; };
  const auto count = [&](Point a, Point b, Point c) {
    if (!covers(a, b, c, source)) return;
    ++number;
    out.magnification += cell_area_ / std::max(std::abs(twice_area(a, b, c)), 1e-6 * cell_area_);
  };
  std::vector<std::uint32_t> near;
  cells_about(source_x_, source_y_, points, static_cast<float>(source.x), static_cast<float>(source.y), near);
  for (const std::size_t i : near) {
    const std::size_t j = i + points;
    count(at(i), at(i + 1), at(j));
    count(at(i + 1), at(j + 1), at(j));
  }
  out.multiple = number > 1 || encloses(cut_x_, cut_y_, static_cast<float>(source.x), static_cast<float>(source.y));
  return out;
}

/// Newton's method on the lens equation, no step longer than two cells. False where it does not arrive.
bool PointImageFinder::improve(Point source, Point& image) const {
  const double longest = 4 * half_side_ / grid_cells;
  for (int step = 0; step < 40; ++step) {
    const Point off = source_position(mass_, image) - source;
    const Distortion d = distortion(mass_, image);
    const double determinant = d.determinant();
    if (!std::isfinite(determinant) || determinant == 0) return false;
    // The inverse of [[1 - kappa - g1, -g2], [-g2, 1 - kappa + g1]].
    Point by{((1 - d.convergence + d.gamma1) * off.x + d.gamma2 * off.y) / determinant,
             ((1 - d.convergence - d.gamma1) * off.y + d.gamma2 * off.x) / determinant};
    const double length = std::hypot(by.x, by.y);
    if (length > longest) by = {by.x * longest / length, by.y * longest / length};
    image = image - by;
    if (length < 1e-11 * half_side_) return true;
  }
  return false;
}

std::vector<PointImage> PointImageFinder::solve(Point source) const {
  std::vector<std::uint32_t> near;
  cells_about(source_x_, source_y_, points, static_cast<float>(source.x), static_cast<float>(source.y), near);
  const double step = 2 * half_side_ / grid_cells;
  std::vector<PointImage> out;
  const auto try_from = [&](Point image) {
    if (!improve(source, image)) return;
    const Point from_centre = image - centre_;
    if (std::max(std::abs(from_centre.x), std::abs(from_centre.y)) > half_side_ ||
        std::hypot(from_centre.x, from_centre.y) < cut_radius * half_side_)
      return;
    const bool known = std::ranges::any_of(
        out, [&](const PointImage& have) { return std::hypot(have.position.x - image.x, have.position.y - image.y) < 1e-7 * half_side_; });
    if (known) return;
    const double determinant = distortion(mass_, image).determinant();
    out.push_back({image, 1 / std::abs(determinant), determinant < 0});
  };
  for (const std::size_t i : near) {
    const std::size_t row = i / points, column = i % points;
    const double x = centre_.x - half_side_ + (static_cast<double>(column) + 0.5) * step,
                 y = centre_.y - half_side_ + (static_cast<double>(row) + 0.5) * step;
    for (const Point from : {Point{0, 0}, Point{-1, 0}, Point{1, 0}, Point{0, -1}, Point{0, 1}})
      try_from({x + from.x * step, y + from.y * step});
  }
  // Within a cell or two of the centre the grid is too coarse to tell in which triangle an image lies.
  constexpr int directions = 16;
  for (int k = 0; k < directions; ++k) {
    const double angle = 2 * std::numbers::pi * k / directions;
    for (const double cells_away : {0.4, 1.0, 1.8})
      try_from(centre_ + Point{cells_away * step * std::cos(angle), cells_away * step * std::sin(angle)});
  }
  std::ranges::sort(out, std::greater{}, &PointImage::magnification);
  return out;
}

namespace {

/// Of the quick search: coarse cells a side, of which each is as many fine ones a side; odd, as above.
constexpr std::size_t coarse_cells = 15, coarse_nodes = coarse_cells + 1, finer = 3, fine_nodes = finer + 1;

/// Coarse cells that may hold an image of the source: those the map of whose corners may enclose it, as far as the map bends within them,
/// and those about the main mass's centre, where it turns over.
class CoarseCells {
 public:
  CoarseCells(const Mass& mass, Point centre, double half_side) : step_{2 * half_side / coarse_cells} {
    const auto place = [&](double at, double of) { return static_cast<int>(std::floor((at - of + half_side) / step_)); };
    for (std::size_t k = 0; k < mass.ellipsoids.size(); ++k) {
      const PowerLawEllipsoid& lens = mass.ellipsoids[k];
      const int row = place(lens.centre_arcsec.y, centre.y), column = place(lens.centre_arcsec.x, centre.x);
      // A small mass displaces what it may displace; the largest may do anything about its centre.
      const double more = k == 0 ? everywhere : 2 * lens.theta_e_arcsec;
      for (int r = std::max(0, row - 1); r <= std::min<int>(coarse_cells - 1, row + 1); ++r) {
        for (int c = std::max(0, column - 1); c <= std::min<int>(coarse_cells - 1, column + 1); ++c)
          more_[static_cast<std::size_t>(r) * coarse_cells + static_cast<std::size_t>(c)] += static_cast<float>(more);
      }
    }
  }

  [[nodiscard]] std::vector<std::size_t> about(std::span<const float> x, std::span<const float> y, Point source) const {
    // Tangentially, an isothermal sphere's map bends by step^2 / (8 r) over a cell: 0.09 steps at 0.7 Einstein radii.
    const auto bend = static_cast<float>(0.15 * step_), at_x = static_cast<float>(source.x), at_y = static_cast<float>(source.y);
    std::vector<std::size_t> out;
    for (std::size_t row = 0; row < coarse_cells; ++row) {
      for (std::size_t column = 0; column < coarse_cells; ++column) {
        const std::size_t i = row * coarse_nodes + column, j = i + coarse_nodes, cell = row * coarse_cells + column;
        const float reach = bend + more_[cell];
        const auto near = [&](std::span<const float> of, float at) {
          return std::min(std::min(of[i], of[i + 1]), std::min(of[j], of[j + 1])) - reach <= at &&
                 std::max(std::max(of[i], of[i + 1]), std::max(of[j], of[j + 1])) + reach >= at;
        };
        if (near(x, at_x) && near(y, at_y)) out.push_back(cell);
      }
    }
    return out;
  }

 private:
  static constexpr double everywhere = 1e10;
  double step_;
  std::array<float, coarse_cells * coarse_cells> more_{};
};

/// Nodes (row first) of a square grid, mapped to the source plane.
struct MappedNodes {
  std::vector<float> x, y, source_x, source_y;

  void add(double at_x, double at_y) {
    x.push_back(static_cast<float>(at_x));
    y.push_back(static_cast<float>(at_y));
  }
  void map(const PreparedMass& mass) {
    x.resize(padded(x.size()));
    y.resize(x.size());
    source_x.resize(x.size());
    source_y.resize(x.size());
    map_to_source(mass, x, y, source_x, source_y);
  }
  [[nodiscard]] Point source(std::size_t i) const { return {static_cast<double>(source_x[i]), static_cast<double>(source_y[i])}; }
};

}  // namespace

PointImages images_of_point(const Mass& mass, Point centre, double half_side_arcsec, Point source) {
  const PreparedMass prepared = prepare(mass, 1e-4);
  const double step = 2 * half_side_arcsec / coarse_cells, fine = step / finer;
  const Point corner{centre.x - half_side_arcsec, centre.y - half_side_arcsec};
  MappedNodes coarse, cut, nodes;
  for (std::size_t row = 0; row < coarse_nodes; ++row) {
    for (std::size_t column = 0; column < coarse_nodes; ++column)
      coarse.add(corner.x + step * static_cast<double>(column), corner.y + step * static_cast<double>(row));
  }
  coarse.map(prepared);
  for (const std::size_t cell : CoarseCells{mass, centre, half_side_arcsec}.about(coarse.source_x, coarse.source_y, source)) {
    const double left = corner.x + step * static_cast<double>(cell % coarse_cells),
                 low = corner.y + step * static_cast<double>(cell / coarse_cells);
    for (std::size_t k = 0; k < fine_nodes * fine_nodes; ++k)
      nodes.add(left + fine * static_cast<double>(k % fine_nodes), low + fine * static_cast<double>(k / fine_nodes));
  }
  const std::size_t found = nodes.x.size();
  nodes.map(prepared);
  PointImages out;
  int number = 0;
  const auto count = [&](Point a, Point b, Point c) {
    if (!covers(a, b, c, source)) return;
    ++number;
    out.magnification += fine * fine / std::max(std::abs(twice_area(a, b, c)), 1e-6 * fine * fine);
  };
  for (std::size_t first = 0; first < found; first += fine_nodes * fine_nodes) {
    for (std::size_t k = 0; k < finer * finer; ++k) {
      const std::size_t i = first + k / finer * fine_nodes + k % finer, j = i + fine_nodes;
      count(nodes.source(i), nodes.source(i + 1), nodes.source(j));
      count(nodes.source(i + 1), nodes.source(j + 1), nodes.source(j));
    }
  }
  out.multiple = number > 1;
  if (out.multiple) return out;
  for (std::size_t k = 0; k < cut_points; ++k) {
    const double angle = 2 * std::numbers::pi * static_cast<double>(k) / cut_points;
    cut.add(centre.x + cut_radius * half_side_arcsec * std::cos(angle), centre.y + cut_radius * half_side_arcsec * std::sin(angle));
  }
  cut.map(prepared);
  out.multiple = encloses(cut.source_x, cut.source_y, static_cast<float>(source.x), static_cast<float>(source.y));
  return out;
}

}  // namespace lensfind::render
