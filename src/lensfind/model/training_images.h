#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "lensfind/base/fields.h"
#include "lensfind/image/image_statistics.h"
#include "lensfind/network/preprocess.h"

namespace lensfind::model {

/// One statistic of cutouts, over many of them.
struct StatisticQuantiles {
  std::string statistic;          ///< "sky_noise", ...: image_statistics.h and `pixel_scale_arcsec`
  std::string band;               ///< empty: of all bands together
  std::int64_t cutouts = 0;       ///< in how many it could be measured
  std::vector<double> quantiles;  ///< at quantile_levels, ascending

  static void describe(auto& field) {
    field(&StatisticQuantiles::statistic, "statistic", any(), "what was measured: sky_noise, sky_level, lowest, highest, flux_range, ...");
    field(&StatisticQuantiles::band, "band", any(), "in which band; empty: in all together");
    field(&StatisticQuantiles::cutouts, "cutouts", at_least(1), "in how many cutouts it could be measured");
    field(&StatisticQuantiles::quantiles, "quantiles", any(), "one for each of `levels`");
  }
};

/// The fractions of cutouts that lie below the quantiles.
inline const std::vector<double> quantile_levels{0, .01, .05, .1, .25, .5, .75, .9, .95, .99, 1};

/// What the images looked like that a model was trained on, so that scoring can say whether others look alike. Pixels are as the network
/// gets them: after min-max scaling where the model does that, before stretch and normalisation.
struct TrainingImages {
  std::int64_t cutouts = 0;  ///< how many were measured: up to 2,000 of the training split, evenly spread
  std::vector<double> levels = quantile_levels;
  std::vector<StatisticQuantiles> statistics;

  bool operator==(const TrainingImages& other) const;

  static void describe(auto& field) {
    field(&TrainingImages::cutouts, "cutouts", at_least(1), "how many of the training cutouts were measured");
    field(&TrainingImages::levels, "levels", between(0, 1), "fractions of cutouts below the quantiles");
    field(&TrainingImages::statistics, "statistics", any(), "what was measured");
  }
};

/// The largest number of cutouts of a set that are measured.
constexpr std::int64_t max_measured = 2000;
/// Of `count` cutouts every n-th is measured; this is n.
constexpr std::int64_t measuring_step(std::int64_t count) { return count <= max_measured ? 1 : (count + max_measured - 1) / max_measured; }

/// A cutout's statistics as one list, in the order of statistic_columns(). An entry is empty where it could not be measured.
using MeasuredRow = std::vector<std::optional<double>>;

/// The statistics and bands that a row holds.
struct StatisticColumn {
  std::string statistic, band;
};
std::vector<StatisticColumn> statistic_columns(const std::vector<std::string>& bands);

/// The statistic that is 1 for a cutout every band of which runs from 0 to 1 before the model scales it, and 0 for others.
constexpr const char* min_max_scaled = "min_max_scaled";

/// Measures a cutout (bands, height, width), scaled as the model scales it. `pixel_scale_arcsec` is what its header says.
MeasuredRow measure_cutout(image::ImageView image, network::Preprocessing::Scaling scaling, std::optional<double> pixel_scale_arcsec);

/// Quantiles of the rows, a row a cutout. Statistics that no cutout had are left out.
TrainingImages training_images(std::span<const MeasuredRow> rows, const std::vector<std::string>& bands);

/// Of models of earlier versions, which do not say whether their training images were min-max scaled: where they know a zero point, these
/// were in units of flux. Adds that to what they say.
void note_flux_units(TrainingImages& images);

/// Throws Error that names `origin` where levels and quantiles do not belong together, or are no numbers in order.
void check_training_images(const TrainingImages& images, const std::string& origin);

/// How images differ from those that a model was trained on.
struct Likeness {
  std::int64_t cutouts = 0;              ///< that were compared
  std::vector<std::string> differences;  ///< plain sentences with numbers; empty: they look alike
};

/// Compares rows of scored cutouts with the training images. A statistic differs where at least a quarter of the cutouts lie outside the
/// central 98% of the training images', by more than chance allows (binomial tail under 1e-4). Of fewer than 3 cutouts all must lie far
/// outside their whole range. The seeing differs also where the sharpest tenth of the widths is off by a quarter.
Likeness compare_images(const TrainingImages& trained, std::span<const MeasuredRow> rows, const std::vector<std::string>& bands);

}  // namespace lensfind::model
