// Highway compiles this file once for each instruction set and picks one at run time.
#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "lensfind/render/cell_spread.cpp"
#include <hwy/foreach_target.h>
// The order matters: foreach_target.h comes first.
#include <array>
#include <numbers>

#include <hwy/highway.h>

#include "lensfind/render/cell_spread.h"
#include "lensfind/render/vector_math-inl.h"

HWY_BEFORE_NAMESPACE();
namespace lensfind::render::HWY_NAMESPACE {

/// Half of the widest spread, and all of the narrower.
using Eight = hn::CappedTag<float, 8>;

/// Weights of a point at the place t in [-1/2, 1/2] of its pixel.
HWY_INLINE void weigh(const CellSpread& spread, float t, float* out) {
  const Eight d;
  using Vector = hn::Vec<Eight>;
  const auto width = static_cast<std::size_t>(spread.width);
  const float first = static_cast<float>(1 - spread.width / 2) - t, inverse = 1 / (spread.sigma * std::numbers::sqrt2_v<float>);
  const Vector scale = hn::Set(d, inverse), half = hn::Set(d, 0.5f);
  for (std::size_t k = 0; k < width; k += hn::Lanes(d)) {
    const Vector from_point = hn::Iota(d, first + static_cast<float>(k));
    if (spread.values == CellSpread::Values::centres) {
      const Vector x = hn::Mul(from_point, scale);
      const Vector front = hn::Set(d, std::numbers::inv_sqrtpi_v<float> * inverse);
      hn::StoreU(hn::Mul(front, exp2(d, hn::Mul(hn::Set(d, -std::numbers::log2e_v<float>), hn::Mul(x, x)))), d, out + k);
    } else {
      const Vector right = erf(d, hn::Mul(hn::Add(from_point, half), scale)), left = erf(d, hn::Mul(hn::Sub(from_point, half), scale));
      hn::StoreU(hn::Mul(half, hn::Sub(right, left)), d, out + k);
    }
  }
}

void Tabulate(CellSpread& spread) {
  float* out = spread.weights.data();
  for (std::int32_t level = 0; level < CellSpread::tabulated_levels; ++level) {
    for (std::int32_t i = 0; i < 1 << level; ++i) {
      for (std::size_t n = 0; n < 3; ++n, out += spread.width) {
        weigh(spread, node_offset(level, i, n), out);
        for (int k = 0; k < spread.width; ++k) out[k] *= cell_weights[n] / static_cast<float>(1 << level);
      }
    }
  }
}

/// Where a cell's light is added: the first row and column that it reaches.
struct Corner {
  int row, column;
};

/// A small cell: all of its light stands at its centre of light.
template <class Tag>
HWY_INLINE void add_point(Tag d, const SampledCells& of, std::int32_t level, std::size_t c, const CellSpread& spread, float flux,
                          Corner corner, Plane& into) {
  const std::size_t stride = padded(of.cells.count);
  float light = 0, along_x = 0, along_y = 0;
  for (std::size_t k = 0; k < 9; ++k) {
    const float here = of.brightness[k * stride + c] * cell_weights[k % 3] * cell_weights[k / 3];
    light += here;
    along_x += here * node_offset(level, of.cells.i[c], k % 3);
    along_y += here * node_offset(level, of.cells.j[c], k / 3);
  }
  std::array<float, CellSpread::greatest_width> x, y;
  weigh(spread, along_x / light, x.data());
  weigh(spread, along_y / light, y.data());
  const auto width = static_cast<std::size_t>(spread.width);
  for (std::size_t k = 0; k < width; k += hn::Lanes(d)) {
    const auto line = hn::Mul(hn::Set(d, flux * of.light[c]), hn::LoadU(d, x.data() + k));
    for (std::size_t r = 0; r < width; ++r) {
      float* to = into.row(corner.row + static_cast<int>(r)).data() + static_cast<std::size_t>(corner.column) + k;
      hn::StoreU(hn::MulAdd(hn::Set(d, y[r]), line, hn::LoadU(d, to)), d, to);
    }
  }
}

/// A large one: the nodes' places are tabulated.
template <class Tag>
HWY_INLINE void add_nodes(Tag d, const SampledCells& of, std::int32_t level, std::size_t c, const CellSpread& spread, float flux,
                          Corner corner, Plane& into) {
  using Vector = hn::Vec<Tag>;
  const auto width = static_cast<std::size_t>(spread.width);
  const std::size_t stride = padded(of.cells.count);
  const float* brightness = of.brightness.data() + c;
  const float* x = spread.weights.data() + CellSpread::place(level, of.cells.i[c]) * width;
  const float* y = spread.weights.data() + CellSpread::place(level, of.cells.j[c]) * width;
  for (std::size_t k = 0; k < width; k += hn::Lanes(d)) {
    const Vector x0 = hn::LoadU(d, x + k), x1 = hn::LoadU(d, x + width + k), x2 = hn::LoadU(d, x + 2 * width + k);
    const auto line = [&](std::size_t n) {
      const auto node = [&](std::size_t m) { return hn::Set(d, flux * brightness[m * stride]); };
      return hn::MulAdd(node(n), x0, hn::MulAdd(node(n + 1), x1, hn::Mul(node(n + 2), x2)));
    };
    const Vector below = line(0), middle = line(3), above = line(6);
    for (std::size_t r = 0; r < width; ++r) {
      float* to = into.row(corner.row + static_cast<int>(r)).data() + static_cast<std::size_t>(corner.column) + k;
      Vector sum = hn::MulAdd(hn::Set(d, y[r]), below, hn::LoadU(d, to));
      sum = hn::MulAdd(hn::Set(d, y[width + r]), middle, sum);
      hn::StoreU(hn::MulAdd(hn::Set(d, y[2 * width + r]), above, sum), d, to);
    }
  }
}

template <class Tag>
HWY_INLINE void spread_all(Tag d, const SampledCells& of, std::int32_t level, const CellSpread& spread, float flux, Plane& into) {
  for (std::size_t k = 0; k < of.kept.count; ++k) {
    const auto c = static_cast<std::size_t>(of.kept.index[k]);
    const Corner corner{of.cells.row[c] + 1 - spread.width / 2, of.cells.column[c] + 1 - spread.width / 2};
    if (corner.row < 0 || corner.column < 0 || corner.row + spread.width > into.side || corner.column + spread.width > into.side) continue;
    if (level < CellSpread::tabulated_levels) {
      add_nodes(d, of, level, c, spread, flux, corner, into);
    } else {
      add_point(d, of, level, c, spread, flux, corner, into);
    }
  }
}

void SpreadCells(const SampledCells& cells, std::int32_t level, const CellSpread& spread, float flux, Plane& into) {
  if (spread.width % 16 == 0) {
    spread_all(hn::CappedTag<float, 16>{}, cells, level, spread, flux, into);
  } else {
    spread_all(Eight{}, cells, level, spread, flux, into);
  }
}

}  // namespace lensfind::render::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace lensfind::render {

HWY_EXPORT(Tabulate);
HWY_EXPORT(SpreadCells);

CellSpread::CellSpread(double sigma_pixels, Values wanted)
    : sigma{static_cast<float>(sigma_pixels)},
      values{wanted},
      width{sigma_pixels <= 0.75 ? 8 : 16},
      weights(place(tabulated_levels, 0) * static_cast<std::size_t>(width)) {
  HWY_DYNAMIC_DISPATCH(Tabulate)(*this);
}

void spread_cells(std::span<const SampledCells> levels, const CellSpread& spread, float flux, Plane& into) {
  for (std::size_t level = 0; level < levels.size(); ++level) {
    if (levels[level].kept.count > 0)
      HWY_DYNAMIC_DISPATCH(SpreadCells)(levels[level], static_cast<std::int32_t>(level), spread, flux, into);
  }
}

}  // namespace lensfind::render
#endif
