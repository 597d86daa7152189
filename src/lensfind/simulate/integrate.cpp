#include "lensfind/simulate/integrate.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdint>

namespace lensfind::simulate {
namespace {

/// A square to be integrated, and the pixel to which its light belongs.
struct Cell {
  float x, y;          ///< centre, arcsec
  std::int32_t pixel;  ///< offset in the plane
};

// 3 x 3 Gauss-Legendre on [-1, 1]^2, exact to degree 5: nodes 0 and +-sqrt(3/5), weights 4/9 and 5/18 (halved: they average).
constexpr float node = 0.7745966692f;
constexpr std::array<float, 9> node_x{-node, 0, node, -node, 0, node, -node, 0, node};
constexpr std::array<float, 9> node_y{-node, -node, -node, 0, 0, 0, node, node, node};
constexpr std::array<float, 9> node_weight{25.f / 324, 40.f / 324, 25.f / 324, 40.f / 324, 64.f / 324,
                                           40.f / 324, 25.f / 324, 40.f / 324, 25.f / 324};
constexpr std::size_t nodes = 9;
constexpr int deepest = 12;

/// Nodes of a level's cells, their source positions and brightness.
struct Nodes {
  std::vector<float> x, y, source_x, source_y, value;

  void place(const std::vector<Cell>& cells, float half_side) {
    const std::size_t count = padded(cells.size() * nodes);
    for (auto* list : {&x, &y, &source_x, &source_y, &value}) list->resize(count);
    for (std::size_t c = 0; c < cells.size(); ++c) {
      for (std::size_t k = 0; k < nodes; ++k) {
        x[c * nodes + k] = cells[c].x + half_side * node_x[k];
        y[c * nodes + k] = cells[c].y + half_side * node_y[k];
      }
    }
    std::fill(x.begin() + static_cast<std::ptrdiff_t>(cells.size() * nodes), x.end(), 0.0f);
    std::fill(y.begin() + static_cast<std::ptrdiff_t>(cells.size() * nodes), y.end(), 0.0f);
  }
};

/// Whether the source's centre lies in (or just beside) the region that nine nodes map to, while that region is too large to show the
/// source.
bool hides_centre(const float* sx, const float* sy, const Sersic& light) {
  const auto [left, right] = std::minmax_element(sx, sx + nodes);
  const auto [low, high] = std::minmax_element(sy, sy + nodes);
  const float width = *right - *left, height = *high - *low;
  const auto cx = static_cast<float>(light.centre_arcsec.x), cy = static_cast<float>(light.centre_arcsec.y);
  const bool inside = cx > *left - 0.3f * width && cx < *right + 0.3f * width && cy > *low - 0.3f * height && cy < *high + 0.3f * height;
  return inside && std::max(width, height) > 0.5f * static_cast<float>(light.effective_radius_arcsec);
}

/// Where the light can be seen at all: all rows and columns for lensed light.
PixelBox visible_box(const Lattice& lattice, const Sersic& light, double brightness_limit, bool lensed) {
  const int side = lattice.x.side;
  if (lensed) return {0, side, 0, side};
  const double reach = radius_at_brightness(light, brightness_limit) / std::sqrt(light.axis_ratio) + 2 * lattice.pixel;
  const auto first = [&](double centre) {
    return static_cast<int>(std::clamp(std::floor((centre - reach) / lattice.pixel + 0.5 * (side - 1)), 0.0, 1.0 * side));
  };
  const auto end = [&](double centre) {
    return static_cast<int>(std::clamp(std::ceil((centre + reach) / lattice.pixel + 0.5 * (side - 1)) + 1, 0.0, 1.0 * side));
  };
  return {first(light.centre_arcsec.y), end(light.centre_arcsec.y), first(light.centre_arcsec.x), end(light.centre_arcsec.x)};
}

/// One component on its way through the quadtree.
struct Work {
  const Lattice& lattice;
  const PreparedMass* mass;
  const Sersic& light;
  const PreparedSersic prepared;
  float tolerance;  ///< of the brightness, mean over a pixel
  Plane& out;

  /// Extent of the region that a pixel maps to, from its neighbours.
  [[nodiscard]] bool maps_onto_centre(const Plane& sx, const Plane& sy, int row, int column) const {
    const float dx = sx.at(row, column) - static_cast<float>(light.centre_arcsec.x),
                dy = sy.at(row, column) - static_cast<float>(light.centre_arcsec.y);
    const float reach_x =
        std::abs(sx.at(row, column + 1) - sx.at(row, column - 1)) + std::abs(sx.at(row + 1, column) - sx.at(row - 1, column));
    const float reach_y =
        std::abs(sy.at(row, column + 1) - sy.at(row, column - 1)) + std::abs(sy.at(row + 1, column) - sy.at(row - 1, column));
    // Half of it would be the pixel itself; the rest allows for its bending near a critical curve.
    return std::abs(dx) < 0.5f * reach_x && std::abs(dy) < 0.5f * reach_y;
  }

