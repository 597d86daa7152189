// Highway compiles this file once for each instruction set and picks one at run time.
#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "lensfind/simulate/cell_kernels.cpp"
#include <hwy/foreach_target.h>
// The order matters: foreach_target.h comes first.
#include <cmath>
#include <limits>
#include <vector>

#include <hwy/highway.h>

#include "lensfind/simulate/cell_kernels.h"
#include "lensfind/simulate/light_samples.h"
#include "lensfind/simulate/ray-inl.h"

HWY_BEFORE_NAMESPACE();
namespace lensfind::simulate::HWY_NAMESPACE {

using Whole = hn::RebindToSigned<Tag>;

/// Brightness at the five nodes of a cell that stand on its axes, and the mean of all nine by their weights.
struct CellValues {
  Vector middle, west, east, south, north, mean;
};

/// Bounds the error of the nodes' mean. Five of them make a rule of degree 3; what it differs by shows structure in both directions, and
/// second differences D show structure in one, to which both rules are blind: D^2 / f lies between the D^3 / f^2 that a smooth f leaves and
/// the few hundredths of D that a kink does. Where light is smooth on the scale of the cell this is far too much: the mean's own error is
/// of the next two orders.
HWY_INLINE Vector smooth_error(const CellValues& f) {
  const Tag d;
  const Vector two = hn::Set(d, 2.0f), beside = hn::Add(f.west, f.east), over = hn::Add(f.south, f.north);
  const Vector along_x = hn::NegMulAdd(two, f.middle, beside), along_y = hn::NegMulAdd(two, f.middle, over);
  const Vector mixed = hn::MulAdd(hn::Set(d, 1 / 3.6f), hn::Add(along_x, along_y), hn::Sub(f.middle, f.mean));
  const Vector squares = hn::MulAdd(along_x, along_x, hn::Mul(along_y, along_y)), safe_mean = hn::Add(f.mean, hn::Set(d, 1e-30f));
  const Vector difference = hn::Add(hn::Abs(mixed), hn::Div(hn::Mul(hn::Set(d, 0.1f), squares), safe_mean));
  return hn::Mul(difference, hn::Sqrt(hn::Min(hn::Set(d, 1.0f), hn::Div(hn::Mul(hn::Set(d, 4.0f), difference), safe_mean))));
}

/// What a source's cusp in or near the box that the cell maps to may add: a part of the gradient across the cell, for differences vanish
/// where a cusp lies between two nodes.
HWY_INLINE Vector cusp_error(const CellValues& f, const SourceBox& box) {
  const Tag d;
  const Vector gradient = hn::Max(hn::Abs(hn::Sub(f.east, f.west)), hn::Abs(hn::Sub(f.north, f.south)));
  const Vector size = hn::Max(box.wide, box.tall),
               away = hn::Max(hn::Zero(d), hn::Max(hn::Sub(box.from_x, box.wide), hn::Sub(box.from_y, box.tall)));
  const Vector nearness = hn::Div(size, hn::Add(hn::Add(size, away), hn::Set(d, 1e-30f))), square = hn::Mul(nearness, nearness);
  return hn::Mul(hn::Mul(hn::Set(d, 0.08f), gradient), hn::Mul(square, square));
}

void SampleCells(const CellView& view, const CellList& cells, std::size_t stride, float* flux, std::int32_t* splits) {
  const Tag d;
  const Whole di;
  const PreparedSersic& light = *view.light;
  const float size = 1.0f / static_cast<float>(1 << view.level), reach = 0.5f * size;
  const Vector half = hn::Set(d, 0.5f), width = hn::Set(d, size), pixel = hn::Set(d, view.pixel_arcsec),
               middle = hn::Set(d, 0.5f * static_cast<float>(view.side - 1));
  const Vector corner = hn::Set(d, 25.f / 324 * size * size), edge = hn::Set(d, 40.f / 324 * size * size),
               centre = hn::Set(d, 64.f / 324 * size * size);
  // Nodes stand at 0.775 of the half side; a little more for regions that are no parallelograms.
  constexpr float cell_reach = 1.35f;
  // Were all of the cell as bright as the source's centre, it would still not matter.
  const bool may_hide = size * size * std::exp2(light.log2_centre) > view.tolerance;
  const Vector hidden_half = hn::Set(d, may_hide ? 0.5f * view.hidden_within_arcsec : std::numeric_limits<float>::max());
  for (std::size_t c = 0; c < cells.count; c += hn::Lanes(d)) {
    const auto number = [&](const std::vector<std::int32_t>& of) { return hn::ConvertTo(d, hn::LoadU(di, of.data() + c)); };
    const Vector u = hn::MulSub(hn::Add(number(cells.i), half), width, half), v = hn::MulSub(hn::Add(number(cells.j), half), width, half);
    const Vector column = hn::Add(hn::Sub(number(cells.column), middle), u), row = hn::Add(hn::Sub(number(cells.row), middle), v);
    float* here = flux + c;
    Vector left = hn::Set(d, 1e30f), right = hn::Set(d, -1e30f), low = left, high = right;
    for (std::size_t k = 0; k < 9; ++k) {
      const Vector x = hn::Mul(pixel, hn::Add(column, hn::Set(d, reach * cell_nodes[k % 3])));
      const Vector y = hn::Mul(pixel, hn::Add(row, hn::Set(d, reach * cell_nodes[k / 3])));
      Vector sx = x, sy = y;
      if (view.mass) follow_ray(*view.mass, x, y, sx, sy);
      left = hn::Min(left, sx);
      right = hn::Max(right, sx);
      low = hn::Min(low, sy);
      high = hn::Max(high, sy);
      hn::StoreU(sersic_brightness(light, radius_square(light, sx, sy)), d, here + k * stride);
    }
    const auto value = [&](std::size_t k) { return hn::LoadU(d, here + k * stride); };
    const Vector corners = hn::Add(hn::Add(value(0), value(2)), hn::Add(value(6), value(8))),
                 edges = hn::Add(hn::Add(value(1), value(3)), hn::Add(value(5), value(7)));
    const Vector sum = hn::MulAdd(corner, corners, hn::MulAdd(edge, edges, hn::Mul(centre, value(4))));
    const Vector share = hn::Set(d, size * size);
    const CellValues values{value(4), value(3), value(5), value(1), value(7), hn::Div(sum, share)};
    const SourceBox box = box_about(light, left, right, low, high);
    const Vector error = hn::Mul(share, hn::Max(smooth_error(values), cusp_error(values, box)));
    // The source's centre lies in the region that the cell maps to, while that is too large to show the source.
    const auto hidden = hn::And(hn::Ge(hn::Max(box.wide, box.tall), hidden_half), may_hold(light, box, cell_reach));
    const auto split = hn::Or(hn::Gt(error, hn::Set(d, view.tolerance)), hidden);
    hn::StoreU(hn::IfThenElseZero(hn::RebindMask(di, split), hn::Set(di, view.deepest ? 0 : 1)), di, splits + c);
    for (std::size_t k = 0; k < 9; ++k) hn::StoreU(hn::Mul(k == 4 ? centre : k % 2 == 0 ? corner : edge, value(k)), d, here + k * stride);
  }
}

}  // namespace lensfind::simulate::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace lensfind::simulate {

HWY_EXPORT(SampleCells);

void CellList::make_room(std::size_t more) {
  // Kernels read and write whole blocks.
  const std::size_t wanted = padded(count + more) + kernel_block;
  if (row.size() >= wanted) return;
  for (auto* list : {&row, &column, &i, &j}) list->resize(2 * wanted);
}

void CellList::push(std::int32_t of_row, std::int32_t of_column, std::int32_t of_i, std::int32_t of_j) {
  row[count] = of_row;
  column[count] = of_column;
  i[count] = of_i;
  j[count++] = of_j;
}

void sample_cells(const CellView& view, const CellList& cells, std::vector<float>& flux, std::vector<std::int32_t>& splits) {
  const std::size_t stride = padded(cells.count);
  flux.resize(9 * stride);
  splits.resize(stride);
  HWY_DYNAMIC_DISPATCH(SampleCells)(view, cells, stride, flux.data(), splits.data());
}

}  // namespace lensfind::simulate
#endif
