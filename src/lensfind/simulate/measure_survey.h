#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "lensfind/base/progress.h"
#include "lensfind/image/image.h"

namespace lensfind::simulate {

/// The background of one image: its pixels within three times its own scatter of their median, objects left out.
struct Sky {
  double level = 0;
  double rms = 0;          ///< of a pixel, without what varies over four pixels and more
  double correlation = 0;  ///< of pixels side by side, likewise
  double two_apart = 0;    ///< of pixels two apart, likewise; Lanczos kernels make it negative
  double clipped = 0;      ///< fraction of pixels that are exactly the lowest value: a sky that was cut off
};

/// Pixels that are 0 while others lie on both sides of it, and missing ones, are left out. Throws Error where fewer than 100 are left.
Sky measure_sky(image::ImageView image, int band);

/// What was found in one band of all images; flux in the unit of `zero_point`.
struct MeasuredBand {
  std::string name;
  std::optional<double> zero_point;  ///< median of the images'
  double sky_level = 0;              ///< median of the images'; near 0 where the sky was subtracted
  double rms = 0;                    ///< of a pixel, median of the images'
  double rms_scatter_mag = 0;        ///< from image to image
  double correlation = 0;            ///< of pixels side by side
  double two_apart = 0;              ///< of pixels two apart
  std::optional<double> gain;        ///< electrons a unit, as headers say it
  double saturation = 0;             ///< the value at which bright pixels stop; 0: none was met
  double clipped = 0;                ///< median fraction of pixels at the lowest value
  std::int64_t stars = 0;            ///< that the seeing was measured on; 0: it is the width of the most compact objects, an upper limit
  std::int64_t objects = 0;          ///< bright ones that stand apart
  double fwhm_pixels = 0;            ///< without the pixel; 0: nothing was bright enough
  double fwhm_scatter = 0;           ///< of its logarithm from star to star
  double beta = 3;                   ///< exponent of the Moffat that fits the stars best
};

struct MeasuredSurvey {
  std::vector<MeasuredBand> bands;
  std::optional<double> pixel_scale_arcsec;
  std::int64_t images = 0;
  bool scaled = false;  ///< each band of each image was scaled to [0, 1]: flux, noise and depth mean nothing
  std::vector<std::string> notes;
};

struct MeasureOptions {
  std::vector<std::filesystem::path> inputs;  ///< folders, cutouts, stacks, lists and fields, as cutouts::InputStream takes them
  std::vector<std::string> bands;             ///< names, in the order of the planes, or of files of one band each; empty: as headers say
  std::vector<double> zero_point;             ///< where headers say none: one for all, or one a band
  std::optional<double> pixel_scale_arcsec;   ///< where headers say none
  std::int64_t max_images = 1000;             ///< the first so many are looked at
};

/// Looks at images. Throws Error where none can be read, they have different bands, or no pixel scale is known.
MeasuredSurvey measure_survey(const MeasureOptions& options, Progress& progress, const StopFlag& stop);

/// A survey's TOML file of what was measured, for `simulate --survey`, what was assumed in comments. Throws Error where flux means nothing,
/// no zero point is known, or no seeing could be measured.
std::string measured_toml(const MeasuredSurvey& measured, const std::string& name);

}  // namespace lensfind::simulate
