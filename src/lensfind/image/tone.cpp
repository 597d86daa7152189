#include "lensfind/image/tone.h"

#include <algorithm>
#include <bit>
#include <cmath>
#include <cstdint>

#include <fmt/format.h>

#include "lensfind/base/error.h"
#include "lensfind/image/vectorised.h"

// Loops without branches and calls, so that the compiler vectorises them: training changes millions of images a day this way.
namespace lensfind::image {
namespace {

/// log2 of a normal positive number to 1e-7: exponent plus 2 / ln 2 artanh((m - 1) / (m + 1)) of the mantissa m in [sqrt(1/2), sqrt(2)).
float fast_log2(float x) {
  constexpr std::int32_t sqrt_half_bits = 0x3f3504f3;
  const std::int32_t bits = std::bit_cast<std::int32_t>(x);
  const std::int32_t exponent = (bits - sqrt_half_bits) >> 23;
  const auto mantissa = std::bit_cast<float>(bits - (exponent << 23));
  const float t = (mantissa - 1) / (mantissa + 1);
  const float t2 = t * t;
  const float series = 1 + t2 * (1 / 3.0F + t2 * (1 / 5.0F + t2 * (1 / 7.0F + t2 * (1 / 9.0F))));
  return static_cast<float>(exponent) + 2.885390082F * t * series;
}

/// 2^x for x in [-126, 127] to 2e-7: Taylor's series on [-1/2, 1/2].
float fast_exp2(float x) {
  const auto biased = static_cast<std::int32_t>(x + 127.5F);  // the nearest whole number, as an exponent's bits hold it
  const float f = (x - static_cast<float>(biased - 127)) * .6931471806F;
  const float series = 1 + f * (1 + f * (1 / 2.0F + f * (1 / 6.0F + f * (1 / 24.0F + f * (1 / 120.0F + f * (1 / 720.0F))))));
  return series * std::bit_cast<float>(biased << 23);
}

float clamped(float value) { return std::min(std::max(value, 0.0F), 1.0F); }

/// How much of a primary colour there is at a hue of `sixths` (of a turn, from its own zero): 0 to 1, the hexagon's trapezium.
float trapezium(float sixths) {
  const float around = sixths - 6 * static_cast<float>(static_cast<std::int32_t>(sixths * (1 / 6.0F)));
  return clamped(std::min(around, 4 - around));
}

/// The colours of `pixels` pixels; `hue_shift` in sixths of a turn, in [0, 6).
void shift_colours(float* reds, float* greens, float* blues, std::size_t pixels, float hue_shift, HsvShift shift) {
  for (std::size_t i = 0; i < pixels; ++i) {
    const float red = clamped(reds[i]);
    const float green = clamped(greens[i]);
    const float blue = clamped(blues[i]);
    const float max = std::max(red, std::max(green, blue));
    const float range = max - std::min(red, std::min(green, blue));
    const float per_range = 1 / (range > 0 ? range : 1.0F);
    // In sixths of a turn from red; + 6 keeps it positive.
    const float from_red = 6 + (green - blue) * per_range;
    const float from_green = 8 + (blue - red) * per_range;
    const float from_blue = 10 + (red - green) * per_range;
    const float hue = hue_shift + (max == red ? from_red : max == green ? from_green : from_blue);
    const float saturation = range > 0 ? clamped(range / std::max(max, 1e-30F) + shift.saturation) : 0.0F;
    const float value = clamped(max + shift.value);
    const float depth = value * saturation;
    reds[i] = value - depth * trapezium(hue + 5);
    greens[i] = value - depth * trapezium(hue + 3);
    blues[i] = value - depth * trapezium(hue + 1);
  }
}

}  // namespace

void change_brightness(MutableImageView image, float contrast, float brightness) {
  const std::span<float> values = image.values();
  vectorised([=] {
    for (float& value : values) value = clamped(value * contrast + brightness);
  });
}

void change_gamma(MutableImageView image, float gamma) {
  constexpr float smallest = 1e-30F;  // its power is still a normal number; what is less is shown as 0
  const std::span<float> values = image.values();
  vectorised([=] {
    for (float& value : values) {
      const float power = fast_exp2(std::max(gamma * fast_log2(std::max(value, smallest)), -126.0F));
      value = value > smallest ? power : 0.0F;
    }
  });
}

void shift_hsv(MutableImageView image, HsvShift shift) {
  if (image.shape.bands != 3) {
    throw Error{fmt::format("hue and saturation of {} bands were to be changed", image.shape.bands),
                "hue_saturation_value is for three bands; take band_gain"};
  }
  float* const red = image.band(0).data();
  float* const green = image.band(1).data();
  float* const blue = image.band(2).data();
  const float turns = shift.hue_deg / 360;
  const float hue_shift = 6 * (turns - std::floor(turns));
  const std::size_t pixels = image.shape.pixels();
  vectorised([=] { shift_colours(red, green, blue, pixels, hue_shift, shift); });
}

}  // namespace lensfind::image
