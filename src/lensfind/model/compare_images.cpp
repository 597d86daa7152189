#include <algorithm>
#include <cmath>
#include <map>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "lensfind/model/training_images.h"

namespace lensfind::model {
namespace {

constexpr double expected_outside = .02;  // the central 98% leave so many out
constexpr double telling_fraction = .25;
constexpr double chance = 1e-4;
constexpr std::size_t few = 3;
constexpr double other_seeing = 1.25;  // a seeing this much wider or sharper is another one

double at_level(const StatisticQuantiles& trained, double level) {
  const auto place = std::ranges::find(quantile_levels, level) - quantile_levels.begin();
  return trained.quantiles[static_cast<std::size_t>(place)];
}

/// P(X >= k) of n tries that succeed with probability p each.
double binomial_tail(std::size_t k, std::size_t n, double p) {
  const auto log_choose = [](double from, double taken) {
    return std::lgamma(from + 1) - std::lgamma(taken + 1) - std::lgamma(from - taken + 1);
  };
  double sum = 0;
  for (std::size_t i = k; i <= n; ++i) {
    const auto from = static_cast<double>(n);
    const auto taken = static_cast<double>(i);
    sum += std::exp(log_choose(from, taken) + taken * std::log(p) + (from - taken) * std::log1p(-p));
  }
  return sum;
}

/// One statistic in one band, of the training images and of those that are scored.
struct Compared {
  const StatisticQuantiles* trained;
  std::vector<double> values;  ///< ascending
  double outside = 0;          ///< fraction of the values that lie outside the central 98%
  bool differs = false;

