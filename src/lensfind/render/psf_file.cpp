#include "lensfind/render/psf_file.h"

#include <cmath>
#include <numbers>

#include <fmt/format.h>

#include "lensfind/base/error.h"
#include "lensfind/image/fits.h"

namespace lensfind::render {
namespace {

constexpr int max_side = 255;

ImagePsf psf_of(const image::Image& image, int plane, const std::filesystem::path& path) {
  const auto [bands, height, width] = image.shape();
  if (height % 2 == 0 || width % 2 == 0 || height > max_side || width > max_side) {
    throw Error{fmt::format("{}: a PSF of {} x {} pixels", path.string(), width, height),
                fmt::format("give odd numbers of pixels, at most {}, with the star at the middle one", max_side)};
  }
  double sum = 0;
  for (const float value : image.band(plane)) sum += static_cast<double>(value);
  if (!std::isfinite(sum) || sum <= 0)
    throw Error{fmt::format("{}: the pixels of a PSF sum up to {}", path.string(), sum), "give an image of a star without background"};
  ImagePsf psf{height, width, {}};
  for (const float value : image.band(plane)) psf.kernel.push_back(static_cast<float>(static_cast<double>(value) / sum));
  return psf;
}

}  // namespace

std::vector<ImagePsf> read_psfs(const std::filesystem::path& fits) {
  std::vector<ImagePsf> out;
  for (const image::Image& image : image::read_fits_images(fits)) {
    for (int plane = 0; plane < image.shape().bands; ++plane) out.push_back(psf_of(image, plane, fits));
  }
  return out;
}

double fwhm_arcsec(const ImagePsf& psf, double pixel_scale_arcsec) {
  double squares = 0;
  for (const float value : psf.kernel) squares += static_cast<double>(value) * static_cast<double>(value);
  // A Gaussian of standard deviation s covers 4 pi s^2 pixels.
  const double sigma = std::sqrt(1 / (4 * std::numbers::pi * squares));
  return 2 * std::sqrt(2 * std::numbers::ln2) * sigma * pixel_scale_arcsec;
}

}  // namespace lensfind::render
