#include <algorithm>
#include <cmath>

#include <fmt/format.h>

#include "lensfind/report/charts.h"
#include "lensfind/report/csv_text.h"
#include "lensfind/report/words.h"

namespace lensfind::report {
namespace {

using evaluate::AtPrevalence;
using evaluate::AtThreshold;

/// An operating point of a model: one line in the chart.
struct Series {
  std::size_t index, model;
  const AtThreshold* at;
  std::string name;
};

std::vector<Series> series_of(const std::vector<ReportModel>& models) {
  std::vector<Series> all;
  for (std::size_t i = 0; i < models.size(); ++i) {
    for (const AtThreshold* at : shown_thresholds(models, i)) {
      all.push_back({all.size(), i, at, models.size() > 1 ? shortened(models[i].name, 20) + ": " + at->point.name : at->point.name});
    }
  }
  return all;
}

std::vector<AtPrevalence> rows_of(const ReportModel& model, const std::string& point) {
  std::vector<AtPrevalence> rows;
  std::ranges::copy_if(model.evaluation.at_prevalence, std::back_inserter(rows),
                       [&](const AtPrevalence& row) { return row.point == point; });
  std::ranges::sort(rows, {}, &AtPrevalence::prevalence);
  return rows;
}

std::string plot_commands(const std::vector<Series>& all, int column, bool with_names) {
  std::string plots;
  for (const Series& series : all) {
    const std::string block = fmt::format("$prevalence_{}", series.index);
    const std::string title = with_names ? "title " + gnuplot_text(series.name) + " noenhanced" : "notitle";
    plots += fmt::format(
        "{0}{1} using 1:{2}:{3}:{4} with filledcurves fc rgb '{5}' notitle, {1} using 1:{2}:{3}:{4} with yerrorbars lc rgb '{5}' pt {6} ps "
        "0.9 lw 1.5 {7}, {1} using 1:{2} with lines lc rgb '{5}' lw 2 notitle",
        plots.empty() ? "" : ", ", block, column, column + 1, column + 2, colour_of(series.index), point_type_of(series.index), title);
  }
  return plots;
}

}  // namespace

std::optional<Chart> prevalence_chart(const std::vector<ReportModel>& models) {
  Chart chart{.name = "purity", .title = "What a survey would give", .columns = 2};
  chart.caption =
      "At each threshold chosen beforehand, by the share of lenses among all objects of a survey. Left: purity, the share of candidates "
      "that are lenses. "
      "Right: candidates to look at per million objects; the dotted line is the number of lenses among them. Bars and bands are 95% "
      "intervals.";
  CsvText csv{"model",          "point",           "prevalence",        "purity",    "purity_low", "purity_high", "candidates_per_million",
              "candidates_low", "candidates_high", "found_per_million", "found_low", "found_high"};
  const std::vector<Series> all = series_of(models);
  double least = 1e-2, most = 0, fewest = 1e6;
  for (const Series& series : all) {
    std::vector<std::vector<double>> rows;
    for (const AtPrevalence& row : rows_of(models[series.model], series.at->point.name)) {
      rows.push_back({row.prevalence, row.purity.value, row.purity.low, row.purity.high, row.candidates.value, row.candidates.low,
                      row.candidates.high});
      csv.row({models[series.model].name, row.point, row.prevalence, row.purity.value, row.purity.low, row.purity.high,
               row.candidates.value, row.candidates.low, row.candidates.high, row.found.value, row.found.low, row.found.high});
      least = std::min(least, row.prevalence);
      most = std::max(most, row.prevalence);
      if (row.candidates.low > 0) fewest = std::min(fewest, row.candidates.low);
    }
    if (rows.empty()) return std::nullopt;
    chart.data += data_block(fmt::format("prevalence_{}", series.index), rows);
  }
  if (all.empty()) return std::nullopt;
  chart.csv = csv.text();
  const std::string axis =
      fmt::format("set logscale x\nset format x '10^{{%T}}'\nset xrange [{}:{}]\nset xlabel 'prevalence (lenses per object)'\n",
                  least / 1.5, most * 1.5);
  const int height = 340 + 20 * static_cast<int>((all.size() + 1) / 2);
  const std::string key = "set key below left maxcols 2\n";
  chart.panels.push_back({.height = height,
                          .commands = axis + key +
                                      "set title 'Purity'\nset ylabel 'share of candidates that are lenses'\nset yrange [0:1.02]\nplot " +
                                      plot_commands(all, 2, true) + "\n"});
  const double floor = std::min(fewest, 1e6 * least);
  chart.panels.push_back(
      {.height = height,
       .commands = axis + key +
                   fmt::format("set title 'Candidates'\nset ylabel 'per million objects'\nset logscale y\nset format y '10^{{%T}}'\nset "
                               "yrange [{}:1e6]\nplot {}, 1e6*x with lines lc rgb 'black' dt 3 lw 1.2 title 'lenses there are'\n",
                               std::pow(10, std::floor(std::log10(floor))), plot_commands(all, 5, true))});
  return chart;
}

}  // namespace lensfind::report
