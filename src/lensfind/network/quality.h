#pragma once

#include <cstddef>
#include <span>
#include <string>
#include <vector>

#include "lensfind/base/fields.h"
#include "lensfind/image/image.h"

namespace lensfind::network {

/// How a network that is told the image quality (film.h) has it standardised: by the training set's means and scatters, a value a band. A
/// scatter of 0 says that the values did not vary, or were not known, in training: then they say nothing.
struct QualityScale {
  std::vector<double> seeing_mean, seeing_std;        ///< of the seeing's FWHM, arcsec
  std::vector<double> log_noise_mean, log_noise_std;  ///< of ln pixel_scatter() of the raw cutout (preprocess.h)

  static void describe(auto& field) {
    using Q = QualityScale;
    field(&Q::seeing_mean, "seeing_mean", any().in("arcsec"), "a value a band: mean FWHM of the seeing of the training cutouts");
    field(&Q::seeing_std, "seeing_std", at_least(0).in("arcsec"), "its scatter; 0: not known there, or always the same");
    field(&Q::log_noise_mean, "log_noise_mean", any(), "a value a band: mean logarithm of the noise in a pixel, in the cutouts' unit");
    field(&Q::log_noise_std, "log_noise_std", at_least(0), "its scatter");
  }
};

/// What lies more scatters than this from the mean is taken for not known, and so for the mean: it is of another unit, or wrong.
constexpr float largest_deviation = 5;
/// The name of an ONNX file's second input: (n, bands) or (1, bands), FWHM in arcsec, NaN where it is not known. It may be left out.
constexpr auto seeing_input = "seeing";

/// Throws Error where the lists have not one value a band, or one is not finite. `origin` stands before the message.
void check_quality_scale(const QualityScale& scale, int bands, const std::string& origin);

/// The image quality of a raw cutout as its network takes it: (2 x bands), the seeing of each band and then the noise, standardised; 0 (the
/// mean) for what is not known. `seeing`: FWHM in arcsec a band, NaN where not known; empty: of none. The noise is measured.
void standardised_quality(const QualityScale& scale, std::span<const float> seeing, image::ImageView cutout, std::span<float> out);

/// Means and scatters of the quality of some cutouts, a row (2 x bands) of seeing and ln noise each, NaN where not known.
QualityScale quality_scale(std::span<const std::vector<float>> rows, std::size_t bands);

/// ln pixel_scatter() of each band.
std::vector<float> log_noise(image::ImageView cutout);

}  // namespace lensfind::network
