#include "lensfind/sky/field.h"

#include <algorithm>
#include <cmath>
#include <limits>

#include <fmt/format.h>

#include "lensfind/base/error.h"
#include "lensfind/image/fits.h"
#include "lensfind/sky/vectors.h"

namespace lensfind::sky {
namespace {

namespace fs = std::filesystem;

std::array<Pixel, 4> corners(const image::ImageShape& shape) {
  const double right = shape.width - .5;
  const double top = shape.height - .5;
  return {{{-.5, -.5}, {right, -.5}, {-.5, top}, {right, top}}};
}

Position position_at(const Wcs& wcs, const Pixel& pixel, const fs::path& path) {
  const auto position = wcs.position(pixel);
  if (!position)
    throw Error{path.string() + ": a corner of the image lies off the sky of its coordinates",
                "cut the image to where its projection holds"};
  return *position;
}

void check_same_grid(const Wcs& first, const Wcs& other, const image::ImageShape& shape, const fs::path& path) {
  for (const Pixel& corner : corners(shape)) {
    const auto there = other.pixel(position_at(first, corner, path));
    if (!there || std::hypot(there->x - corner.x, there->y - corner.y) > .1) {
      throw Error{path.string() + ": its pixels do not lie where those of the first band lie",
                  "bring the bands to one pixel grid (e.g. with SWarp)"};
    }
  }
}

/// The first column of a cut. A place in the very middle of a pixel lies between two cuts of even size. What must not decide which of them
/// is taken are the last digits of its coordinates, as a sexagesimal catalogue rounds them and a change of system leaves them: a twentieth
/// of a pixel is added, and the place comes to size / 2 - 1.
int first_pixel(double centre, int size) { return static_cast<int>(std::floor(centre - (size - 1) / 2.0 + .5 + .05)); }

/// The pixels of a square that lies within the field. Most do, and memory that is filled first takes as long as the copying.
image::Image cut_within(image::ImageView field, int left, int bottom, int size) {
  const image::ImageShape shape{field.shape.bands, size, size};
  std::vector<float> pixels;
  pixels.reserve(shape.values());
  for (int b = 0; b < shape.bands; ++b) {
    for (int row = 0; row < size; ++row) {
      const float* first = &field.at(b, bottom + row, left);
      pixels.insert(pixels.end(), first, first + size);
    }
  }
  return {shape, std::move(pixels)};
}

}  // namespace

Field::Field(std::vector<fs::path> bands) : bands_{std::move(bands)}, wcs_{bands_.at(0)}, shape_{image::read_fits_shape(bands_[0])} {
  for (std::size_t b = 1; b < bands_.size(); ++b) {
    const image::ImageShape other = image::read_fits_shape(bands_[b]);
    if (other != shape_ || shape_.bands != 1) {
      throw Error{fmt::format("{}: is {} x {} pixels in {} bands, the first band is {} x {}", bands_[b].string(), other.width, other.height,
                              other.bands, shape_.width, shape_.height),
                  "give a 2-D image of the same size a band"};
    }
    check_same_grid(wcs_, Wcs{bands_[b]}, shape_, bands_[b]);
  }
  if (bands_.size() > 1) shape_.bands = static_cast<int>(bands_.size());
  pixel_scale_arcsec_ = wcs_.pixel_scale_arcsec({(shape_.width - 1) / 2.0, (shape_.height - 1) / 2.0});
  circle_ = {unit_vector(position_at(wcs_, {(shape_.width - 1) / 2.0, (shape_.height - 1) / 2.0}, bands_[0])), 1};
  for (const Pixel& corner : corners(shape_))
    circle_.cosine = std::min(circle_.cosine, dot(circle_.middle, unit_vector(position_at(wcs_, corner, bands_[0]))));
}

std::optional<Pixel> Field::find(const Position& position) const {
  // A projection can lead the far side of the sky into the image, and most positions are far away anyway.
  if (dot(circle_.middle, unit_vector(position)) < circle_.cosine - 1e-12) return {};
  const auto pixel = wcs_.pixel(position);
  if (!pixel || pixel->x < -.5 || pixel->y < -.5 || pixel->x >= shape_.width - .5 || pixel->y >= shape_.height - .5) return {};
  return pixel;
}

image::FitsCutout Field::read(const std::vector<std::string>& mask_planes) const {
  image::FitsCutout field;
  if (bands_.size() == 1) {
    field = image::read_fits_cutout(bands_[0], mask_planes);
  } else {
    field.image = image::Image{shape_};
    for (std::size_t b = 0; b < bands_.size(); ++b) {
      const image::FitsCutout band = image::read_fits_cutout(bands_[b], mask_planes);
      if (band.image.values().size() != shape_.pixels())
        throw Error{bands_[b].string() + ": has changed since the run began", "begin again with --overwrite"};
      std::ranges::copy(band.image.values(), field.image.band(static_cast<int>(b)).begin());
      field.facts.zero_points.push_back(band.facts.zero_points.at(0));
      if (!band.facts.seeing_fwhm_arcsec.empty()) {
        field.facts.seeing_fwhm_arcsec.resize(bands_.size());
        field.facts.seeing_fwhm_arcsec[b] = band.facts.seeing_fwhm_arcsec[0];
      }
      field.facts.left_out.insert(field.facts.left_out.end(), band.facts.left_out.begin(), band.facts.left_out.end());
    }
  }
  field.facts.pixel_scale_arcsec = pixel_scale_arcsec_;
  field.facts.scale_fault.clear();
  return field;
}

image::Image cut(image::ImageView field, const Pixel& centre, int size) {
  const int left = first_pixel(centre.x, size);
  const int bottom = first_pixel(centre.y, size);
  if (left >= 0 && bottom >= 0 && left + size <= field.shape.width && bottom + size <= field.shape.height)
    return cut_within(field, left, bottom, size);
  image::Image out{{field.shape.bands, size, size}, std::numeric_limits<float>::quiet_NaN()};
  const int first = std::max(0, -left);
  const int last = std::min(size, field.shape.width - left);
  for (int b = 0; b < field.shape.bands; ++b) {
    for (int row = std::max(0, -bottom); row < std::min(size, field.shape.height - bottom); ++row) {
      if (first < last) std::copy_n(&field.at(b, bottom + row, left + first), last - first, &out.at(b, row, first));
    }
  }
  return out;
}

Pixel middle_of_cut(const Pixel& centre, int size) {
  return {first_pixel(centre.x, size) + (size - 1) / 2., first_pixel(centre.y, size) + (size - 1) / 2.};
}

}  // namespace lensfind::sky
