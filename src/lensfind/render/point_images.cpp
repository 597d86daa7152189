#include "lensfind/render/point_images.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <functional>
#include <numbers>

#include "lensfind/image/vectorised.h"
#include "lensfind/render/coarse_cells.h"
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

/// Of the quick search: coarse cells a side, of which each is as many fine ones a side; odd, as above. A coarse cell's nodes are a block.
constexpr std::size_t coarse_cells = 15, finer = 3, fine_nodes = finer + 1, cell_nodes_number = fine_nodes * fine_nodes;
static_assert(cell_nodes_number == kernel_block);

/// The nodes of fine cells in some coarse ones, mapped to the source plane.
class FineNodes {
 public:
  FineNodes(const PreparedMass& mass, const CoarseCells::Grid& grid, std::span<const std::uint32_t> cells)
      : count_{cells.size() * cell_nodes_number}, memory_(4 * count_) {
    const double fine = grid.step_arcsec / finer;
    float *x = memory_.data(), *y = x + count_;
    for (const std::uint32_t cell : cells) {
      const double left = grid.corner_arcsec.x + grid.step_arcsec * (cell % coarse_cells),
                   low = grid.corner_arcsec.y + grid.step_arcsec * (cell / coarse_cells);
      for (std::size_t k = 0; k < cell_nodes_number; ++k) {
        *x++ = static_cast<float>(left + fine * static_cast<double>(k % fine_nodes));
        *y++ = static_cast<float>(low + fine * static_cast<double>(k / fine_nodes));
      }
    }
    const std::span<float> all{memory_};
    map_to_source(mass, all.first(count_), all.subspan(count_, count_), all.subspan(2 * count_, count_), all.last(count_));
  }

  [[nodiscard]] std::size_t cells() const { return count_ / cell_nodes_number; }
  [[nodiscard]] const float* source_x(std::size_t cell) const { return memory_.data() + 2 * count_ + cell * cell_nodes_number; }
  [[nodiscard]] const float* source_y(std::size_t cell) const { return source_x(cell) + count_; }

 private:
  std::size_t count_;
  std::vector<float> memory_;
};

/// Adds up a coarse cell's images: for each of its fine cells, whose first corner is that node, number and magnification.
struct ImageSums {
  std::array<float, kernel_block> number{}, magnification{};

  /// Places relative to the source. A triangle covers it where the three products of its corners have one sign; they add up to twice its
  /// area.
  void add(const float* source_x, const float* source_y, float at_x, float at_y, float fine_area) {
    std::array<float, 2 * kernel_block> x{}, y{}, along{}, up{}, across{};
    const auto triangle = [&](float a, float b, float c, std::size_t k) {
      const bool covers = (a >= 0 && b >= 0 && c >= 0) || (a <= 0 && b <= 0 && c <= 0);
      const float area = std::max(std::abs(a + b + c), 1e-6f * fine_area);
      number[k] += covers ? 1.0f : 0.0f;
      magnification[k] += covers ? fine_area / area : 0.0f;
    };
    image::vectorised([&] {
      for (std::size_t k = 0; k < kernel_block; ++k) {
        x[k] = source_x[k] - at_x;
        y[k] = source_y[k] - at_y;
      }
      for (std::size_t k = 0; k < kernel_block; ++k) {
        along[k] = x[k] * y[k + 1] - x[k + 1] * y[k];
        up[k] = x[k] * y[k + fine_nodes] - x[k + fine_nodes] * y[k];
        across[k] = x[k + 1] * y[k + fine_nodes] - x[k + fine_nodes] * y[k + 1];
      }
      for (std::size_t k = 0; k < kernel_block; ++k) {
        triangle(along[k], across[k], -up[k], k);
        triangle(up[k + 1], -along[k + fine_nodes], -across[k], k);
      }
    });
  }

  /// Nodes at the upper and right edges begin no fine cell.
  [[nodiscard]] float sum(const std::array<float, kernel_block>& of) const {
    float out = 0;
    for (std::size_t k = 0; k < finer * finer; ++k) out += of[k / finer * fine_nodes + k % finer];
    return out;
  }
};

/// Places on a small circle about the centre, mapped: within them lies what the cut gives a second image.
bool within_cut(const PreparedMass& mass, Point centre, double radius, Point source) {
  static const auto circle = [] {
    std::array<Point, cut_points> out{};
    for (std::size_t k = 0; k < cut_points; ++k) {
      const double angle = 2 * std::numbers::pi * static_cast<double>(k) / cut_points;
      out[k] = {std::cos(angle), std::sin(angle)};
    }
    return out;
  }();
  std::array<float, cut_points> x{}, y{}, source_x{}, source_y{};
  for (std::size_t k = 0; k < cut_points; ++k) {
    x[k] = static_cast<float>(centre.x + radius * circle[k].x);
    y[k] = static_cast<float>(centre.y + radius * circle[k].y);
  }
  map_to_source(mass, x, y, source_x, source_y);
  return encloses(source_x, source_y, static_cast<float>(source.x), static_cast<float>(source.y));
}

}  // namespace

PointImages images_of_point(const Mass& mass, Point centre, double half_side_arcsec, Point source) {
  const PreparedMass prepared = prepare(mass, 1e-4);
  const CoarseCells::Grid grid{
      {centre.x - half_side_arcsec, centre.y - half_side_arcsec}, 2 * half_side_arcsec / coarse_cells, coarse_cells};
  // Tangentially, an isothermal sphere's map bends by step^2 / (8 r) over a cell: 0.09 steps at 0.7 Einstein radii.
  CoarseCells cells{mass, prepared, grid, 0.15 * grid.step_arcsec};
  cells.mark(source, 0, 0);
  const FineNodes nodes{prepared, grid, cells.marked()};
  const double fine = grid.step_arcsec / finer;
  ImageSums images;
  for (std::size_t cell = 0; cell < nodes.cells(); ++cell)
    images.add(nodes.source_x(cell), nodes.source_y(cell), static_cast<float>(source.x), static_cast<float>(source.y),
               static_cast<float>(fine * fine));
  return {images.sum(images.number) > 1 || within_cut(prepared, centre, cut_radius * half_side_arcsec, source),
          static_cast<double>(images.sum(images.magnification))};
}

}  // namespace lensfind::render
