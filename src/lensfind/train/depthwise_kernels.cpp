// Highway compiles this file once for each instruction set and picks one at run time.
#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "lensfind/train/depthwise_kernels.cpp"
#include <hwy/foreach_target.h>
// The order matters: foreach_target.h comes first.
#include <algorithm>

#include <hwy/highway.h>

#include "lensfind/train/depthwise_kernels.h"

HWY_BEFORE_NAMESPACE();
namespace lensfind::train::HWY_NAMESPACE {

namespace hn = hwy::HWY_NAMESPACE;
using Floats = hn::CappedTag<float, depthwise_step>;
using Vector = hn::Vec<Floats>;

HWY_INLINE Vector load(const float* from) { return hn::LoadU(Floats{}, from); }
HWY_INLINE Vector load(const hwy::bfloat16_t* from) {
  return hn::PromoteTo(Floats{}, hn::LoadU(hn::Rebind<hwy::bfloat16_t, Floats>{}, from));
}

HWY_INLINE void store(Vector v, float* to) { hn::StoreU(v, Floats{}, to); }
/// To the nearest, ties to even; Highway's own conversion cuts off.
HWY_INLINE void store(Vector v, hwy::bfloat16_t* to) {
  const Floats d;
  const hn::RebindToUnsigned<Floats> bits;
  const auto word = hn::BitCast(bits, v);
  const auto odd = hn::And(hn::ShiftRight<16>(word), hn::Set(bits, 1));
  const auto rounded = hn::Add(word, hn::Add(odd, hn::Set(bits, 0x7FFF)));
  const hn::Rebind<hwy::bfloat16_t, Floats> half;
  hn::StoreU(hn::DemoteTo(half, hn::BitCast(d, rounded)), half, to);
}

/// Indices i of 0..count for which 0 <= first + i step < end.
HWY_INLINE Range inside(std::int64_t first, std::int64_t step, std::int64_t count, std::int64_t end) {
  const std::int64_t begin = first >= 0 ? 0 : (-first + step - 1) / step;
  return {begin, first >= end ? begin : std::min(count, (end - 1 - first) / step + 1)};
}

template <class Number>
HWY_INLINE void convolve_pixel(const DepthwiseShape& s, const Number* image, const float* taps, std::int64_t y, std::int64_t x,
                               Number* result) {
  const std::int64_t top = y * s.stride[0] - s.padding[0], left = x * s.stride[1] - s.padding[1];
  const Range rows = inside(top, 1, s.kernel[0], s.height), columns = inside(left, 1, s.kernel[1], s.width);
  for (std::int64_t c = 0; c < s.channels; c += static_cast<std::int64_t>(hn::Lanes(Floats{}))) {
    Vector sum = hn::Zero(Floats{});
    for (std::int64_t i = rows.begin; i < rows.end; ++i)
      for (std::int64_t j = columns.begin; j < columns.end; ++j)
        sum = hn::MulAdd(load(image + ((top + i) * s.width + left + j) * s.channels + c),
                         hn::LoadU(Floats{}, taps + (i * s.kernel[1] + j) * s.channels + c), sum);
    store(sum, result + c);
  }
}

template <class Number>
HWY_INLINE void convolve(const DepthwiseShape& s, Range n, const Number* images, const float* taps, Number* results) {
  for (std::int64_t image = n.begin; image < n.end; ++image)
    for (std::int64_t y = 0; y < s.out_height; ++y)
      for (std::int64_t x = 0; x < s.out_width; ++x)
        convolve_pixel(s, images + image * s.height * s.width * s.channels, taps, y, x,
                       results + ((image * s.out_height + y) * s.out_width + x) * s.channels);
}

/// Row or column `at` of an image is met by tap first + k stride at result last - k, for k of 0..count.
struct Meetings {
  std::int64_t first, last, count;
};

HWY_INLINE Meetings meetings(std::int64_t at, std::int64_t padding, std::int64_t stride, std::int64_t kernel, std::int64_t results) {
  const std::int64_t shifted = at + padding;
  const std::int64_t skipped = std::max<std::int64_t>(0, shifted / stride - (results - 1));
  const std::int64_t first = shifted % stride + skipped * stride, last = shifted / stride - skipped;
  return {first, last, first >= kernel || last < 0 ? 0 : std::min((kernel - 1 - first) / stride, last) + 1};
}

template <class Number>
HWY_INLINE void gradient_of_pixel(const DepthwiseShape& s, const Number* gradient, const float* taps, std::int64_t y, std::int64_t x,
                                  Number* pixel) {
  const Meetings rows = meetings(y, s.padding[0], s.stride[0], s.kernel[0], s.out_height);
  const Meetings columns = meetings(x, s.padding[1], s.stride[1], s.kernel[1], s.out_width);
  for (std::int64_t c = 0; c < s.channels; c += static_cast<std::int64_t>(hn::Lanes(Floats{}))) {
    Vector sum = hn::Zero(Floats{});
    for (std::int64_t i = 0; i < rows.count; ++i)
      for (std::int64_t j = 0; j < columns.count; ++j) {
        const std::int64_t tap = (rows.first + i * s.stride[0]) * s.kernel[1] + columns.first + j * s.stride[1];
        const std::int64_t at = (rows.last - i) * s.out_width + columns.last - j;
        sum = hn::MulAdd(load(gradient + at * s.channels + c), hn::LoadU(Floats{}, taps + tap * s.channels + c), sum);
      }
    store(sum, pixel + c);
  }
}

template <class Number>
HWY_INLINE void image_gradient(const DepthwiseShape& s, Range n, const Number* gradient, const float* taps, Number* images) {
  for (std::int64_t image = n.begin; image < n.end; ++image)
    for (std::int64_t y = 0; y < s.height; ++y)
      for (std::int64_t x = 0; x < s.width; ++x)
        gradient_of_pixel(s, gradient + image * s.out_height * s.out_width * s.channels, taps, y, x,
                          images + ((image * s.height + y) * s.width + x) * s.channels);
}

/// Sum over one image of what tap (i, j) met times the gradient there, for depthwise_step channels; added to `sums`.
template <class Number>
HWY_INLINE void add_tap(const DepthwiseShape& s, std::int64_t i, std::int64_t j, const Number* image, const Number* gradient, float* sums) {
  const Range rows = inside(i - s.padding[0], s.stride[0], s.out_height, s.height);
  const Range columns = inside(j - s.padding[1], s.stride[1], s.out_width, s.width);
  const auto lanes = static_cast<std::int64_t>(hn::Lanes(Floats{}));
  for (std::int64_t c = 0; c < depthwise_step; c += lanes) {
    Vector sum = hn::Zero(Floats{});
    for (std::int64_t y = rows.begin; y < rows.end; ++y) {
      const std::int64_t row = y * s.stride[0] + i - s.padding[0];
      for (std::int64_t x = columns.begin; x < columns.end; ++x)
        sum = hn::MulAdd(load(image + (row * s.width + x * s.stride[1] + j - s.padding[1]) * s.channels + c),
                         load(gradient + (y * s.out_width + x) * s.channels + c), sum);
    }
    store(hn::Add(sum, load(sums + c)), sums + c);
  }
}

template <class Number>
HWY_INLINE void tap_gradient(const DepthwiseShape& s, Range channels, std::int64_t count, const Number* images, const Number* gradient,
                             float* taps) {
  for (std::int64_t tap = 0; tap < s.kernel[0] * s.kernel[1]; ++tap)
    std::fill(taps + tap * s.channels + channels.begin, taps + tap * s.channels + channels.end, 0.F);
  for (std::int64_t c = channels.begin; c < channels.end; c += depthwise_step)
    for (std::int64_t n = 0; n < count; ++n)
      for (std::int64_t i = 0; i < s.kernel[0]; ++i)
        for (std::int64_t j = 0; j < s.kernel[1]; ++j)
          add_tap(s, i, j, images + n * s.height * s.width * s.channels + c, gradient + n * s.out_height * s.out_width * s.channels + c,
                  taps + (i * s.kernel[1] + j) * s.channels + c);
}

void Convolve(const DepthwiseShape& s, Range n, const float* x, const float* t, float* y) { convolve(s, n, x, t, y); }
void ConvolveBf16(const DepthwiseShape& s, Range n, const hwy::bfloat16_t* x, const float* t, hwy::bfloat16_t* y) {
  convolve(s, n, x, t, y);
}
void ImageGradient(const DepthwiseShape& s, Range n, const float* g, const float* t, float* x) { image_gradient(s, n, g, t, x); }
void ImageGradientBf16(const DepthwiseShape& s, Range n, const hwy::bfloat16_t* g, const float* t, hwy::bfloat16_t* x) {
  image_gradient(s, n, g, t, x);
}
void TapGradient(const DepthwiseShape& s, Range c, std::int64_t count, const float* x, const float* g, float* t) {
  tap_gradient(s, c, count, x, g, t);
}
void TapGradientBf16(const DepthwiseShape& s, Range c, std::int64_t count, const hwy::bfloat16_t* x, const hwy::bfloat16_t* g, float* t) {
  tap_gradient(s, c, count, x, g, t);
}

}  // namespace lensfind::train::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace lensfind::train {

