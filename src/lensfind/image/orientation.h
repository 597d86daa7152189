#pragma once

#include <string>

#include "lensfind/image/image.h"

namespace lensfind::image {

/// How an image lies on the sky about its middle: the steps in arcsec towards the east and the north that one more column and one more row
/// make (row 0 first).
struct SkyAxes {
  double east_by_column = 0, north_by_column = 0;
  double east_by_row = 0, north_by_row = 0;

  /// Side of a pixel: the root of its area, arcsec.
  [[nodiscard]] double pixel_scale_arcsec() const;
  /// Angle of north from the direction of growing rows towards that of falling columns, in degrees, in (-180, 180]. It is 0 where north is
  /// up when row 0 is drawn at the bottom.
  [[nodiscard]] double north_angle_deg() const;
  /// Whether east lies to the right of north when row 0 is drawn at the bottom, as in a mirror.
  [[nodiscard]] bool is_mirrored() const;
};

/// The middle of an image with north towards growing rows and east towards falling columns, as on a map of the sky when row 0 is drawn at
/// the bottom. The result has `size` pixels a side, of the image's own pixel scale. Where the axes are within a degree of the image's own
/// (rotated by quarters or mirrored) pixels are moved as they are; else they are interpolated bilinearly. What lies beyond the image is
/// NaN. Axes without area leave it as it is.
Image north_up(ImageView image, const SkyAxes& axes, int size);

/// What north_up() does, in words, or empty where it changes nothing: "turned by 37 degrees", "mirrored".
std::string north_up_text(const SkyAxes& axes);

}  // namespace lensfind::image
