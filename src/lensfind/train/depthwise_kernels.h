#pragma once

#include <array>
#include <cstdint>

#include <hwy/base.h>

namespace lensfind::train {

/// Channels are worked on in steps of this many.
inline constexpr std::int64_t depthwise_step = 16;

/// A convolution of each channel with a kernel of its own. Images are (n, height, width, channels), results (n, out_height, out_width,
/// channels), taps (kernel height, kernel width, channels). channels is a multiple of depthwise_step. Pixels beyond the image are 0.
struct DepthwiseShape {
  std::int64_t height, width, channels, out_height, out_width;
  std::array<std::int64_t, 2> kernel, stride, padding;  ///< (vertical, horizontal); padding above and left
};

/// Half-open.
struct Range {
  std::int64_t begin, end;
};

/// The results of images `n`.
void depthwise(const DepthwiseShape& shape, Range n, const float* images, const float* taps, float* results);
void depthwise(const DepthwiseShape& shape, Range n, const hwy::bfloat16_t* images, const float* taps, hwy::bfloat16_t* results);

/// The gradient of images `n` from that of their results.
void depthwise_image_gradient(const DepthwiseShape& shape, Range n, const float* gradient, const float* taps, float* images);
void depthwise_image_gradient(const DepthwiseShape& shape, Range n, const hwy::bfloat16_t* gradient, const float* taps,
                              hwy::bfloat16_t* images);

/// The gradient of the taps of `channels`, whose ends are multiples of depthwise_step, over all `count` images. It is summed up in single
/// precision.
void depthwise_tap_gradient(const DepthwiseShape& shape, Range channels, std::int64_t count, const float* images, const float* gradient,
                            float* taps);
void depthwise_tap_gradient(const DepthwiseShape& shape, Range channels, std::int64_t count, const hwy::bfloat16_t* images,
                            const hwy::bfloat16_t* gradient, float* taps);

}  // namespace lensfind::train
