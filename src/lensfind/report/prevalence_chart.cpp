#include <algorithm>
#include <cmath>

#include <fmt/format.h>

#include "lensfind/evaluate/log_odds.h"
#include "lensfind/report/charts.h"
#include "lensfind/report/csv_text.h"
#include "lensfind/report/words.h"

namespace lensfind::report {
namespace {

using evaluate::AtPrevalence;
using evaluate::Estimate;

/// An operating point of a model with what it gives at each prevalence, rising: one line in the chart.
struct Series {
  std::string name;
  std::vector<AtPrevalence> rows;
};

std::vector<Series> series_of(const std::vector<ReportModel>& models) {
  std::vector<Series> all;
  for (std::size_t i = 0; i < models.size(); ++i) {
    for (const evaluate::AtThreshold* at : shown_thresholds(models, i)) {
      const std::string& point = at->point.name;
      Series series{models.size() > 1 ? shortened(models[i].name, 20) + ": " + point : point, {}};
      std::ranges::copy_if(models[i].evaluation.at_prevalence, std::back_inserter(series.rows),
                           [&](const AtPrevalence& row) { return row.point == point; });
      std::ranges::sort(series.rows, {}, &AtPrevalence::prevalence);
      if (!series.rows.empty()) all.push_back(std::move(series));
    }
  }
  return all;
}

// Odds of purity = odds of prevalence x TPR / FPR, so between two prevalences the log odds of purity run straight in the log odds of
// prevalence; candidates run straight in the prevalence itself. The chart's lines are therefore no guess.
std::vector<std::vector<double>> line(const std::vector<AtPrevalence>& rows) {
  constexpr int steps = 16;
  std::vector<std::vector<double>> out;
  for (std::size_t i = 0; i + 1 < rows.size(); ++i) {
    const AtPrevalence &a = rows[i], &b = rows[i + 1];
    for (int k = 0; k <= steps; ++k) {
      const double p = a.prevalence * std::pow(b.prevalence / a.prevalence, static_cast<double>(k) / steps);
      const double along = (evaluate::log_odds(p) - evaluate::log_odds(a.prevalence)) /
                           (evaluate::log_odds(b.prevalence) - evaluate::log_odds(a.prevalence));
      const double purity = 1 / (1 + std::exp(-std::lerp(evaluate::log_odds(a.purity.value), evaluate::log_odds(b.purity.value), along)));
      out.push_back({p, purity, std::lerp(a.candidates.value, b.candidates.value, (p - a.prevalence) / (b.prevalence - a.prevalence))});
    }
  }
  return out;
}

// Bars of several points at one prevalence would hide each other: they stand a little aside.
std::vector<std::vector<double>> bars(const std::vector<AtPrevalence>& rows, double dodge) {
  std::vector<std::vector<double>> out;
  for (const AtPrevalence& row : rows) {
    out.push_back({row.prevalence * dodge, row.purity.value, row.purity.low, row.purity.high, row.candidates.value, row.candidates.low,
                   row.candidates.high});
  }
  return out;
}

/// Columns of the two data blocks that make a panel.
struct Columns {
  int line, bars;
};

std::string plot_commands(const std::vector<Series>& all, Columns columns) {
  std::string plots = "plot ";
  for (std::size_t i = 0; i < all.size(); ++i) {
    plots += fmt::format(
        "$bars_{0} using 1:{1}:{2}:{3} with yerrorbars lc rgb '{4}' pt {5} ps 0.9 lw 1.5 title {6} noenhanced, $line_{0} using 1:{7} with "
        "lines lc rgb '{4}' lw 2 notitle, ",
        i, columns.bars, columns.bars + 1, columns.bars + 2, colour_of(i), point_type_of(i), gnuplot_text(all[i].name), columns.line);
  }
  return plots;
}

std::string csv_of(const std::vector<Series>& all) {
  CsvText csv{"series",          "prevalence",        "purity",    "purity_low", "purity_high", "candidates_per_million", "candidates_low",
              "candidates_high", "found_per_million", "found_low", "found_high"};
  for (const Series& series : all) {
    for (const AtPrevalence& row : series.rows) {
      csv.row({series.name, row.prevalence, row.purity.value, row.purity.low, row.purity.high, row.candidates.value, row.candidates.low,
               row.candidates.high, row.found.value, row.found.low, row.found.high});
    }
  }
  return csv.text();
}

// The decade below the lowest number of the chart that is not 0: where a logarithmic axis begins.
double decade_below(const std::vector<Series>& all, Estimate AtPrevalence::*figure) {
  double lowest = std::numeric_limits<double>::infinity();
  for (const Series& series : all) {
    for (const AtPrevalence& row : series.rows) {
      for (const double number : {(row.*figure).low, (row.*figure).value}) {
        if (number > 0) lowest = std::min(lowest, number);
      }
    }
  }
  return std::isfinite(lowest) ? std::pow(10, std::floor(std::log10(lowest))) : 1e-6;
}

}  // namespace

std::optional<Chart> prevalence_chart(const std::vector<ReportModel>& models) {
  const std::vector<Series> all = series_of(models);
  if (all.empty()) return std::nullopt;
  Chart chart{.name = "purity", .title = "What a survey would give", .columns = 2};
  chart.caption =
      "At each threshold chosen beforehand, by the fraction of lenses among all objects of a survey. Left: purity, the fraction of "
      "candidates that are lenses. Right: candidates to look at per million objects; the dotted line is the number of lenses among those "
      "objects. Bars are 95% intervals.";
  chart.csv = csv_of(all);
  double min = 1, max = 0;
  for (std::size_t i = 0; i < all.size(); ++i) {
    const double dodge = std::pow(1.12, static_cast<double>(i) - (static_cast<double>(all.size()) - 1) / 2);
    chart.data +=
        data_block(fmt::format("line_{}", i), line(all[i].rows)) + data_block(fmt::format("bars_{}", i), bars(all[i].rows, dodge));
    min = std::min(min, all[i].rows.front().prevalence);
    max = std::max(max, all[i].rows.back().prevalence);
  }
  const std::string axis = fmt::format(R"(
set key maxcols 1
set logscale x
set format x '10^{{%T}}'
set xrange [{}:{}]
set xlabel 'prevalence (lenses per object)'
)",
                                       min / 1.6, std::min(1., max * 1.6));
  const int height = 340 + 20 * static_cast<int>(all.size());
  const std::string panel = axis + "set logscale y\nset format y '10^{%T}'\n";
  chart.panels.push_back({.width = 420,
                          .height = height,
                          .commands = panel + "set ylabel 'purity (fraction of candidates that are lenses)'\n" +
                                      fmt::format("set yrange [{}:1]\n", decade_below(all, &AtPrevalence::purity)) +
                                      plot_commands(all, {2, 2}) +
                                      // As many lines of the key as beside it, so that both axes stand at one height.
                                      "keyentry title ' '\n"});
  chart.panels.push_back(
      {.width = 420,
       .height = height,
       .commands = panel + "set ylabel 'candidates per million objects'\n" +
                   fmt::format("set yrange [{}:1e6]\n", std::min(decade_below(all, &AtPrevalence::candidates), 1e6 * min)) +
                   plot_commands(all, {3, 5}) + "1e6*x with lines lc rgb 'black' dt 3 lw 1.2 title 'lenses there are'\n"});
  return chart;
}

}  // namespace lensfind::report
