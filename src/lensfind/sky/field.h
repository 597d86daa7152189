#pragma once

#include <array>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "lensfind/image/fits.h"
#include "lensfind/image/image.h"
#include "lensfind/sky/wcs.h"

namespace lensfind::sky {

/// A circle on the sky.
struct Circle {
  std::array<double, 3> middle{};  ///< unit vector, as unit_vector() has it
  double cosine = -1;              ///< cosine of its radius
};

/// A piece of sky in several bands on one pixel grid: a FITS file a band, or one file with all. Its pixels are read only when asked for.
class Field {
 public:
  /// Reads the headers. Throws Error where the bands differ in size, or where their pixels lie more than a tenth of a pixel apart.
  explicit Field(std::vector<std::filesystem::path> bands);

  [[nodiscard]] const std::vector<std::filesystem::path>& files() const { return bands_; }
  [[nodiscard]] const image::ImageShape& shape() const { return shape_; }
  [[nodiscard]] const Wcs& wcs() const { return wcs_; }
  /// Side of a pixel in the middle.
  [[nodiscard]] double pixel_scale_arcsec() const { return pixel_scale_arcsec_; }
  /// Where a position lies in the field; nothing where it lies outside. For one thread at a time.
  [[nodiscard]] std::optional<Pixel> find(const Position& position) const;
  /// The circle around its middle that holds it.
  [[nodiscard]] const Circle& circle() const { return circle_; }
  /// All pixels, (bands, height, width), with what the headers say; masked as read_fits_cutout() does. From any thread.
  [[nodiscard]] image::FitsCutout read(const std::vector<std::string>& mask_planes = {"BAD", "NO_DATA"}) const;

 private:
  std::vector<std::filesystem::path> bands_;
  Wcs wcs_;
  image::ImageShape shape_;
  double pixel_scale_arcsec_ = 0;
  Circle circle_;
};

/// The `size` x `size` pixels around a place, NaN beyond the edge. The place lies within half a pixel of (size - 1) / 2 in both directions
/// of the result.
image::Image cut(image::ImageView field, const Pixel& centre, int size);

/// Where in the field the middle of such a cut lies.
Pixel middle_of_cut(const Pixel& centre, int size);

}  // namespace lensfind::sky
