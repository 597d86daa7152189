// Highway compiles this file once for each instruction set and picks one at run time.
#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "lensfind/render/plane_kernels.cpp"
#include <hwy/foreach_target.h>
// The order matters: foreach_target.h comes first.
#include <algorithm>
#include <vector>

#include <hwy/highway.h>

#include "lensfind/render/instructions.h"
#include "lensfind/render/plane_kernels.h"
#include "lensfind/render/ray-inl.h"

HWY_BEFORE_NAMESPACE();
namespace lensfind::render::HWY_NAMESPACE {

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

/// Sums along y of one or two terms at `column` and one block on: u of the narrower, v of the wider.
HWY_INLINE void sum_upright(const float* from, std::ptrdiff_t stride, std::span<const float> u, std::span<const float> v, float* to_u,
                            float* to_v) {
  const Tag d;
  const std::size_t lanes = hn::Lanes(d);
  const Vector middle0 = hn::LoadU(d, from), middle1 = hn::LoadU(d, from + lanes);
  Vector v0 = hn::Mul(hn::Set(d, v[0]), middle0), v1 = hn::Mul(hn::Set(d, v[0]), middle1), u0 = hn::Zero(d), u1 = u0;
  std::size_t k = 1;
  if (!u.empty()) {
    u0 = hn::Mul(hn::Set(d, u[0]), middle0);
    u1 = hn::Mul(hn::Set(d, u[0]), middle1);
  }
  const auto pair = [&](const float* at, std::size_t away) {
    const std::ptrdiff_t rows = static_cast<std::ptrdiff_t>(away) * stride;
    return hn::Add(hn::LoadU(d, at + rows), hn::LoadU(d, at - rows));
  };
  for (; k < u.size(); ++k) {
    const Vector a = pair(from, k), b = pair(from + lanes, k), tap_u = hn::Set(d, u[k]), tap_v = hn::Set(d, v[k]);
    u0 = hn::MulAdd(tap_u, a, u0);
    u1 = hn::MulAdd(tap_u, b, u1);
    v0 = hn::MulAdd(tap_v, a, v0);
    v1 = hn::MulAdd(tap_v, b, v1);
  }
  for (; k < v.size(); ++k) {
    const Vector tap_v = hn::Set(d, v[k]);
    v0 = hn::MulAdd(tap_v, pair(from, k), v0);
    v1 = hn::MulAdd(tap_v, pair(from + lanes, k), v1);
  }
  hn::StoreU(v0, d, to_v);
  hn::StoreU(v1, d, to_v + lanes);
  if (u.empty()) return;
  hn::StoreU(u0, d, to_u);
  hn::StoreU(u1, d, to_u + lanes);
}

/// One row of the result, in the columns of `box`. `upright` holds a row a term, `width` long, whose place 0 is the column `first`.
void ConvolveGaussians(const Plane& in, std::span<const std::vector<float>> terms, const PixelBox& box, int offset, int first,
                       float* upright, std::size_t width, Plane& out) {
  const Tag d;
  const auto lanes = static_cast<int>(hn::Lanes(d));
  const auto stride = static_cast<std::ptrdiff_t>(in.stride);
  const float* row = in.row(box.row_first).data();
  const auto reach = [&](std::size_t t) { return static_cast<int>(terms[t].size()) - 1; };
  for (std::size_t wide = terms.size(); wide > 0; wide = wide > 1 ? wide - 2 : 0) {
    const std::span<const float> v = terms[wide - 1], u = wide > 1 ? std::span<const float>{terms[wide - 2]} : std::span<const float>{};
    float *to_v = upright + (wide - 1) * width, *to_u = wide > 1 ? to_v - width : to_v;
    for (int column = box.column_first - reach(wide - 1); column < box.column_end + reach(wide - 1); column += 2 * lanes)
      sum_upright(row + column, stride, u, v, to_u + (column - first), to_v + (column - first));
  }
  float* to = out.row(box.row_first - offset).data() - offset;
  for (int column = box.column_first; column < box.column_end; column += 2 * lanes) {
    Vector sum0 = hn::Zero(d), sum1 = sum0;
    for (std::size_t t = 0; t < terms.size(); ++t) {
      const std::vector<float>& taps = terms[t];
      const float* at = upright + t * width + (column - first);
      sum0 = hn::MulAdd(hn::Set(d, taps[0]), hn::LoadU(d, at), sum0);
      sum1 = hn::MulAdd(hn::Set(d, taps[0]), hn::LoadU(d, at + lanes), sum1);
      for (int k = 1; k <= reach(t); ++k) {
        const Vector tap = hn::Set(d, taps[static_cast<std::size_t>(k)]);
        sum0 = hn::MulAdd(tap, hn::Add(hn::LoadU(d, at + k), hn::LoadU(d, at - k)), sum0);
        sum1 = hn::MulAdd(tap, hn::Add(hn::LoadU(d, at + lanes + k), hn::LoadU(d, at + lanes - k)), sum1);
      }
    }
    if (column + 2 * lanes <= box.column_end) {
      hn::StoreU(sum0, d, to + column);
      hn::StoreU(sum1, d, to + column + lanes);
    } else {
      hn::BlendedStore(sum0, columns_within(static_cast<std::size_t>(column), 0, box.column_end), d, to + column);
      if (column + lanes < box.column_end)
        hn::BlendedStore(sum1, columns_within(static_cast<std::size_t>(column + lanes), 0, box.column_end), d, to + column + lanes);
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

void AddFractions(const Plane& from, const PixelBox& box, std::span<const ColumnSpan> columns, std::span<const Share> fractions) {
  const Tag d;
  const auto lanes = static_cast<int>(hn::Lanes(d));
  for (int row = box.row_first; row < box.row_end; ++row) {
    const PixelBox here = box.row(row, columns, from.side);
    const float* light = from.row(row).data();
    for (const Share& fraction : fractions) {
      const Vector factor = hn::Set(d, fraction.factor);
      float* to = fraction.into->row(row).data();
      for (int column = here.column_first / lanes * lanes; column < here.column_end; column += lanes) {
        const auto within = columns_within(static_cast<std::size_t>(column), here.column_first, here.column_end);
        hn::Store(hn::MulAdd(factor, hn::IfThenElseZero(within, hn::Load(d, light + column)), hn::Load(d, to + column)), d, to + column);
      }
    }
  }
}

}  // namespace lensfind::render::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace lensfind::render {

HWY_EXPORT(ConvolveSeparable);
HWY_EXPORT(ConvolveGaussians);
HWY_EXPORT(AddFractions);
HWY_EXPORT(ConvolveKernel);
HWY_EXPORT(ConvolveTerms);

void convolve_separable(const Plane& in, std::span<const float> taps, const PixelBox& box, std::span<const ColumnSpan> columns, int offset,
                        Plane& out) {
  // A row as high as it is wide after the convolution along y; a block on either side for what reads over its ends.
  std::vector<float, LineAllocator<float>> upright(in.stride + 2 * kernel_block);
  for (int row = box.row_first; row < box.row_end; ++row) {
    const PixelBox here = box.row(row, columns, in.side);
    if (here.empty()) continue;
    HWY_DYNAMIC_DISPATCH(ConvolveSeparable)
    (in, taps.data(), static_cast<int>(taps.size()) - 1, here, offset, upright.data() + kernel_block, out);
  }
}

void convolve_gaussians(const Plane& in, std::span<const std::vector<float>> terms, const PixelBox& box,
                        std::span<const ColumnSpan> columns, int offset, Plane& out) {
  const int reach = static_cast<int>(terms.back().size()) - 1, first = box.column_first - reach;
  // Whole pairs of blocks may be written over a row's end, and read again.
  const std::size_t width = padded(static_cast<std::size_t>(box.column_end + reach - first)) + 4 * kernel_block;
  std::vector<float, LineAllocator<float>> upright(terms.size() * width);
  for (int row = box.row_first; row < box.row_end; ++row) {
    const PixelBox here = box.row(row, columns, in.side);
    if (!here.empty()) HWY_DYNAMIC_DISPATCH(ConvolveGaussians)(in, terms, here, offset, first, upright.data(), width, out);
  }
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

void add_fractions(const Plane& from, const PixelBox& box, std::span<const ColumnSpan> columns, std::span<const Share> fractions) {
  HWY_DYNAMIC_DISPATCH(AddFractions)(from, box, columns, fractions);
}

void add_scaled(const Plane& from, const PixelBox& box, float factor, Plane& into) {
  const Share all{factor, &into};
  add_fractions(from, box, {}, {&all, 1});
}

std::string instructions() { return hwy::TargetName(hwy::SupportedAndGeneratedTargets().front()); }

}  // namespace lensfind::render
#endif