  [[nodiscard]] double at(double level) const { return values[static_cast<std::size_t>(level * static_cast<double>(values.size() - 1))]; }
  [[nodiscard]] double median() const { return at(.5); }
  [[nodiscard]] double trained_median() const { return at_level(*trained, .5); }
};

/// How far beyond a range a value must lie to count: ranges of quantised or scaled values have no width.
double tolerance(double low, double high) { return std::max(.25 * (high - low), .05 * std::max(std::abs(low), std::abs(high))); }

void mark(Compared& compared, bool only_above) {
  const bool is_few = compared.values.size() < few;
  const double low = at_level(*compared.trained, is_few ? 0 : .01);
  const double high = at_level(*compared.trained, is_few ? 1 : .99);
  const double beyond = (is_few ? 2 : 1) * tolerance(low, high);
  const auto is_outside = [&](double value) { return value > high + beyond || (!only_above && value < low - beyond); };
  const auto count = static_cast<std::size_t>(std::ranges::count_if(compared.values, is_outside));
  compared.outside = static_cast<double>(count) / static_cast<double>(compared.values.size());
  compared.differs = is_few
                         ? count == compared.values.size()
                         : compared.outside >= telling_fraction && binomial_tail(count, compared.values.size(), expected_outside) < chance;
}

/// Widths of sources scatter by what galaxies there are; the sharpest tell of the seeing, and the others must have moved with them.
void mark_seeing(Compared& compared) {
  mark(compared, false);
  const double ratio = compared.at(.1) / at_level(*compared.trained, .1);
  const std::size_t n = compared.values.size();
  const double low = at_level(*compared.trained, .25);
  const double high = at_level(*compared.trained, .75);
  const auto below = static_cast<std::size_t>(std::ranges::count_if(compared.values, [low](double width) { return width < low; }));
  const auto above = static_cast<std::size_t>(std::ranges::count_if(compared.values, [high](double width) { return width > high; }));
  if (ratio >= other_seeing && binomial_tail(above, n, .25) < chance) compared.differs = true;
  if (ratio <= 1 / other_seeing && binomial_tail(below, n, .25) < chance) compared.differs = true;
}

/// "6", "1.6", "0.17", "1,200".
std::string times_text(double ratio) {
  if (ratio < 100) return fmt::format("{:.2g}", ratio);
  const double unit = std::pow(10, std::floor(std::log10(ratio)) - 1);
  return fmt::format("{:.0f}", std::round(ratio / unit) * unit);
}

std::string ratio_text(const std::string& what, const std::string& where, double here, double trained) {
  if (!(trained > 0) || !(here > 0)) return fmt::format("{} is {:.3g}{}, in the training images {:.3g}", what, here, where, trained);
  return fmt::format("{} is {} times that of the training images{} ({:.3g} against {:.3g})", what, times_text(here / trained), where, here,
                     trained);
}

/// By statistic, those bands in which it differs, the worst first.
using Differences = std::map<std::string, std::vector<Compared>, std::less<>>;

std::string where_text(const std::vector<Compared>& bands) {
  if (bands.front().trained->band.empty()) return "";
  std::string text = " in " + bands.front().trained->band;
  if (bands.size() == 1) return text;
  std::vector<std::string> others;
  for (std::size_t i = 1; i < bands.size(); ++i) others.push_back(bands[i].trained->band);
  return fmt::format("{}, and not alike in {}", text, fmt::join(others, " and "));
}

std::string level_text(const std::string& what, const std::vector<Compared>& bands) {
  const Compared& worst = bands.front();
  return fmt::format("{} is {:.3g}{}; in the training images it is {:.3g} to {:.3g}", what, worst.median(), where_text(bands),
                     at_level(*worst.trained, .01), at_level(*worst.trained, .99));
}

std::string text_of(const std::string& statistic, const std::vector<Compared>& bands) {
  const Compared& worst = bands.front();
  const std::string where = where_text(bands);
  const auto ratio = [&](const char* what) { return ratio_text(what, where, worst.median(), worst.trained_median()); };
  if (statistic == "sky_noise") return ratio("the sky noise");
  if (statistic == "flux_range") return ratio("the brightest pixel above the sky");
  if (statistic == "saturated")
    return fmt::format("{:.2g}% of a band's pixels are as bright as its brightest, as in saturated images; in the training images {:.2g}%",
                       100 * worst.median(), 100 * worst.trained_median());
  if (statistic == "seeing_fwhm_pixels")
    return ratio_text("the width of the sharpest sources", " in pixels", worst.at(.1), at_level(*worst.trained, .1));
  if (statistic == "pixel_scale_arcsec") return ratio("the width of a pixel in arcsec");
  if (statistic == min_max_scaled)
    return fmt::format(
        "{:.0f}% of the cutouts are min-max scaled: every band runs from 0 to 1, so fluxes and colours are lost; the model was "
        "trained on images in units of flux",
        100 * worst.outside);
  if (statistic == "sky_level") return level_text("the sky level", bands);
  return level_text(statistic == "lowest" ? "the lowest pixel" : "the brightest pixel", bands);
}

Differences differences_of(const TrainingImages& trained, std::span<const MeasuredRow> rows, const std::vector<std::string>& bands) {
  const std::vector<StatisticColumn> columns = statistic_columns(bands);
  Differences found;
  for (const StatisticQuantiles& entry : trained.statistics) {
    const auto is_it = [&](const StatisticColumn& column) { return column.statistic == entry.statistic && column.band == entry.band; };
    const auto place = static_cast<std::size_t>(std::ranges::find_if(columns, is_it) - columns.begin());
    if (place == columns.size()) continue;
    Compared compared{&entry, {}};
    for (const MeasuredRow& row : rows)
      if (row[place]) compared.values.push_back(*row[place]);
    if (compared.values.empty()) continue;
    std::ranges::sort(compared.values);
    if (entry.statistic == "seeing_fwhm_pixels") {
      mark_seeing(compared);
    } else {
      mark(compared, entry.statistic == "saturated" || entry.statistic == min_max_scaled);
    }
    if (compared.differs) found[entry.statistic].push_back(std::move(compared));
  }
  for (auto& [statistic, worst_first] : found) std::ranges::stable_sort(worst_first, std::greater{}, &Compared::outside);
  return found;
}

}  // namespace

Likeness compare_images(const TrainingImages& trained, std::span<const MeasuredRow> rows, const std::vector<std::string>& bands) {
  Likeness likeness{.cutouts = static_cast<std::int64_t>(rows.size())};
  const Differences differences = differences_of(trained, rows, bands);
  for (const StatisticColumn& column : statistic_columns({""})) {  // in the order in which they are told
    const auto found = differences.find(column.statistic);
    if (found != differences.end()) likeness.differences.push_back(text_of(found->first, found->second));
  }
  return likeness;
}

}  // namespace lensfind::model
