// Highway compiles this file once for each instruction set and picks one at run time.
#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "lensfind/render/cell_kernels.cpp"
#include <hwy/foreach_target.h>
// The order matters: foreach_target.h comes first.
#include <array>
#include <cmath>
#include <limits>

#include <hwy/highway.h>

#include "lensfind/render/cell_kernels.h"
#include "lensfind/render/ray-inl.h"

HWY_BEFORE_NAMESPACE();
namespace lensfind::render::HWY_NAMESPACE {

using Whole = hn::RebindToSigned<Tag>;

/// Brightness at the five nodes of a cell that stand on its axes, and the mean of all nine by their weights.
struct CellValues {
  Vector middle, west, east, south, north, mean;
};

/// Bounds the error of the nodes' mean. Five of them make a rule of degree 3; what it differs by shows structure in both directions, and
/// second differences D show structure in one, to which both rules are blind: D^2 / f. Where light is smooth on the scale of the cell, the
/// mean's own error is of higher order than these.
HWY_INLINE Vector smooth_error(const CellValues& f) {
  const Tag d;
  const Vector two = hn::Set(d, 2.0f), beside = hn::Add(f.west, f.east), over = hn::Add(f.south, f.north);
  const Vector along_x = hn::NegMulAdd(two, f.middle, beside), along_y = hn::NegMulAdd(two, f.middle, over);
  const Vector mixed = hn::MulAdd(hn::Set(d, 1 / 3.6f), hn::Add(along_x, along_y), hn::Sub(f.middle, f.mean));
  const Vector squares = hn::MulAdd(along_x, along_x, hn::Mul(along_y, along_y)), some_light = hn::Add(f.mean, hn::Set(d, 1e-30f));
  const Vector difference = hn::Add(hn::Abs(mixed), hn::Div(hn::Mul(hn::Set(d, 0.1f), squares), some_light));
  return hn::Mul(difference, hn::Sqrt(hn::Min(hn::Set(d, 1.0f), hn::Div(difference, some_light))));
}

/// What a cusp between the nodes may add, where differences may vanish: a part of the gradient. `nearness`: square of how far the cell
/// extends over how far its middle is from the source's centre, both as the source's isophotes measure.
HWY_INLINE Vector cusp_error(const CellValues& f, Vector nearness) {
  const Tag d;
  const Vector gradient = hn::Max(hn::Abs(hn::Sub(f.east, f.west)), hn::Abs(hn::Sub(f.north, f.south)));
  nearness = hn::Min(nearness, hn::Set(d, 1.0f));
  return hn::Mul(hn::Mul(hn::Set(d, 0.2f), gradient), hn::Mul(nearness, hn::Mul(nearness, nearness)));
}

/// Where the light of a cell's nodes comes from.
struct SourceNodes {
  HWY_ALIGN std::array<float, 9 * kernel_block> x, y;