HWY_EXPORT(Convolve);
HWY_EXPORT(ConvolveBf16);
HWY_EXPORT(ImageGradient);
HWY_EXPORT(ImageGradientBf16);
HWY_EXPORT(TapGradient);
HWY_EXPORT(TapGradientBf16);

void depthwise(const DepthwiseShape& shape, Range n, const float* images, const float* taps, float* results) {
  HWY_DYNAMIC_DISPATCH(Convolve)(shape, n, images, taps, results);
}
void depthwise(const DepthwiseShape& shape, Range n, const hwy::bfloat16_t* images, const float* taps, hwy::bfloat16_t* results) {
  HWY_DYNAMIC_DISPATCH(ConvolveBf16)(shape, n, images, taps, results);
}
void depthwise_image_gradient(const DepthwiseShape& shape, Range n, const float* gradient, const float* taps, float* images) {
  HWY_DYNAMIC_DISPATCH(ImageGradient)(shape, n, gradient, taps, images);
}
void depthwise_image_gradient(const DepthwiseShape& shape, Range n, const hwy::bfloat16_t* gradient, const float* taps,
                              hwy::bfloat16_t* images) {
  HWY_DYNAMIC_DISPATCH(ImageGradientBf16)(shape, n, gradient, taps, images);
}
void depthwise_tap_gradient(const DepthwiseShape& shape, Range channels, std::int64_t count, const float* images, const float* gradient,
                            float* taps) {
  HWY_DYNAMIC_DISPATCH(TapGradient)(shape, channels, count, images, gradient, taps);
}
void depthwise_tap_gradient(const DepthwiseShape& shape, Range channels, std::int64_t count, const hwy::bfloat16_t* images,
                            const hwy::bfloat16_t* gradient, float* taps) {
  HWY_DYNAMIC_DISPATCH(TapGradientBf16)(shape, channels, count, images, gradient, taps);
}

}  // namespace lensfind::train
#endif
