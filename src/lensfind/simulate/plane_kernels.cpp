// Highway compiles this file once for each instruction set and picks one at run time.
#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "lensfind/simulate/plane_kernels.cpp"
#include <hwy/foreach_target.h>
// The order matters: foreach_target.h comes first.
#include <algorithm>
#include <cmath>
#include <vector>

#include <hwy/highway.h>

#include "lensfind/simulate/plane_kernels.h"
#include "lensfind/simulate/vector_math-inl.h"

HWY_BEFORE_NAMESPACE();
namespace lensfind::simulate::HWY_NAMESPACE {

using Tag = hn::CappedTag<float, kernel_block>;
using Vector = hn::Vec<Tag>;

/// Sum of the moduli of a plane's central differences in x and y: twice the extent of what a pixel maps to.
HWY_INLINE Vector reach(const Plane& plane, int row, std::size_t c) {
  const Tag d;
  const float *here = plane.row(row).data() + c, *above = plane.row(row + 1).data() + c, *below = plane.row(row - 1).data() + c;
  return hn::Add(hn::Abs(hn::Sub(hn::LoadU(d, here + 1), hn::LoadU(d, here - 1))),
                 hn::Abs(hn::Sub(hn::LoadU(d, above), hn::LoadU(d, below))));
}

/// Lanes whose columns, from c on, lie in [first, end).
HWY_INLINE hn::Mask<Tag> columns_within(std::size_t c, int first, int end) {
  const Tag d;
  const Vector column = hn::Iota(d, static_cast<float>(c));
  return hn::And(hn::Ge(column, hn::Set(d, static_cast<float>(first))), hn::Lt(column, hn::Set(d, static_cast<float>(end))));
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
  return {hn::Mul(hn::Set(d, 0.01f), hn::Add(hn::Abs(fourth_x), hn::Abs(fourth_y))),
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
      const Vector dx = hn::Abs(hn::Sub(hn::LoadU(d, in.source_x->row(row).data() + c), hn::Set(d, in.centre_x)));
      const Vector dy = hn::Abs(hn::Sub(hn::LoadU(d, in.source_y->row(row).data() + c), hn::Set(d, in.centre_y)));
      // The source's own light must be in cells wherever splines of its pixel's neighbours hold a part of it: a pixel and a half away, and
      // some more for its bending near a critical curve. Half of the reach is one pixel.
      const Vector beside = hn::Set(d, 0.8f);
      const auto near =
          hn::And(hn::Lt(dx, hn::Mul(beside, reach(*in.source_x, row, c))), hn::Lt(dy, hn::Mul(beside, reach(*in.source_y, row, c))));
      const auto is_rough = hn::And(looked, hn::Or(near, hn::Gt(curved.roughness, hn::Set(d, in.tolerance))));
      marks = hn::IfThenElseZero(is_rough, hn::Set(d, 1.0f));
      if (in.means) f = hn::IfThenElse(looked, curved.mean, f);
    }
    hn::StoreU(hn::IfThenElseZero(within, f), d, smooth + c);
    hn::StoreU(marks, d, rough + c);
    any = hn::Add(any, marks);
  }
  return !hn::AllTrue(d, hn::Eq(any, hn::Zero(d)));
}

