#pragma once

#include "lensfind/base/enum_names.h"
#include "lensfind/image/image.h"

namespace lensfind::image {

enum class Interpolation { bilinear, nearest };
constexpr auto enum_names(Interpolation) {
  return names_of<Interpolation>({{Interpolation::bilinear, "bilinear"}, {Interpolation::nearest, "nearest"}});
}

/// What lies outside of an image: zeros, or the image mirrored about its outermost pixels (dcb|abcd|cba).
enum class Border { zero, reflect };
constexpr auto enum_names(Border) { return names_of<Border>({{Border::zero, "zero"}, {Border::reflect, "reflect"}}); }

/// Where each pixel of the result comes from: column = xx x + xy y + x0, row = yx x + yy y + y0, of the result's column x and row y, in
/// pixels whose centres are at whole numbers.
struct AffineMap {
  double xx = 1, xy = 0, x0 = 0;
  double yx = 0, yy = 1, y0 = 0;
};

/// The map of a change about the image's centre: first magnified by scale_x and scale_y, then turned by angle_rad (counter-clockwise as
/// displayed with row 0 at the top), then shifted by (shift_x, shift_y) pixels. Scales > 0.
struct CentredChange {
  double scale_x = 1;
  double scale_y = 1;
  double angle_rad = 0;
  double shift_x = 0;
  double shift_y = 0;
};
AffineMap map_of(const CentredChange& change, ImageShape shape);

/// Resamples every band in place.
void warp(MutableImageView image, const AffineMap& map, Interpolation interpolation, Border border);

}  // namespace lensfind::image
