#include "lensfind/model/training_images.h"

#include <algorithm>
#include <cmath>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "lensfind/base/error.h"
#include "lensfind/image/scaling.h"

namespace lensfind::model {
namespace {

/// How a statistic is spoken of.
struct Meaning {
  const char* name;
  bool of_each_band;
};
constexpr Meaning meanings[] = {{"sky_noise", true},
                                {"sky_level", true},
                                {"lowest", true},
                                {"highest", true},
                                {"flux_range", true},
                                {"saturated", false},
                                {"seeing_fwhm_pixels", false},
                                {"pixel_scale_arcsec", false},
                                {min_max_scaled, false}};

/// Between two values by linear interpolation, as numpy's quantile().
double quantile(const std::vector<double>& sorted, double level) {
  const double place = level * static_cast<double>(sorted.size() - 1);
  const auto below = static_cast<std::size_t>(place);
  const std::size_t above = std::min(below + 1, sorted.size() - 1);
  return sorted[below] + (place - static_cast<double>(below)) * (sorted[above] - sorted[below]);
}

/// Whether every band runs from 0 to 1 and no further.
bool runs_from_0_to_1(image::ImageView image) {
  constexpr double rounding = 1e-6;
  for (int band = 0; band < image.shape.bands; ++band) {
    const auto [min, max] = std::ranges::minmax(image.band(band));
    if (std::abs(static_cast<double>(min)) > rounding || std::abs(static_cast<double>(max) - 1) > rounding) return false;
  }
  return true;
}

}  // namespace

bool TrainingImages::operator==(const TrainingImages& other) const { return write_fields(*this) == write_fields(other); }

std::vector<StatisticColumn> statistic_columns(const std::vector<std::string>& bands) {
  std::vector<StatisticColumn> columns;
  for (const Meaning& meaning : meanings) {
    if (!meaning.of_each_band) columns.push_back({meaning.name, ""});
    for (std::size_t b = 0; meaning.of_each_band && b < bands.size(); ++b) columns.push_back({meaning.name, bands[b]});
  }
  return columns;
}

MeasuredRow measure_cutout(image::ImageView image, network::Preprocessing::Scaling scaling, std::optional<double> pixel_scale_arcsec) {
  const bool came_scaled = runs_from_0_to_1(image);
  image::Image scaled{image};
  network::preprocess({.scaling = scaling}, scaled.view());
  image = scaled.view();
  const image::ImageStatistics found = image::image_statistics(image);
  MeasuredRow row;
  for (const auto* values : {&found.sky_noise, &found.sky_level, &found.lowest, &found.highest})
    row.insert(row.end(), values->begin(), values->end());
  for (std::size_t b = 0; b < found.highest.size(); ++b) row.emplace_back(found.highest[b] - found.sky_level[b]);
  row.emplace_back(found.saturated);
  row.push_back(found.seeing_fwhm_pixels);
  row.push_back(pixel_scale_arcsec);
  row.emplace_back(came_scaled ? 1 : 0);
  return row;
}

void note_flux_units(TrainingImages& images) {
  if (std::ranges::any_of(images.statistics, [](const StatisticQuantiles& entry) { return entry.statistic == min_max_scaled; })) return;
  images.statistics.push_back({.statistic = min_max_scaled,
                               .band = "",
                               .cutouts = std::max<std::int64_t>(images.cutouts, 1),
                               .quantiles = std::vector<double>(quantile_levels.size(), 0)});
}

TrainingImages training_images(std::span<const MeasuredRow> rows, const std::vector<std::string>& bands) {
  TrainingImages images{.cutouts = static_cast<std::int64_t>(rows.size())};
  const std::vector<StatisticColumn> columns = statistic_columns(bands);
  for (std::size_t c = 0; c < columns.size(); ++c) {
    std::vector<double> values;
    for (const MeasuredRow& row : rows)
      if (row[c]) values.push_back(*row[c]);
    if (values.empty()) continue;
    std::ranges::sort(values);
    StatisticQuantiles entry{
        .statistic = columns[c].statistic, .band = columns[c].band, .cutouts = static_cast<std::int64_t>(values.size())};
    for (const double level : quantile_levels) entry.quantiles.push_back(quantile(values, level));
    images.statistics.push_back(std::move(entry));
  }
  return images;
}

void check_training_images(const TrainingImages& images, const std::string& origin) {
  if (images.levels != quantile_levels)
    throw Error{origin + ": the levels are not those that this version knows", "train or calibrate again with this version"};
  for (const StatisticQuantiles& entry : images.statistics) {
    if (entry.quantiles.size() == images.levels.size() && std::ranges::is_sorted(entry.quantiles)) continue;
    throw Error{fmt::format("{}: the quantiles of {} are not {} ascending numbers", origin, entry.statistic, images.levels.size()),
                "the file is damaged"};
  }
}

}  // namespace lensfind::model
