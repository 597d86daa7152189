#include "lensfind/image/hsv_8bit.h"

#include <algorithm>
#include <array>
#include <cmath>

#include <fmt/format.h>

#include "lensfind/base/error.h"

namespace lensfind::image {
namespace {

constexpr int hues = 180;
constexpr int max = 255;
// OpenCV divides by multiplying with tabulated reciprocals of 12 bits; its rounding is followed bit by bit.
constexpr int reciprocal_bits = 12;

struct Hsv {
  int hue, saturation, value;
};
struct Rgb {
  int red, green, blue;
};

using Reciprocals = std::array<int, max + 1>;

/// numerator / i in steps of 2^-12; 0 for i = 0.
Reciprocals reciprocals(double numerator) {
  Reciprocals table{};
  for (std::size_t i = 1; i < table.size(); ++i)
    table[i] = static_cast<int>(std::lrint(numerator * (1 << reciprocal_bits) / static_cast<double>(i)));
  return table;
}

int divided(int number, int by, const Reciprocals& table) {
  return (number * table[static_cast<std::size_t>(by)] + (1 << (reciprocal_bits - 1))) >> reciprocal_bits;
}

Hsv to_hsv(Rgb c) {
  static const Reciprocals of_range = reciprocals(hues / 6.0), of_value = reciprocals(max);
  const int value = std::max({c.red, c.green, c.blue});
  const int range = value - std::min({c.red, c.green, c.blue});
  const int sixths = value == c.red ? c.green - c.blue : value == c.green ? c.blue - c.red + 2 * range : c.red - c.green + 4 * range;
  const int hue = divided(sixths, range, of_range);
  return {hue < 0 ? hue + hues : hue, divided(range, value, of_value), value};
}

int to_8bit(float value) { return std::clamp(static_cast<int>(std::lrint(value * static_cast<float>(max))), 0, max); }

Rgb to_rgb(Hsv c) {
  const float saturation = static_cast<float>(c.saturation) * (1.0F / max), value = static_cast<float>(c.value) * (1.0F / max);
  const float sixths = static_cast<float>(c.hue) * (6.0F / hues);
  const int sector = static_cast<int>(sixths);
  const float within = sixths - static_cast<float>(sector);
  const int top = c.value, bottom = to_8bit(value * (1 - saturation));
  const int falling = to_8bit(value * (1 - saturation * within)), rising = to_8bit(value * (1 - saturation * (1 - within)));
  switch (sector) {
    case 0:
      return {top, rising, bottom};
    case 1:
      return {falling, top, bottom};
    case 2:
      return {bottom, top, rising};
    case 3:
      return {bottom, falling, top};
    case 4:
      return {rising, bottom, top};
    default:
      return {top, bottom, falling};
  }
}

int shifted(int value, double shift) { return std::clamp(value + static_cast<int>(shift), 0, max); }

std::array<int, hues> shifted_hues(double shift) {
  std::array<int, hues> table{};
  for (int hue = 0; hue < hues; ++hue) {
    const double moved = hue + shift;
    table[static_cast<std::size_t>(hue)] = static_cast<int>(moved - hues * std::floor(moved / hues)) % hues;
  }
  return table;
}

}  // namespace

void shift_hsv_8bit(MutableImageView image, HsvShift8Bit shift) {
  if (image.shape.bands != 3) {
    throw Error{fmt::format("hue and saturation of {} bands were to be changed", image.shape.bands),
                "hue_saturation_value is for three bands; take band_gain"};
  }
  const std::array<int, hues> hue = shifted_hues(shift.hue);
  const std::span<float> red = image.band(0), green = image.band(1), blue = image.band(2);
  for (std::size_t i = 0; i < red.size(); ++i) {
    const Hsv before = to_hsv({to_8bit(red[i]), to_8bit(green[i]), to_8bit(blue[i])});
    const Rgb after = to_rgb(
        {hue[static_cast<std::size_t>(before.hue)], shifted(before.saturation, shift.saturation), shifted(before.value, shift.value)});
    red[i] = static_cast<float>(after.red) / max;
    green[i] = static_cast<float>(after.green) / max;
    blue[i] = static_cast<float>(after.blue) / max;
  }
}

}  // namespace lensfind::image