  /// Corrects smooth pixels of a plane of samples to means; returns the pixels that are not smooth.
  std::vector<Cell> correct_smooth(const Plane& samples, const PixelBox& box) {
    const bool lensed = mass != nullptr;
    const Plane &sx = lensed ? lattice.source_x : lattice.x, &sy = lensed ? lattice.source_y : lattice.y;
    std::vector<Cell> rough;
    for (int row = box.row_first; row < box.row_end; ++row) {
      for (int column = box.column_first; column < box.column_end; ++column) {
        const bool edge = row < 2 || column < 2 || row >= samples.side - 2 || column >= samples.side - 2;
        const float f = samples.at(row, column);
        if (edge) {
          out.at(row, column) = f;
          continue;
        }
        const float e = samples.at(row, column + 1), w = samples.at(row, column - 1), n = samples.at(row + 1, column),
                    s = samples.at(row - 1, column);
        const float fourth_x = samples.at(row, column + 2) + samples.at(row, column - 2) - 4 * (e + w) + 6 * f;
        const float fourth_y = samples.at(row + 2, column) + samples.at(row - 2, column) - 4 * (n + s) + 6 * f;
        // Mean over the pixel = f + (f_xx + f_yy) / 24 + (f_xxxx + f_yyyy) / 1920; second differences hold f_xxxx / 12 themselves.
        // What is left out after that correction may be as large as a few times it where the brightness has a kink.
        const float rest = 0.01f * (std::abs(fourth_x) + std::abs(fourth_y));
        if (rest > tolerance || maps_onto_centre(sx, sy, row, column)) {
          rough.push_back({lattice.coordinate(column), lattice.coordinate(row),
                           static_cast<std::int32_t>(static_cast<std::size_t>(row) * out.stride + static_cast<std::size_t>(column))});
        } else {
          out.at(row, column) = f + (e + w + n + s - 4 * f) / 24 - 0.00295f * (fourth_x + fourth_y);
        }
      }
    }
    return rough;
  }

  /// Integrates cells of one level; returns those of the next.
  std::vector<Cell> one_level(const std::vector<Cell>& cells, float half_side, float share, bool last, Nodes& at) {
    at.place(cells, half_side);
    if (mass) {
      map_to_source(*mass, at.x, at.y, at.source_x, at.source_y);
    } else {
      at.source_x = at.x;
      at.source_y = at.y;
    }
    brightness(prepared, at.source_x, at.source_y, at.value);
    std::vector<Cell> finer;
    for (std::size_t c = 0; c < cells.size(); ++c) {
      const float* v = at.value.data() + c * nodes;
      float mean = 0;
      for (std::size_t k = 0; k < nodes; ++k) mean += node_weight[k] * v[k];
      // Five of the nodes make a rule of degree 3; its difference bounds the error.
      const float coarse = v[4] + (v[1] + v[3] + v[5] + v[7] - 4 * v[4]) / 3.6f;
      const bool split = std::abs(mean - coarse) * share > tolerance ||
                         hides_centre(at.source_x.data() + c * nodes, at.source_y.data() + c * nodes, light);
      if (!split || last) {
        out.values[static_cast<std::size_t>(cells[c].pixel)] += mean * share;
        continue;
      }
      const float quarter = half_side / 2;
      for (const float dy : {-quarter, quarter}) {
        for (const float dx : {-quarter, quarter}) finer.push_back({cells[c].x + dx, cells[c].y + dy, cells[c].pixel});
      }
    }
    return finer;
  }
};

}  // namespace

PixelBox PixelIntegrator::integrate(const Sersic& light, double tolerance, double negligible, Plane& out) const {
  const float area = lattice_.pixel * lattice_.pixel;
  std::fill(out.values.begin(), out.values.end(), 0.0f);
  const PixelBox box = visible_box(lattice_, light, negligible / area, mass_ != nullptr);
  if (box.empty()) return box;
  Work work{lattice_, mass_, light, prepare(light), static_cast<float>(tolerance / area), out};
  // Two more samples on every side for the differences.
  Plane samples{lattice_.x.side};
  const Plane &sx = mass_ ? lattice_.source_x : lattice_.x, &sy = mass_ ? lattice_.source_y : lattice_.y;
  const std::size_t first = static_cast<std::size_t>(std::max(0, box.column_first - 2)) / kernel_block * kernel_block;
  const std::size_t end = std::min(samples.stride, padded(static_cast<std::size_t>(box.column_end + 2)));
  for (int row = std::max(0, box.row_first - 2); row < std::min(samples.side, box.row_end + 2); ++row) {
    brightness(work.prepared, sx.row(row).subspan(first, end - first), sy.row(row).subspan(first, end - first),
               samples.row(row).subspan(first, end - first));
  }
  std::vector<Cell> cells = work.correct_smooth(samples, box);
  Nodes at;
  float half_side = lattice_.pixel / 2, share = 1;
  for (int level = 0; !cells.empty() && level <= deepest; ++level) {
    cells = work.one_level(cells, half_side, share, level == deepest, at);
    half_side /= 2;
    share /= 4;
  }
  for (int row = box.row_first; row < box.row_end; ++row) {
    for (int column = box.column_first; column < box.column_end; ++column) out.at(row, column) *= area;
  }
  return box;
}

}  // namespace lensfind::simulate