void HandOver(const Plane& rough, int row, int first, int end, bool blended, float* smooth, CellList& cells) {
  const Tag d;
  const hn::RebindToSigned<Tag> di;
  const float side = blended ? 0.125f : 0.0f, middle = blended ? 0.75f : 1.0f;
  const auto lanes = static_cast<int>(hn::Lanes(d));
  for (int column = first; column < end; column += lanes) {
    const auto c = static_cast<std::size_t>(column);
    const auto share_of = [&](std::size_t at) {
      const Vector beyond = hn::Add(hn::LoadU(d, rough.row(row - 1).data() + at), hn::LoadU(d, rough.row(row + 1).data() + at));
      return hn::MulAdd(hn::Set(d, side), beyond, hn::Mul(hn::Set(d, middle), hn::LoadU(d, rough.row(row).data() + at)));
    };
    Vector share = share_of(c);
    if (blended) share = hn::MulAdd(hn::Set(d, side), hn::Add(share_of(c - 1), share_of(c + 1)), hn::Mul(hn::Set(d, middle), share));
    const auto taken = hn::And(columns_within(c, first, end), hn::Gt(share, hn::Zero(d)));
    if (hn::AllFalse(d, taken)) continue;
    const Vector f = hn::LoadU(d, smooth + c);
    hn::StoreU(hn::IfThenElse(taken, hn::NegMulAdd(share, f, f), f), d, smooth + c);
    Vector bits = hn::Zero(d);
    for (int y = 2; y >= 0; --y) {
      for (std::size_t x = 3; x-- > 0;) bits = hn::Add(hn::Add(bits, bits), hn::LoadU(d, rough.row(row + y - 1).data() + c + x - 1));
    }
    const auto lanes_taken = hn::RebindMask(di, taken);
    const auto around = blended ? hn::ConvertTo(di, bits) : hn::Set(di, 511);
    const std::size_t more = hn::CompressStore(hn::Iota(di, column), lanes_taken, di, cells.column.data() + cells.count);
    hn::CompressStore(around, lanes_taken, di, cells.rough.data() + cells.count);
    for (std::size_t k = cells.count; k < cells.count + more; ++k) {
      cells.row[k] = row;
      cells.i[k] = cells.j[k] = 0;
    }
    cells.count += more;
  }
}

void ConvolveSeparable(const Plane& in, const float* taps, int reach_pixels, const PixelBox& box, int offset, float* upright, Plane& out) {
  const Tag d;
  const auto lanes = static_cast<int>(hn::Lanes(d));
  const auto stride = static_cast<std::ptrdiff_t>(in.stride);
  const int first = std::max(0, box.column_first - reach_pixels) / lanes * lanes;
  for (int row = box.row_first; row < box.row_end; ++row) {
    for (int column = first; column < box.column_end + reach_pixels; column += lanes) {
      const float* from = in.row(row).data() + column;
      Vector sum = hn::Mul(hn::Set(d, taps[0]), hn::LoadU(d, from));
      for (int k = 1; k <= reach_pixels; ++k)
        sum = hn::MulAdd(hn::Set(d, taps[k]), hn::Add(hn::LoadU(d, from + k * stride), hn::LoadU(d, from - k * stride)), sum);
      hn::StoreU(sum, d, upright + column);
    }
    float* to = out.row(row - offset).data() - offset;
    // Blocks of the result are aligned in it where it begins with the box.
    for (int column = offset == 0 ? box.column_first / lanes * lanes : box.column_first; column < box.column_end; column += lanes) {
      const float* from = upright + column;
      Vector sum = hn::Mul(hn::Set(d, taps[0]), hn::LoadU(d, from));
      for (int k = 1; k <= reach_pixels; ++k)
        sum = hn::MulAdd(hn::Set(d, taps[k]), hn::Add(hn::LoadU(d, from + k), hn::LoadU(d, from - k)), sum);
      hn::StoreU(sum, d, to + column);
    }
  }
}