  void set(std::size_t node, Vector at_x, Vector at_y) {
    hn::Store(at_x, Tag{}, x.data() + node * kernel_block);
    hn::Store(at_y, Tag{}, y.data() + node * kernel_block);
  }
  Vector node_x(std::size_t node) const { return hn::Load(Tag{}, x.data() + node * kernel_block); }
  Vector node_y(std::size_t node) const { return hn::Load(Tag{}, y.data() + node * kernel_block); }
  /// (R / R_e)^2 of a node's distance from another.
  Vector distance_square(const PreparedSersic& light, std::size_t from, std::size_t to) const {
    return metric(light, hn::Sub(node_x(to), node_x(from)), hn::Sub(node_y(to), node_y(from)));
  }
};

HWY_INLINE Vector nearness(const PreparedSersic& light, const SourceNodes& nodes) {
  const Tag d;
  const Vector extent = hn::Mul(hn::Set(d, 0.25f), hn::Max(nodes.distance_square(light, 3, 5), nodes.distance_square(light, 1, 7)));
  return hn::Div(extent, hn::Add(radius_square(light, nodes.node_x(4), nodes.node_y(4)), hn::Set(d, 1e-30f)));
}

/// Appends the numbers of the lanes of a mask, from c on.
HWY_INLINE void choose(std::size_t c, hn::Mask<Tag> lanes, CellChoice& choice) {
  const Whole di;
  choice.count +=
      hn::CompressStore(hn::Iota(di, static_cast<std::int32_t>(c)), hn::RebindMask(di, lanes), di, choice.index.data() + choice.count);
}

void SampleCells(const CellView& view, SampledCells& out) {
  const Tag d;
  const Whole di;
  const CellList& cells = out.cells;
  const PreparedSersic& light = *view.light;
  const std::size_t stride = padded(cells.count);
  const float size = 1.0f / static_cast<float>(1 << view.level), reach = 0.5f * size;
  const Vector half = hn::Set(d, 0.5f), width = hn::Set(d, size), pixel = hn::Set(d, view.pixel_arcsec),
               middle = hn::Set(d, 0.5f * static_cast<float>(view.side - 1)), fraction = hn::Set(d, size * size);
  // Nodes stand at 0.775 of the half side; a little more for regions that are no parallelograms.
  constexpr float cell_reach = 1.6f, unlimited = std::numeric_limits<float>::max();
  // Were all of the cell as bright as the source's centre, it would still not matter.
  const bool may_hide = !view.deepest && size * size * std::exp2(light.log2_centre) > view.tolerance;
  const Vector hidden_half = hn::Set(d, may_hide ? 0.5f * view.hidden_within_arcsec : unlimited),
               tolerance = hn::Set(d, view.deepest ? unlimited : view.tolerance);
  for (std::size_t c = 0; c < cells.count; c += hn::Lanes(d)) {
    const auto number = [&](const LineVector<std::int32_t>& of) { return hn::ConvertTo(d, hn::Load(di, of.data() + c)); };
    const Vector u = hn::MulSub(hn::Add(number(cells.i), half), width, half), v = hn::MulSub(hn::Add(number(cells.j), half), width, half);
    const Vector column = hn::Add(hn::Sub(number(cells.column), middle), u), row = hn::Add(hn::Sub(number(cells.row), middle), v);
    float* here = out.brightness.data() + c;
    Vector left = hn::Set(d, 1e30f), right = hn::Set(d, -1e30f), low = left, high = right;
    SourceNodes nodes;
    for (std::size_t k = 0; k < 9; ++k) {
      const Vector x = hn::Mul(pixel, hn::Add(column, hn::Set(d, reach * cell_nodes[k % 3])));
      const Vector y = hn::Mul(pixel, hn::Add(row, hn::Set(d, reach * cell_nodes[k / 3])));
      Vector sx = x, sy = y;
      if (view.mass) follow_ray(*view.mass, x, y, sx, sy);
      left = hn::Min(left, sx);
      right = hn::Max(right, sx);
      low = hn::Min(low, sy);
      high = hn::Max(high, sy);
      nodes.set(k, sx, sy);
      hn::Store(sersic_brightness(light, radius_square(light, sx, sy)), d, here + k * stride);
    }
    const auto value = [&](std::size_t k) { return hn::Load(d, here + k * stride); };
    const Vector corners = hn::Add(hn::Add(value(0), value(2)), hn::Add(value(6), value(8))),
                 edges = hn::Add(hn::Add(value(1), value(3)), hn::Add(value(5), value(7)));
    const Vector mean =
        hn::MulAdd(hn::Set(d, 25.f / 324), corners, hn::MulAdd(hn::Set(d, 40.f / 324), edges, hn::Mul(hn::Set(d, 64.f / 324), value(4))));
    const CellValues values{value(4), value(3), value(5), value(1), value(7), mean};
    const SourceBox box = box_about(light, left, right, low, high);
    const Vector error = hn::Mul(fraction, hn::Max(smooth_error(values), cusp_error(values, nearness(light, nodes))));
    // The source's centre lies in the region that the cell maps to, while that is too large to show the source.
    const auto hidden = hn::And(hn::Ge(hn::Max(box.wide, box.tall), hidden_half), may_hold(light, box, cell_reach));
    const auto there = hn::FirstN(d, cells.count - c), split = hn::Or(hn::Gt(error, tolerance), hidden);
    hn::Store(hn::Mul(fraction, mean), d, out.light.data() + c);
    choose(c, hn::And(there, split), out.split);
    choose(c, hn::AndNot(split, hn::And(there, hn::Gt(mean, hn::Zero(d)))), out.kept);
  }
}

}  // namespace lensfind::render::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace lensfind::render {

HWY_EXPORT(SampleCells);

void sample_cells(const CellView& view, SampledCells& cells) {
  cells.make_room();
  HWY_DYNAMIC_DISPATCH(SampleCells)(view, cells);
}

}  // namespace lensfind::render
#endif
