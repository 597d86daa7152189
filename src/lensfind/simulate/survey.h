#pragma once

#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include "lensfind/base/enum_names.h"
#include "lensfind/base/fields.h"
#include "lensfind/base/value.h"
#include "lensfind/population/population.h"
#include "lensfind/render/psf.h"
#include "lensfind/render/source_image.h"
#include "lensfind/simulate/display_look.h"
#include "lensfind/simulate/image_faults.h"
#include "lensfind/simulate/resampled_noise.h"

namespace lensfind::simulate {

/// What is done to a finished cutout: each band scaled to [0, 1] by its own least and greatest pixel; nothing, so that it is in the
/// survey's flux unit; or saved as a colour picture and turned back into flux (display_look.h).
enum class Scaling { minmax, none, display };
constexpr auto enum_names(Scaling) {
  return names_of<Scaling>({{Scaling::minmax, "minmax"}, {Scaling::none, "none"}, {Scaling::display, "display"}});
}

/// How a survey sees: bands, pixels, seeing, noise, and what it selects. Lists hold a value a band. Files: surveys/*.toml.
struct Survey {
  std::string name;
  std::vector<std::string> bands;
  double pixel_scale_arcsec = 0.2;
  std::vector<double> seeing_fwhm_arcsec;
  std::vector<double> output_zero_point;
  std::vector<double> sky_mag_arcsec2;
  std::vector<double> depth_5sigma;
  std::vector<double> effective_gain;
  std::vector<double> exposure_s;
  std::vector<double> exposures;
  std::vector<double> instrument_zero_point;
  std::vector<double> read_noise_e;
  double seeing_scatter = 0;
  double moffat_beta = 0;
  std::vector<double> band_moffat_beta;
  double depth_scatter_mag = 0;
  double noise_correlation = 0;
  std::vector<double> band_noise_correlation;
  NoiseInterpolation noise_interpolation = NoiseInterpolation::none;
  std::vector<double> noise_native_pixel_arcsec;
  int noise_median_exposures = 0;
  double sky_excess_rms = 0;
  double centre_offset_pixels = 0.5;
  bool train_rotated = false;
  double broken_band_rate = 0;
  std::vector<std::string> psf_files;
  std::string source_images;
  std::vector<std::shared_ptr<const render::SourceImage>> source_pictures;  ///< what source_images holds; found by find_survey()
  std::vector<render::ImagePsf> psf_images;                                 ///< what psf_files hold, a band; found by find_survey()
  std::vector<render::ImagePsf> psf_kernels;  ///< the same for pixels' means, without the pixel; found by find_survey()
  std::vector<NoiseKernel> noise_kernels;     ///< of noise_interpolation, a band; none: noise_correlation; found by find_survey()
  std::vector<double> saturation;
  FaultRates faults;
  DisplayLook display;
  population::Population population;
  /// What the file's table [minmax] says instead, for cutouts that are min-max scaled (survey_of_scaling()); null without one.
  Value minmax_look;