void ConvolveKernel(const Plane& in, const float* kernel, int rows, int columns, Plane& out) {
  const Tag d;
  const std::size_t lanes = hn::Lanes(d);
  const int margin = (in.side - out.side) / 2;
  const std::ptrdiff_t first_column = margin - columns / 2;
  for (int row = 0; row < out.side; ++row) {
    float* to = out.row(row).data();
    // Four blocks at a time: each tap is loaded once for all of them, and their sums do not wait for each other.
    for (std::size_t c = 0; c < out.stride; c += 4 * lanes) {
      Vector sum0 = hn::Zero(d), sum1 = sum0, sum2 = sum0, sum3 = sum0;
      const std::size_t last = out.stride - lanes, c1 = std::min(c + lanes, last), c2 = std::min(c + 2 * lanes, last),
                        c3 = std::min(c + 3 * lanes, last);
      for (int m = 0; m < rows; ++m) {
        const float* from = in.row(row + margin + m - rows / 2).data() + first_column;
        const float* taps = kernel + (rows - 1 - m) * columns;
        for (int n = 0; n < columns; ++n) {
          const Vector tap = hn::Set(d, taps[columns - 1 - n]);
          sum0 = hn::MulAdd(tap, hn::LoadU(d, from + c + static_cast<std::size_t>(n)), sum0);
          sum1 = hn::MulAdd(tap, hn::LoadU(d, from + c1 + static_cast<std::size_t>(n)), sum1);
          sum2 = hn::MulAdd(tap, hn::LoadU(d, from + c2 + static_cast<std::size_t>(n)), sum2);
          sum3 = hn::MulAdd(tap, hn::LoadU(d, from + c3 + static_cast<std::size_t>(n)), sum3);
        }
      }
      hn::StoreU(sum0, d, to + c);
      hn::StoreU(sum1, d, to + c1);
      hn::StoreU(sum2, d, to + c2);
      hn::StoreU(sum3, d, to + c3);
    }
  }
}

/// One output row's sums along y: every term's for the columns [0, span_of_row), each term in a row of its own.
HWY_INLINE void convolve_upright(const float* from, std::ptrdiff_t stride, const float* along_y, int rows, std::size_t terms,
                                 std::size_t span_of_row, float* upright) {
  const Tag d;
  const std::size_t lanes = hn::Lanes(d);
  for (std::size_t c = 0; c < span_of_row; c += 2 * lanes) {
    // Two terms and two blocks at a time: each pixel and each tap is loaded once for two products. A last odd term is done twice.
    for (std::size_t t = 0; t < terms; t += 2) {
      const std::size_t u = std::min(t + 1, terms - 1);
      const float *taps_t = along_y + t * static_cast<std::size_t>(rows), *taps_u = along_y + u * static_cast<std::size_t>(rows);
      Vector t0 = hn::Zero(d), t1 = t0, u0 = t0, u1 = t0;
      for (int m = 0; m < rows; ++m) {
        const float* pixels = from + (rows - 1 - m) * stride + c;
        const Vector a = hn::LoadU(d, pixels), b = hn::LoadU(d, pixels + lanes), tap_t = hn::Set(d, taps_t[m]),
                     tap_u = hn::Set(d, taps_u[m]);
        t0 = hn::MulAdd(tap_t, a, t0);
        t1 = hn::MulAdd(tap_t, b, t1);
        u0 = hn::MulAdd(tap_u, a, u0);
        u1 = hn::MulAdd(tap_u, b, u1);
      }
      hn::StoreU(t0, d, upright + t * span_of_row + c);
      hn::StoreU(t1, d, upright + t * span_of_row + c + lanes);
      hn::StoreU(u0, d, upright + u * span_of_row + c);
      hn::StoreU(u1, d, upright + u * span_of_row + c + lanes);
    }
  }
}

void ConvolveTerms(const Plane& in, const float* along_y, const float* along_x, int rows, int columns, std::size_t terms, float* upright,
                   std::size_t span_of_row, Plane& out) {
  const Tag d;
  const std::size_t lanes = hn::Lanes(d), last = out.stride - lanes;
  const int margin = (in.side - out.side) / 2, first_column = margin - columns / 2;
  for (int row = 0; row < out.side; ++row) {
    const float* from = in.row(row + margin - rows / 2).data() + first_column;
    convolve_upright(from, static_cast<std::ptrdiff_t>(in.stride), along_y, rows, terms, span_of_row, upright);
    float* to = out.row(row).data();
    for (std::size_t c = 0; c < out.stride; c += 4 * lanes) {
      const std::size_t c1 = std::min(c + lanes, last), c2 = std::min(c + 2 * lanes, last), c3 = std::min(c + 3 * lanes, last);
      Vector sum0 = hn::Zero(d), sum1 = sum0, sum2 = sum0, sum3 = sum0;
      for (std::size_t t = 0; t < terms; ++t) {
        const float* taps = along_x + t * static_cast<std::size_t>(columns);
        const float* sums = upright + t * span_of_row;
        for (int n = 0; n < columns; ++n) {
          const Vector tap = hn::Set(d, taps[columns - 1 - n]);
          const float* at = sums + n;
          sum0 = hn::MulAdd(tap, hn::LoadU(d, at + c), sum0);
          sum1 = hn::MulAdd(tap, hn::LoadU(d, at + c1), sum1);
          sum2 = hn::MulAdd(tap, hn::LoadU(d, at + c2), sum2);
          sum3 = hn::MulAdd(tap, hn::LoadU(d, at + c3), sum3);
        }
      }
      hn::StoreU(sum0, d, to + c);
      hn::StoreU(sum1, d, to + c1);
      hn::StoreU(sum2, d, to + c2);
      hn::StoreU(sum3, d, to + c3);
    }
  }
}

