// Highway compiles this file once for each instruction set and picks one at run time.
#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "lensfind/render/smoothness_kernels.cpp"
#include <hwy/foreach_target.h>
// The order matters: foreach_target.h comes first.
#include <algorithm>
#include <cmath>

#include <hwy/highway.h>

#include "lensfind/render/ray-inl.h"
#include "lensfind/render/smoothness_kernels.h"

HWY_BEFORE_NAMESPACE();
namespace lensfind::render::HWY_NAMESPACE {

/// Least and greatest of a plane's 3 x 3 values about each.
HWY_INLINE void extremes(const Plane& plane, int row, std::size_t c, Vector& min, Vector& max) {
  const Tag d;
  min = max = hn::LoadU(d, plane.row(row).data() + c);
  for (int up = -1; up <= 1; ++up) {
    const float* here = plane.row(row + up).data() + c;
    for (const float* at : {here - 1, here, here + 1}) {
      const Vector value = hn::LoadU(d, at);
      min = hn::Min(min, value);
      max = hn::Max(max, value);
    }
  }
}

/// Pixels whose part of the source plane, or what lies just beside it, may hold the source's centre.
HWY_INLINE hn::Mask<Tag> near_centre(const SmoothnessInput& in, int row, std::size_t c) {
  const Tag d;
  // Pixels' centres lie at the middles of the squares that their neighbours' span; a pixel reaches half as far.
  constexpr float reach = 1.6f;
  Vector left, right, low, high;
  if (in.lensed) {
    extremes(in.lattice->source_x, row, c, left, right);
    extremes(in.lattice->source_y, row, c, low, high);
  } else {
    const Vector pixel = hn::Set(d, in.lattice->pixel), x = hn::LoadU(d, in.lattice->x.row(row).data() + c),
                 y = hn::Set(d, in.lattice->coordinate(row));
    left = hn::Sub(x, pixel);
    right = hn::Add(x, pixel);
    low = hn::Sub(y, pixel);
    high = hn::Add(y, pixel);
  }
  return may_hold(*in.light, box_about(*in.light, left, right, low, high), reach);
}

/// Fourth differences of the samples, and the pixels' means.
struct Curvature {
  Vector roughness, mean;
};

HWY_INLINE Curvature curvature(const Plane& values, int row, std::size_t c, Vector f) {
  const Tag d;
  const float *here = values.row(row).data() + c, *above = values.row(row + 1).data() + c, *below = values.row(row - 1).data() + c;
  const float *above2 = values.row(row + 2).data() + c, *below2 = values.row(row - 2).data() + c;
  const Vector six_f = hn::Mul(hn::Set(d, 6.0f), f), four = hn::Set(d, 4.0f);
  const Vector beside = hn::Add(hn::LoadU(d, here - 1), hn::LoadU(d, here + 1)), over = hn::Add(hn::LoadU(d, above), hn::LoadU(d, below));
  const Vector fourth_x = hn::NegMulAdd(four, beside, hn::Add(six_f, hn::Add(hn::LoadU(d, here - 2), hn::LoadU(d, here + 2))));
  const Vector fourth_y = hn::NegMulAdd(four, over, hn::Add(six_f, hn::Add(hn::LoadU(d, above2), hn::LoadU(d, below2))));
  // The mean over the pixel is f + (f_xx + f_yy) / 24 + (f_xxxx + f_yyyy) / 1920, where second differences hold f_xxxx / 12 themselves.
  // What is left out may be a few times the last correction where the brightness has a kink.
  const Vector second = hn::NegMulAdd(four, f, hn::Add(beside, over));
  return {hn::Mul(hn::Set(d, 1.0f / 150), hn::Add(hn::Abs(fourth_x), hn::Abs(fourth_y))),
          hn::NegMulAdd(hn::Set(d, 0.00295f), hn::Add(fourth_x, fourth_y), hn::MulAdd(hn::Set(d, 1.0f / 24), second, f))};
}

bool ExamineSmoothness(const SmoothnessInput& in, int row, int first, int end, float* smooth, float* rough) {
  const Tag d;
  // Differences reach two pixels far.
  const bool at_edge = row < 2 || row >= in.values.side - 2;
  const int looked_first = at_edge ? end : std::max(first, 2), looked_end = at_edge ? end : std::min(end, in.values.side - 2);
  auto any = hn::Zero(d);
  for (std::size_t c = 0; c < in.values.stride; c += hn::Lanes(d)) {
    if (c + hn::Lanes(d) <= static_cast<std::size_t>(first) || c >= static_cast<std::size_t>(end)) {
      hn::StoreU(hn::Zero(d), d, rough + c);
      continue;
    }
    const auto within = columns_within(c, first, end);
    Vector f = hn::LoadU(d, in.values.row(row).data() + c), marks = hn::Zero(d);
    if (!at_edge) {
      const auto looked = columns_within(c, looked_first, looked_end);
      const Curvature curved = curvature(in.values, row, c, f);
      const auto is_rough = hn::And(looked, hn::Or(near_centre(in, row, c), hn::Gt(curved.roughness, hn::Set(d, in.tolerance))));
      marks = hn::IfThenElseZero(is_rough, hn::Set(d, 1.0f));
      if (in.means) f = hn::IfThenElse(looked, curved.mean, f);
    }
    hn::StoreU(hn::IfThenElseZero(within, f), d, smooth + c);
    hn::StoreU(marks, d, rough + c);
    any = hn::Add(any, marks);
  }
  return !hn::AllTrue(d, hn::Eq(any, hn::Zero(d)));
}

void FillGaps(const Plane& rough, int row, float* marks) {
  const Tag d;
  for (std::size_t c = 0; c < rough.stride; c += hn::Lanes(d)) {
    const auto at = [&](int up, std::ptrdiff_t right) {
      return hn::LoadU(d, rough.row(row + up).data() + static_cast<std::ptrdiff_t>(c) + right);
    };
    hn::StoreU(hn::Max(at(0, 0), hn::Max(hn::Min(at(0, -1), at(0, 1)), hn::Min(at(-1, 0), at(1, 0)))), d, marks + c);
  }
}

/// Of a pixel's own sample, those beside it, at its corners, and two pixels away along x and y: weights with which they stand for the light
/// in the pixel. Least squares of what a Gaussian of standard deviation 1, 1.2 or 1.5 pixels makes of one pixel's light and of that in
/// half-planes and quadrants: these agree to 3e-4 of the light at standard deviation 1 and to 5e-5 at 2, a single pixel's to 2e-3 and 7e-5
/// of its peak.
constexpr float beside_weight = 0.05488f, corner_weight = 0.002442f, second_weight = -0.004729f,
                own_weight = 1 - 4 * (beside_weight + corner_weight + second_weight);

/// Where no pixel is rough from two columns before to two behind each lane.
HWY_INLINE bool all_smooth_about(const Plane& rough, int row, std::size_t c) {
  const Tag d;
  Vector any = hn::Zero(d);
  for (int up = -2; up <= 2; ++up) {
    const float* here = rough.row(row + up).data() + c;
    any = hn::Max(any, hn::Max(hn::LoadU(d, here), hn::Max(hn::LoadU(d, here - 2), hn::LoadU(d, here + 2))));
  }
  return hn::AllTrue(d, hn::Eq(any, hn::Zero(d)));
}

/// The weight of the samples in smooth pixels' light: exactly 0 where all that they could stand for is rough.
HWY_INLINE Vector smooth_weight(const Plane& rough, int row, std::size_t c) {
  const Tag d;
  const auto smooth = [&](int up, std::ptrdiff_t right) {
    return hn::Sub(hn::Set(d, 1.0f), hn::LoadU(d, rough.row(row + up).data() + static_cast<std::ptrdiff_t>(c) + right));
  };
  const auto around = [&](int k) { return hn::Add(hn::Add(smooth(0, -k), smooth(0, k)), hn::Add(smooth(-k, 0), smooth(k, 0))); };
  const Vector corners = hn::Add(hn::Add(smooth(-1, -1), smooth(-1, 1)), hn::Add(smooth(1, -1), smooth(1, 1)));
  return hn::MulAdd(hn::Set(d, own_weight), smooth(0, 0),
                    hn::MulAdd(hn::Set(d, beside_weight), around(1),
                               hn::MulAdd(hn::Set(d, corner_weight), corners, hn::Mul(hn::Set(d, second_weight), around(2)))));
}

void HandOver(const Plane& rough, int row, int first, int end, bool points, float* smooth, CellList& cells) {
  const Tag d;
  const hn::RebindToSigned<Tag> di;
  const auto lanes = static_cast<int>(hn::Lanes(d));
  for (int column = first; column < end; column += lanes) {
    const auto c = static_cast<std::size_t>(column);
    if (all_smooth_about(rough, row, c)) continue;
    const auto within = columns_within(c, first, end);
    const Vector marks = hn::LoadU(d, rough.row(row).data() + c), f = hn::LoadU(d, smooth + c);
    const Vector weight = points ? smooth_weight(rough, row, c) : hn::Sub(hn::Set(d, 1.0f), marks);
    hn::StoreU(hn::IfThenElse(within, hn::Mul(weight, f), f), d, smooth + c);
    const auto is_rough = hn::RebindMask(di, hn::And(within, hn::Gt(marks, hn::Zero(d))));
    const std::size_t more = hn::CompressStore(hn::Iota(di, column), is_rough, di, cells.column.data() + cells.count);
    for (std::size_t k = cells.count; k < cells.count + more; ++k) {
      cells.row[k] = row;
      cells.i[k] = cells.j[k] = 0;
    }
    cells.count += more;
  }
}

}  // namespace lensfind::render::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace lensfind::render {

HWY_EXPORT(ExamineSmoothness);
HWY_EXPORT(FillGaps);
HWY_EXPORT(HandOver);

bool examine_smoothness(const SmoothnessInput& in, int row, int first, int end, std::span<float> smooth, std::span<float> rough) {
  return HWY_DYNAMIC_DISPATCH(ExamineSmoothness)(in, row, first, end, smooth.data(), rough.data());
}

void fill_gaps(const Plane& rough, int row, std::span<float> marks) { HWY_DYNAMIC_DISPATCH(FillGaps)(rough, row, marks.data()); }

void hand_over(const Plane& rough, int row, int first, int end, bool points, std::span<float> smooth, CellList& cells) {
  HWY_DYNAMIC_DISPATCH(HandOver)(rough, row, first, end, points, smooth.data(), cells);
}

}  // namespace lensfind::render
#endif
