#include <algorithm>
#include <cmath>

#include <fmt/format.h>

#include "lensfind/report/charts.h"
#include "lensfind/report/csv_text.h"
#include "lensfind/report/words.h"

namespace lensfind::report {
namespace {

using evaluate::ReliabilityBin;

/// The probabilities an axis shows; what lies beyond stands on its edge.
struct Axis {
  double min = 1e-4, max = 1 - 1e-4;

  [[nodiscard]] double position(double probability) const {
    const double p = std::clamp(probability, min, max);
    return std::log(p / (1 - p));
  }
};

Axis axis_for(const std::vector<ReportModel>& models) {
  Axis axis;
  for (const ReportModel& model : models) {
    if (!model.evaluation.calibration) continue;
    for (const ReliabilityBin& bin : model.evaluation.calibration->bins) {
      axis.min = std::min(axis.min, std::max(bin.mean_probability / 2, 1e-8));
      axis.max = std::max(axis.max, 1 - std::max((1 - bin.mean_probability) / 2, 1e-8));
    }
  }
  return axis;
}

std::string tics(const char* name, const Axis& axis) {
  // A wide axis has no room for every decade.
  const bool wide = axis.min < 5e-4 || axis.max > 1 - 5e-4;
  const std::vector<std::pair<const char*, double>> few = {{"1e-8", 1e-8}, {"1e-6", 1e-6}, {"0.0001", 1e-4},  {"0.01", .01},
                                                           {"0.5", .5},    {"0.99", .99},  {"0.9999", .9999}, {"1 - 1e-6", 1 - 1e-6}};
  const std::vector<std::pair<const char*, double>> all = {{"0.0001", 1e-4}, {"0.001", .001}, {"0.01", .01},
                                                           {"0.1", .1},      {"0.5", .5},     {"0.9", .9},
                                                           {"0.99", .99},    {"0.999", .999}, {"0.9999", .9999}};
  std::string out;
  for (const auto& [label, p] : wide ? few : all) {
    if (p >= axis.min && p <= axis.max) out += fmt::format("{}'{}' {}", out.empty() ? "" : ", ", label, axis.position(p));
  }
  return fmt::format("set {}tics ({})\n", name, out);
}

}  // namespace

std::optional<Chart> reliability_chart(const std::vector<ReportModel>& models) {
  Chart chart{.name = "reliability", .title = "Are the probabilities right?"};
  const evaluate::Evaluation& first = models.front().evaluation;
  chart.caption = fmt::format(
      "Fraction of lenses among cutouts of about the same stated probability, with 95% intervals, on axes even in log odds: right "
      "probabilities lie on the dotted line, points below it promise too much. Of these samples {} are lenses; probabilities that were "
      "stated for another prevalence lie on a line parallel to the dotted one, which is no fault. Points on the lower or upper edge are "
      "fractions of 0 or 1.",
      percent_text(static_cast<double>(first.lenses) / static_cast<double>(first.lenses + first.nonlenses)));
  CsvText csv{"model", "mean_probability", "observed", "low", "high", "count"};
  const Axis axis = axis_for(models);
  std::string plots;
  for (std::size_t i = 0; i < models.size(); ++i) {
    const auto& calibration = models[i].evaluation.calibration;
    if (!calibration || calibration->bins.empty()) continue;
    std::vector<std::vector<double>> rows;
    for (const ReliabilityBin& bin : calibration->bins) {
      rows.push_back({axis.position(bin.mean_probability), axis.position(bin.observed.value), axis.position(bin.observed.low),
                      axis.position(bin.observed.high)});
      csv.row({models[i].name, bin.mean_probability, bin.observed.value, bin.observed.low, bin.observed.high, bin.count});
    }
    chart.data += data_block(fmt::format("reliability_{}", i), rows);
    plots += fmt::format("$reliability_{0} using 1:2:3:4 with yerrorbars lc rgb '{1}' pt {2} ps 1 lw 1.5 title {3} noenhanced, ", i,
                         colour_of(i), point_type_of(i),
                         gnuplot_text(fmt::format("{}: slope {}", shortened(models[i].name, 24), interval_text(calibration->slope))));
  }
  if (plots.empty()) return std::nullopt;
  chart.csv = csv.text();
  const std::string axes = fmt::format(R"(
set key maxcols 1
set xrange [{0}:{1}]
set yrange [{0}:{1}]
set xlabel 'stated probability'
set ylabel 'observed fraction of lenses'
)",
                                       axis.position(0), axis.position(1));
  chart.panels.push_back(
      {.width = 520,
       .height = 420 + 22 * static_cast<int>(models.size()),
       .commands = axes + tics("x", axis) + tics("y", axis) + "plot " + plots + "x with lines lc rgb 'black' dt 3 lw 1 notitle\n"});
  return chart;
}

}  // namespace lensfind::report