void AddScaled(const Plane& from, const PixelBox& box, float factor, Plane& into) {
  const Tag d;
  const Vector f = hn::Set(d, factor);
  const auto lanes = static_cast<int>(hn::Lanes(d));
  for (int row = box.row_first; row < box.row_end; ++row) {
    for (int column = box.column_first / lanes * lanes; column < box.column_end; column += lanes) {
      const auto c = static_cast<std::size_t>(column);
      float* to = into.row(row).data() + c;
      const Vector light = hn::IfThenElseZero(columns_within(c, box.column_first, box.column_end), hn::LoadU(d, from.row(row).data() + c));
      hn::StoreU(hn::MulAdd(f, light, hn::LoadU(d, to)), d, to);
    }
  }
}

}  // namespace lensfind::simulate::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace lensfind::simulate {

HWY_EXPORT(ExamineSmoothness);
HWY_EXPORT(HandOver);
HWY_EXPORT(ConvolveSeparable);
HWY_EXPORT(AddScaled);
HWY_EXPORT(ConvolveKernel);
HWY_EXPORT(ConvolveTerms);

bool examine_smoothness(const SmoothnessInput& in, int row, int first, int end, std::span<float> smooth, std::span<float> rough) {
  return HWY_DYNAMIC_DISPATCH(ExamineSmoothness)(in, row, first, end, smooth.data(), rough.data());
}

void hand_over(const Plane& rough, int row, int first, int end, bool blended, std::span<float> smooth, CellList& cells) {
  HWY_DYNAMIC_DISPATCH(HandOver)(rough, row, first, end, blended, smooth.data(), cells);
}

void convolve_separable(const Plane& in, std::span<const float> taps, const PixelBox& box, int offset, Plane& out) {
  if (box.empty()) return;
  // A row as high as it is wide after the convolution along y; a block on either side for what reads over its ends.
  std::vector<float, LineAllocator<float>> upright(in.stride + 2 * kernel_block);
  HWY_DYNAMIC_DISPATCH(ConvolveSeparable)
  (in, taps.data(), static_cast<int>(taps.size()) - 1, box, offset, upright.data() + kernel_block, out);
}

void convolve_kernel(const Plane& in, std::span<const float> kernel, int rows, int columns, Plane& out) {
  HWY_DYNAMIC_DISPATCH(ConvolveKernel)(in, kernel.data(), rows, columns, out);
}

void convolve_terms(const Plane& in, std::span<const float> along_y, std::span<const float> along_x, int rows, int columns, Plane& out) {
  const std::size_t terms = along_y.size() / static_cast<std::size_t>(rows);
  // What a row's products along x reach, in whole pairs of blocks.
  const std::size_t reach = out.stride + static_cast<std::size_t>(columns), pair = 2 * kernel_block,
                    width = (reach + pair - 1) / pair * pair;
  std::vector<float, LineAllocator<float>> upright(terms * width);
  HWY_DYNAMIC_DISPATCH(ConvolveTerms)(in, along_y.data(), along_x.data(), rows, columns, terms, upright.data(), width, out);
}

void add_scaled(const Plane& from, const PixelBox& box, float factor, Plane& into) {
  HWY_DYNAMIC_DISPATCH(AddScaled)(from, box, factor, into);
}

}  // namespace lensfind::simulate
#endif