  static void describe(auto& field) {
    field(&Survey::name, "name", any(), "name of the survey");
    field(&Survey::bands, "bands", any(), "names of the bands, in the order of the output's planes");
    field(&Survey::pixel_scale_arcsec, "pixel_scale_arcsec", between(0.0001, 1000).in("arcsec"), "side of a pixel");
    field(&Survey::seeing_fwhm_arcsec, "seeing_fwhm_arcsec", positive().in("arcsec"),
          "full width at half maximum of the PSF, 0.25 to 50 pixels");
    field(&Survey::output_zero_point, "output_zero_point", between(-50, 100).in("mag"), "AB magnitude of one unit of the output's flux");
    field(&Survey::sky_mag_arcsec2, "sky_mag_arcsec2", between(0, 50).in("mag/arcsec2"), "brightness of the sky");
    field(&Survey::depth_5sigma, "depth_5sigma", between(0, 50).in("mag"),
          "5-sigma depth for a point source; where given, noise follows from it and not from exposures");
    field(&Survey::effective_gain, "effective_gain", between(1e-09, 1e+15).in("e-"),
          "electrons a unit of output flux, for a survey given by depth: sky counts over background variance; empty: from sky and depth");
    field(&Survey::exposure_s, "exposure_s", between(1e-06, 1e+09).in("s"), "time of one exposure");
    field(&Survey::exposures, "exposures", between(1, 1000000), "number of exposures; each is read out once");
    field(&Survey::instrument_zero_point, "instrument_zero_point", between(-50, 100).in("mag"), "AB magnitude of one electron a second");
    field(&Survey::read_noise_e, "read_noise_e", between(0, 1000000).in("e-"), "rms of one readout of one pixel");
    field(&Survey::seeing_scatter, "seeing_scatter", between(0, 0.5),
          "scatter of the logarithm of the seeing from cutout to cutout, each band by itself");
    field(&Survey::moffat_beta, "moffat_beta", between(0, 100), "exponent of a Moffat PSF (Moffat 1969), 1.5 or more; 0: Gaussian");
    field(&Survey::band_moffat_beta, "band_moffat_beta", between(0, 100), "the same a band; empty: moffat_beta in all");
    field(&Survey::depth_scatter_mag, "depth_scatter_mag", between(0, 2).in("mag"),
          "scatter of the depth from cutout to cutout, each band by itself, as exposures overlap");
    field(&Survey::noise_correlation, "noise_correlation", between(0, 0.5),
          "weight of the next pixels' noise over a pixel's own, as resampling leaves it in coadds; sums over many pixels keep their noise, "
          "so depths hold; 0: white");
    field(&Survey::band_noise_correlation, "band_noise_correlation", between(0, 0.5),
          "the same a band, where bands are resampled differently; empty: noise_correlation in all");
    field(
        &Survey::noise_interpolation, "noise_interpolation", any(),
        "how the coadd was resampled: noise is white in the detectors' pixels, and the output's are interpolated between these; sums over "
        "many pixels keep their noise, so depths hold; none: noise_correlation says how alike pixels are");
    field(&Survey::noise_native_pixel_arcsec, "noise_native_pixel_arcsec", positive().in("arcsec"),
          "with noise_interpolation: side of the detectors' pixels, a band, a fifth to 20 of the output's; empty: as the output's");
    field(&Survey::noise_median_exposures, "noise_median_exposures", between(0, 100),
          "with noise_interpolation: the coadd is the median of so many exposures (SWarp's MEDIAN), whose pixels are less alike than the "
          "mean's; 0 to 2: their mean");
    field(&Survey::sky_excess_rms, "sky_excess_rms", between(0, 10),
          "how much more than the sky was subtracted, in rms of a pixel: faint galaxies and halos counted as sky, and what lies between "
          "objects is less than 0");
    field(&Survey::centre_offset_pixels, "centre_offset_pixels", between(0, 512).in("pixels"),
          "the target's centre is uniform within so much of the cutout's, in x and in y");
    field(&Survey::train_rotated, "train_rotated", any(),
          "with --scaling minmax: turn each training image by any angle, nearest neighbour, as in the DeepLense set", "train_turned");
    field(&Survey::broken_band_rate, "broken_band_rate", between(0, 1),
          "with --scaling minmax: rate of training images one of whose bands holds only 0, 0.5 and 1, as in the DeepLense set");
    field(&Survey::psf_files, "psf_files", any(),
          "FITS files of PSF images on the survey's pixels, one with an image a band or one file a band, of odd sides; relative to this "
          "file. "
          "They stand in place of the seeing, in the images and where noise follows from a depth");
    field(
        &Survey::source_images, "source_images", any(),
        "folder of pictures of galaxies (.npy (height, width), or FITS with one image; background subtracted, the galaxy at the middle), "
        "relative "
        "to this file: each source is one of them, turned by any angle, with the drawn source's half-light radius, magnitude and colours");
    field(&Survey::saturation, "saturation", positive(),
          "flux at which a pixel is full, a band, in the output's unit; what is more flows along its column; empty: never");
    field(&Survey::faults, "faults", any(), "how often images are spoiled");
    field(&Survey::display, "display", any(), "the stretch of --scaling display");
    field(&Survey::population, "population", any(), "what the sky holds and what is kept");
  }
};

/// The survey of a TOML file: a path, or a name looked for as NAME.toml in `folders` in turn. `overrides` are "key=value", or
/// "population.key=value", "faults.key=value" and "display.key=value" (--set), which win over the file's [minmax] too. Throws Error for a
/// name that is not found (naming the known ones), unknown keys, and lists that do not match the bands. `bands` are those of the survey's
/// that are wanted, in this order; none: all. Overrides are of those.
Survey find_survey(const std::string& path_or_name, const std::vector<std::filesystem::path>& folders,
                   const std::vector<std::string>& overrides = {}, const std::vector<std::string>& bands = {});

/// The survey as cutouts of this scaling are taken: with what its file's [minmax] says in place where that is their scaling.
Survey survey_of_scaling(Survey survey, Scaling scaling);

/// Throws Error where the survey's lists do not fit its bands, neither depth nor exposures are given, or the seeing is under 0.25 or over
/// 50 pixels.
void check_survey(const Survey& survey, const std::string& origin);

}  // namespace lensfind::simulate
