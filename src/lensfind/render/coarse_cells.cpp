#include "lensfind/render/coarse_cells.h"

#include <algorithm>
#include <cmath>

#include "lensfind/image/vectorised.h"

namespace lensfind::render {

CoarseCells::CoarseCells(const Mass& mass, const PreparedMass& prepared, const Grid& grid, double bend_arcsec)
    : grid_{grid}, stride_{padded(static_cast<std::size_t>(grid.cells) + 1)} {
  const std::size_t size = static_cast<std::size_t>(grid.cells) * stride_;
  for (auto* side : {&left_, &right_, &low_, &high_}) side->resize(size);
  marks_.resize(size);
  span_corners(prepared, bend_arcsec);
  widen_about(mass);
}

void CoarseCells::span_corners(const PreparedMass& prepared, double bend_arcsec) {
  const auto cells = static_cast<std::size_t>(grid_.cells), nodes = (cells + 1) * stride_;
  std::vector<float> memory(4 * nodes);
  float *x = memory.data(), *y = x + nodes, *source_x = y + nodes, *source_y = source_x + nodes;
  const auto left = static_cast<float>(grid_.corner_arcsec.x), low = static_cast<float>(grid_.corner_arcsec.y),
             step = static_cast<float>(grid_.step_arcsec), bend = static_cast<float>(bend_arcsec);
  for (std::size_t row = 0; row <= cells; ++row) {
    for (std::size_t column = 0; column < stride_; ++column) {
      x[row * stride_ + column] = left + step * static_cast<float>(static_cast<int>(column));
      y[row * stride_ + column] = low + step * static_cast<float>(static_cast<int>(row));
    }
  }
  map_to_source(prepared, {x, nodes}, {y, nodes}, {source_x, nodes}, {source_y, nodes});
  const auto span = [&](const float* at, float* least, float* most) {
    image::vectorised([&] {
      for (std::size_t k = 0; k + 1 < cells * stride_; ++k) {
        const float a = at[k], b = at[k + 1], c = at[k + stride_], d = at[k + stride_ + 1];
        least[k] = std::min(std::min(a, b), std::min(c, d)) - bend;
        most[k] = std::max(std::max(a, b), std::max(c, d)) + bend;
      }
    });
  };
  span(source_x, left_.data(), right_.data());
  span(source_y, low_.data(), high_.data());
}

/// A small mass displaces what it may displace; the largest may do anything about its centre.
void CoarseCells::widen_about(const Mass& mass) {
  constexpr double everywhere = 1e10;
  const auto place = [&](double at, double corner) {
    return static_cast<int>(std::clamp(std::floor((at - corner) / grid_.step_arcsec), -2.0, grid_.cells + 1.0));
  };
  for (std::size_t k = 0; k < mass.ellipsoids.size(); ++k) {
    const PowerLawEllipsoid& lens = mass.ellipsoids[k];
    const int row = place(lens.centre_arcsec.y, grid_.corner_arcsec.y), column = place(lens.centre_arcsec.x, grid_.corner_arcsec.x);
    const auto more = static_cast<float>(k == 0 || lens.slope != 2 ? everywhere : 3 * lens.theta_e_arcsec);
    for (int r = std::max(0, row - 1); r <= std::min(grid_.cells - 1, row + 1); ++r) {
      for (int c = std::max(0, column - 1); c <= std::min(grid_.cells - 1, column + 1); ++c) {
        widen(static_cast<std::size_t>(r) * stride_ + static_cast<std::size_t>(c), more);
      }
    }
  }
}

void CoarseCells::widen(std::size_t cell, float by) {
  left_[cell] -= by;
  right_[cell] += by;
  low_[cell] -= by;
  high_[cell] += by;
}

/// Within a square of side h, a function strays from between its corners by h^2 / 8 (|f_xx| + |f_yy|) at most. An isothermal sphere's
/// deflection has second derivatives of theta_E / r^2 and less; flattening raises them, other slopes by (theta_E / r)^(slope - 2), steeper
/// ones by slope - 1 besides.
void CoarseCells::allow_for_curvature(const Mass& mass) {
  const auto step = static_cast<float>(grid_.step_arcsec), quarter = 0.25f * step * step, half = 0.5f * step;
  const auto first_x = static_cast<float>(grid_.corner_arcsec.x) + half, first_y = static_cast<float>(grid_.corner_arcsec.y) + half;
  std::vector<float> bends(stride_);
  // Of a mass with `strength` (theta_E), core and exponent of its own; (theta_E / r)^2p is at most 1 + p ((theta_E / r)^2 - 1).
  const auto add = [&](Point centre, float strength, float core_square, float half_power, float times, int row) {
    const auto centre_x = static_cast<float>(centre.x), y = first_y + step * static_cast<float>(row) - static_cast<float>(centre.y);
    const float above = std::max(0.0f, std::abs(y) - half), least = core_square + half * half, unit = strength * strength;
    image::vectorised([&] {
      for (std::size_t k = 0; k < bends.size(); ++k) {
        const float x = std::max(0.0f, std::abs(first_x + step * static_cast<float>(static_cast<int>(k)) - centre_x) - half);
        const float square = std::max(least, x * x + above * above + core_square),
                    ratio = std::min(1e30f, std::max(square / unit, unit / square));
        bends[k] += times * quarter * strength / square * (1 + half_power * (ratio - 1));
      }
    });
  };
  for (int row = 0; row < grid_.cells; ++row) {
    std::ranges::fill(bends, 0.0f);
    for (const PowerLawEllipsoid& lens : mass.ellipsoids) {
      add(lens.centre_arcsec, static_cast<float>(lens.theta_e_arcsec), 0, static_cast<float>(0.5 * std::abs(lens.slope - 2)),
          static_cast<float>(std::pow(lens.axis_ratio, -0.5 * (std::max(2.0, lens.slope) + 1)) * std::max(1.0, lens.slope - 1)), row);
    }
    for (const CoredHalo& halo : mass.halos) {
      add(halo.centre_arcsec, static_cast<float>(halo.strength_arcsec), static_cast<float>(halo.core_arcsec * halo.core_arcsec), 0, 1.5f,
          row);
    }
    for (std::size_t k = 0; k < stride_; ++k) widen(static_cast<std::size_t>(row) * stride_ + k, bends[k]);
  }
}

void CoarseCells::mark(Point at, double reach_x_arcsec, double reach_y_arcsec) {
  const auto from_x = static_cast<float>(at.x - reach_x_arcsec), to_x = static_cast<float>(at.x + reach_x_arcsec),
             from_y = static_cast<float>(at.y - reach_y_arcsec), to_y = static_cast<float>(at.y + reach_y_arcsec);
  const float *left = left_.data(), *right = right_.data(), *low = low_.data(), *high = high_.data();
  std::int32_t* marks = marks_.data();
  image::vectorised([&] {
    for (std::size_t k = 0; k < marks_.size(); ++k)
      marks[k] |= static_cast<std::int32_t>(left[k] <= to_x) & static_cast<std::int32_t>(right[k] >= from_x) &
                  static_cast<std::int32_t>(low[k] <= to_y) & static_cast<std::int32_t>(high[k] >= from_y);
  });
}

std::vector<std::uint32_t> CoarseCells::marked() const {
  std::vector<std::uint32_t> out;
  out.reserve(static_cast<std::size_t>(grid_.cells) * 4);
  for (int row = 0; row < grid_.cells; ++row) {
    for (int column = 0; column < grid_.cells; ++column) {
      if (marks_[static_cast<std::size_t>(row) * stride_ + static_cast<std::size_t>(column)] != 0)
        out.push_back(static_cast<std::uint32_t>(row * grid_.cells + column));
    }
  }
  return out;
}

ColumnSpan CoarseCells::marked_in(int row) const {
  const std::int32_t* marks = marks_.data() + static_cast<std::size_t>(row) * stride_;
  ColumnSpan out{grid_.cells, 0};
  for (int column = 0; column < grid_.cells; ++column) {
    if (marks[column] != 0) out = {std::min(out.first, column), column + 1};
  }
  return out;
}

Point reach_of(const PreparedSersic& light) {
  const double times = std::sqrt(static_cast<double>(light.farthest)) / reach_radii;
  return {times * static_cast<double>(light.reach_x), times * static_cast<double>(light.reach_y)};
}

}  // namespace lensfind::render
