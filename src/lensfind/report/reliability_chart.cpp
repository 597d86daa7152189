#include <algorithm>
#include <cmath>

#include <fmt/format.h>

#include "lensfind/report/charts.h"
#include "lensfind/report/csv_text.h"
#include "lensfind/report/words.h"

namespace lensfind::report {
namespace {

using evaluate::ReliabilityBin;

constexpr double least_probability = 1e-4;

double log_odds(double probability) {
  const double p = std::clamp(probability, least_probability, 1 - least_probability);
  return std::log(p / (1 - p));
}

std::string tics(const char* axis) {
  std::string out = fmt::format("set {}tics (", axis);
  bool first = true;
  for (const char* label : {"0.0001", "0.001", "0.01", "0.1", "0.5", "0.9", "0.99", "0.999"}) {
    out += fmt::format("{}'{}' {}", first ? "" : ", ", label, log_odds(std::stod(label)));
    first = false;
  }
  return out + ")\n";
}

}  // namespace

std::optional<Chart> reliability_chart(const std::vector<ReportModel>& models) {
  Chart chart{.name = "reliability", .title = "Are the probabilities right?"};
  chart.caption =
      "Share of lenses among cutouts of about the same stated probability, with 95% intervals, on axes even in log odds: right "
      "probabilities lie "
      "on the dotted line, points below it promise too much. Points on the lower or upper edge are shares of 0 or 1.";
  CsvText csv{"model", "mean_probability", "observed", "low", "high", "count"};
  std::string plots;
  for (std::size_t i = 0; i < models.size(); ++i) {
    const auto& calibration = models[i].evaluation.calibration;
    if (!calibration || calibration->bins.empty()) continue;
    std::vector<std::vector<double>> rows;
    for (const ReliabilityBin& bin : calibration->bins) {
      rows.push_back(
          {log_odds(bin.mean_probability), log_odds(bin.observed.value), log_odds(bin.observed.low), log_odds(bin.observed.high)});
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
set ylabel 'observed share of lenses'
)",
                                       log_odds(0), log_odds(1));
  chart.panels.push_back({.width = 520,
                          .height = 420 + 22 * static_cast<int>(models.size()),
                          .commands = axes + tics("x") + tics("y") + "plot " + plots + "x with lines lc rgb 'black' dt 3 lw 1 notitle\n"});
  return chart;
}

}  // namespace lensfind::report
