#include "lensfind/dataset/augmentation_kinds.h"

#include <algorithm>
#include <cmath>
#include <numbers>

#include <fmt/format.h>

#include "lensfind/base/error.h"
#include "lensfind/dataset/lens_augmentations.h"
#include "lensfind/image/blur.h"
#include "lensfind/image/hsv_8bit.h"
#include "lensfind/image/symmetry.h"
#include "lensfind/image/tone.h"

namespace lensfind::dataset {
namespace {

using Step = AugmentationStep;

/// A number drawn evenly from -most to most.
double either_way(double max, RandomStream& random) { return random.uniform(-max, max); }

[[noreturn]] void refuse_range(const Step& step, const std::string& wanted) {
  throw Error{fmt::format("augmentation {}: range = [{}]", step.name, fmt::join(step.range, ", ")), wanted};
}

void check_amounts(const Step& step, double max) {
  const bool fits = std::ranges::all_of(step.range, [&](double amount) { return amount >= 0 && amount <= max; });
  if (!fits) refuse_range(step, fmt::format("its numbers lie between 0 and {}", max));
}

void check_nothing(const Step&) {}
void check_rotate(const Step& step) { check_amounts(step, 180); }
void check_fractions(const Step& step) { check_amounts(step, .95); }
void check_std(const Step& step) { check_amounts(step, 1); }
void check_shift_scale_rotate(const Step& step) {
  if (step.range[0] < 0 || step.range[0] > 1 || step.range[1] < 0 || step.range[1] > .95 || step.range[2] < 0 || step.range[2] > 180) {
    refuse_range(step, "give [shift 0 to 1, scale 0 to 0.95, rotate 0 to 180 degrees]");
  }
}
void check_blur(const Step& step) {
  const double side = step.range[0];
  if (side < 3 || side > 31 || std::fmod(side, 2) != 1) refuse_range(step, "the largest side of the square is odd, from 3 to 31 pixels");
}
void check_gaussian_blur(const Step& step) {
  const double side = step.range[0];
  if (side != 3 && side != 5 && side != 7) refuse_range(step, "the largest kernel has 3, 5 or 7 pixels");
}
void check_gamma(const Step& step) {
  if (step.range[0] <= 0 || step.range[1] < step.range[0] || step.range[1] > 10)
    refuse_range(step, "give [least, most] with 0 < least <= most <= 10");
}
void check_core(const Step& step) {
  if (step.range[0] < 1 || step.range[1] < step.range[0] || step.range[1] > 100)
    refuse_range(step, "give [least radius, largest radius] with 1 <= least <= largest <= 100 pixels");
}
void check_psf(const Step& step) { check_amounts(step, 10); }
void check_scatters(const Step& step) { check_amounts(step, 100); }
void check_hsv(const Step& step) { check_amounts(step, 255); }

void horizontal_flip(const Step&, image::MutableImageView image, RandomStream&) { image::flip_horizontal(image); }
void vertical_flip(const Step&, image::MutableImageView image, RandomStream&) { image::flip_vertical(image); }
void transposed(const Step&, image::MutableImageView image, RandomStream&) { image::transpose(image); }
void rotate90(const Step&, image::MutableImageView image, RandomStream& random) {
  image::rotate90(image, static_cast<int>(random.below(4)));
}
void d4(const Step&, image::MutableImageView image, RandomStream& random) {
  image::apply_d4(image, static_cast<int>(random.below(image::d4_elements)));
}

void change_about_centre(const Step& step, image::MutableImageView image, const image::CentredChange& change) {
  image::warp(image, image::map_of(change, image.shape), step.interpolation, step.border);
}

double radians(double degrees) { return degrees * std::numbers::pi / 180; }

void rotate(const Step& step, image::MutableImageView image, RandomStream& random) {
  change_about_centre(step, image, {.angle_rad = radians(either_way(step.range[0], random))});
}

void shift(const Step& step, image::MutableImageView image, RandomStream& random) {
  // By whole pixels (rounded towards zero), so that a shift leaves the noise as it is.
  image::CentredChange change;
  change.shift_x = std::trunc(either_way(step.range[0], random) * image.shape.width);
  change.shift_y = std::trunc(either_way(step.range[0], random) * image.shape.height);
  change_about_centre(step, image, change);
}

void scale(const Step& step, image::MutableImageView image, RandomStream& random) {
  const double factor = 1 + either_way(step.range[0], random);
  change_about_centre(step, image, {.scale_x = factor, .scale_y = factor});
}

void shift_scale_rotate(const Step& step, image::MutableImageView image, RandomStream& random) {
  image::CentredChange change;
  change.shift_x = either_way(step.range[0], random) * image.shape.width;
  change.shift_y = either_way(step.range[0], random) * image.shape.height;
  change.scale_x = 1 + either_way(step.range[1], random);
  change.scale_y = 1 + either_way(step.range[1], random);
  change.angle_rad = radians(either_way(step.range[2], random));
  change_about_centre(step, image, change);
}

/// An odd side from 3 to `most`, all equally often.
int drawn_side(double max, RandomStream& random) {
  const auto sides = static_cast<std::uint64_t>((max - 1) / 2);
  return 3 + 2 * static_cast<int>(random.below(sides));
}

void blur(const Step& step, image::MutableImageView image, RandomStream& random) {
  image::box_blur(image, drawn_side(step.range[0], random));
}
void gaussian(const Step& step, image::MutableImageView image, RandomStream& random) {
  image::gaussian_blur(image, drawn_side(step.range[0], random));
}

void noise(const Step& step, image::MutableImageView image, RandomStream& random) {
  const double std_dev = random.uniform(0, step.range[0]);
  for (float& value : image.values()) value += static_cast<float>(random.normal(0, std_dev));
}

void brightness_contrast(const Step& step, image::MutableImageView image, RandomStream& random) {
  const double brightness = either_way(step.range[0], random);
  const double contrast = 1 + either_way(step.range[1], random);
  image::change_brightness(image, static_cast<float>(contrast), static_cast<float>(brightness));
}

void gamma(const Step& step, image::MutableImageView image, RandomStream& random) {
  image::change_gamma(image, static_cast<float>(random.uniform(step.range[0], step.range[1])));
}

void hue_saturation_value(const Step& step, image::MutableImageView image, RandomStream& random) {
  // OpenCV's 8-bit units, which albumentations' ranges are in: hue in steps of 2 degrees, the others of 1/255.
  image::HsvShift8Bit drawn;
  drawn.hue = either_way(step.range[0], random);
  drawn.saturation = either_way(step.range[1], random);
  drawn.value = either_way(step.range[2], random);
  if (step.depth == PixelDepth::eight_bits) return image::shift_hsv_8bit(image, drawn);
  image::shift_hsv(image, {.hue_deg = static_cast<float>(2 * drawn.hue),
                           .saturation = static_cast<float>(drawn.saturation / 255),
                           .value = static_cast<float>(drawn.value / 255)});
}

void band_gain(const Step& step, image::MutableImageView image, RandomStream& random) {
  for (int b = 0; b < image.shape.bands; ++b) {
    const auto gain = static_cast<float>(1 + either_way(step.range[0], random));
    for (float& value : image.band(b)) value *= gain;
  }
}

void band_dropout(const Step&, image::MutableImageView image, RandomStream& random) {
  const auto band = static_cast<int>(random.below(static_cast<std::uint64_t>(image.shape.bands)));
  if (image.shape.bands > 1) std::ranges::fill(image.band(band), 0.0F);
}

void cutout(const Step& step, image::MutableImageView image, RandomStream& random) {
  const auto [bands, height, width] = image.shape;
  const int side = static_cast<int>(std::lround(step.range[0] * std::min(height, width)));
  const int row = static_cast<int>(random.below(static_cast<std::uint64_t>(height))) - side / 2;
  const int column = static_cast<int>(random.below(static_cast<std::uint64_t>(width))) - side / 2;
  const int left = std::max(column, 0);
  const int right = std::min(column + side, width);
  for (int b = 0; b < bands; ++b) {
    for (int y = std::max(row, 0); y < std::min(row + side, height); ++y)
      std::fill(&image.at(b, y, left), &image.at(b, y, left) + (right - left), 0.0F);
  }
}

void core_erasing(const Step& step, image::MutableImageView image, RandomStream& random) {
  erase_core(image, random.uniform(step.range[0], step.range[1]), random);
}
void psf_mismatch(const Step& step, image::MutableImageView image, RandomStream& random) { mismatch_psf(image, step.range[0], random); }
void noise_injection(const Step& step, image::MutableImageView image, RandomStream& random) { inject_noise(image, step.range[0], random); }

}  // namespace

const std::vector<AugmentationMethod>& augmentation_methods() {
  static const std::vector<AugmentationMethod> methods{
      {{"horizontal_flip", "", {}, "left and right change places"}, check_nothing, horizontal_flip},
      {{"vertical_flip", "", {}, "top and bottom change places"}, check_nothing, vertical_flip},
      {{"transpose", "", {}, "rows become columns"}, check_nothing, transposed},
      {{"rotate90", "", {}, "0, 90, 180 or 270 degrees, equally often"}, check_nothing, rotate90},
      {{"d4", "", {}, "one of the eight symmetries of the square, equally often"}, check_nothing, d4},
      {{"rotate", "[degrees]", {30}, "by up to this angle either way"}, check_rotate, rotate},
      {{"shift_scale_rotate",
        "[fraction, fraction, degrees]",
        {.15, .15, 45},
        "scale (each axis by itself), rotate and shift (of the side)"},
       check_shift_scale_rotate,
       shift_scale_rotate},
      {{"shift", "[fraction]", {.05}, "by up to this fraction of the side along either axis, whole pixels"}, check_fractions, shift},
      {{"scale", "[fraction]", {.1}, "1 - fraction to 1 + fraction times as large"}, check_fractions, scale},
      {{"blur", "[pixels]", {3}, "mean of a square with an odd side from 3 to this"}, check_blur, blur},
      {{"gaussian_blur", "[pixels]", {3}, "OpenCV's Gaussian kernel of 3, 5 or 7 pixels, up to this (3: weights 1, 2, 1)"},
       check_gaussian_blur,
       gaussian},
      {{"noise", "[std]", {.02}, "Gaussian, its standard deviation drawn from 0 to this; not cut to [0, 1]"}, check_std, noise},
      {{"brightness_contrast", "[brightness, contrast]", {.2, .2}, "value (1 +- contrast) +- brightness, cut to [0, 1]"},
       check_fractions,
       brightness_contrast},
      {{"gamma", "[min, max]", {.8, 1.2}, "value to this power"}, check_gamma, gamma},
      {{"hue_saturation_value",
        "[hue, saturation, value]",
        {20, 20, 20},
        "of three bands as red, green, blue: hue by up to 2 x hue degrees, the others by 1/255"},
       check_hsv,
       hue_saturation_value},
      {{"band_gain", "[fraction]", {.1}, "each band by its own factor, 1 - fraction to 1 + fraction"}, check_fractions, band_gain},
      {{"band_dropout", "", {}, "one band becomes 0 (never the only one)"}, check_nothing, band_dropout},
      {{"cutout", "[fraction]", {.25}, "a square of this fraction of the side, anywhere, becomes 0"}, check_fractions, cutout},
      {{"core_erasing",
        "[pixels, pixels]",
        {1.5, 4},
        "a disk about the centre, its radius drawn from this range, becomes like what surrounds it"},
       check_core,
       core_erasing},
      {{"psf_mismatch", "[pixels]", {1}, "each band is blurred by its own Gaussian, its standard deviation drawn from 0 to this"},
       check_psf,
       psf_mismatch},
      {{"noise_injection", "[scatters]", {1}, "Gaussian, in each band of a deviation drawn from 0 to so many times the band's own scatter"},
       check_scatters,
       noise_injection},
  };
  return methods;
}

}  // namespace lensfind::dataset
