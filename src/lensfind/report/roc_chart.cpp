#include <algorithm>
#include <cmath>

#include <fmt/format.h>

#include "lensfind/evaluate/intervals.h"
#include "lensfind/report/charts.h"
#include "lensfind/report/csv_text.h"
#include "lensfind/report/words.h"

namespace lensfind::report {
namespace {

using evaluate::Evaluation;
using evaluate::RocPoint;
using evaluate::TprAtFpr;

// Between two points of the curve only the lower true-positive rate can be had, so it is drawn as steps; a point at FPR 0 begins at the
// axis' left end.
std::vector<std::vector<double>> steps(const Evaluation& evaluation, double left) {
  std::vector<std::vector<double>> rows;
  double before = 0;
  const auto add = [&](double fpr, double tpr, double effective_weight) {
    const double lenses = effective_weight * static_cast<double>(evaluation.lenses);
    const evaluate::Estimate band = evaluate::jeffreys({tpr * lenses, lenses});
    rows.push_back({std::max(fpr, left), tpr, band.low, band.high});
  };
  for (const RocPoint& point : evaluation.roc) {
    if (point.false_positive_rate > left) add(point.false_positive_rate, before, point.effective_weight.lens);
    add(point.false_positive_rate, point.true_positive_rate, point.effective_weight.lens);
    before = point.true_positive_rate;
  }
  return rows;
}

std::vector<std::vector<double>> reported_points(const Evaluation& evaluation, bool resolved, double dodge) {
  std::vector<std::vector<double>> rows;
  for (const TprAtFpr& at : evaluation.tpr_at_fpr) {
    const evaluate::Estimate& tpr = at.true_positive_rate;
    if (at.resolved == resolved) rows.push_back({at.false_positive_rate * dodge, tpr.value, tpr.low, tpr.high});
  }
  if (rows.empty()) rows.emplace_back(4, std::numeric_limits<double>::quiet_NaN());
  return rows;
}

std::string curve_commands(const std::vector<ReportModel>& models, std::size_t i, std::string& data, double left) {
  const Evaluation& evaluation = models[i].evaluation;
  // Bars of several models at one rate would hide each other: they stand a little aside.
  const double dodge = std::pow(1.08, static_cast<double>(i) - (static_cast<double>(models.size()) - 1) / 2);
  data += data_block(fmt::format("roc_{}", i), steps(evaluation, left));
  data += data_block(fmt::format("roc_resolved_{}", i), reported_points(evaluation, true, dodge));
  data += data_block(fmt::format("roc_unresolved_{}", i), reported_points(evaluation, false, dodge));
  const std::string_view colour = colour_of(i);
  std::string out;
  if (models.size() == 1) out += fmt::format("$roc_{} using 1:3:4 with filledcurves fc rgb '{}' notitle, ", i, colour);
  out += fmt::format("$roc_{} using 1:2 with lines lc rgb '{}' lw 2.5 title {} noenhanced, ", i, colour,
                     gnuplot_text(fmt::format("{}, AUC {}", shortened(models[i].name, 24), value_text(evaluation.auc))));
  out +=
      fmt::format("$roc_resolved_{} using 1:2:3:4 with yerrorbars lc rgb '{}' pt {} ps 0.9 lw 1.5 notitle, ", i, colour, point_type_of(i));
  out += fmt::format("$roc_unresolved_{} using 1:2:3:4 with yerrorbars lc rgb '{}' pt {} ps 0.9 lw 1 notitle", i, colour,
                     point_type_of(i) - 1);
  return out;
}

std::string axes(double limit, double left) {
  return fmt::format(R"(
set key maxcols 1
set logscale x
set format x '10^{{%T}}'
set xrange [{left}:1]
set yrange [0:1.02]
set xlabel 'false-positive rate (fraction of non-lenses let through)'
set ylabel 'true-positive rate (fraction of lenses found)'
set object 1 rectangle from {left},graph 0 to {limit},graph 1 fillcolor rgb '#d9d9d9' fillstyle solid 0.5 noborder behind
set label 1 '1/N: one false positive' at {limit},graph 0.94 left offset 0.6,0 font ',11'
set samples 400
)",
                     fmt::arg("left", left), fmt::arg("limit", limit));
}

}  // namespace

Chart roc_chart(const std::vector<ReportModel>& models) {
  Chart chart{.name = "roc", .title = "ROC at low false-positive rates"};
  const auto nonlenses = static_cast<double>(models.front().evaluation.nonlenses);
  const double limit = 1 / nonlenses, left = std::min(.1, limit / 2);
  chart.caption = fmt::format(
      "Fraction of lenses found against fraction of non-lenses let through, the latter on a logarithmic axis, because a survey lives at "
      "its left end. Points with bars are the figures at rates of 0.1 to 0.0001 with 95% intervals (of the threshold and of the lenses); "
      "hollow ones rest on fewer than 3 expected false positives. Left of 1/N ({} non-lenses) these samples say nothing. The dotted curve "
      "is guessing.{}",
      count_text(models.front().evaluation.nonlenses),
      models.size() == 1 ? " The band is the 95% interval of the true-positive rate at a fixed threshold." : "");
  CsvText csv{"model", "series", "false_positive_rate", "true_positive_rate", "low", "high", "threshold"};
  std::string plots;
  for (std::size_t i = 0; i < models.size(); ++i) {
    const Evaluation& evaluation = models[i].evaluation;
    plots += curve_commands(models, i, chart.data, left) + ", ";
    for (const RocPoint& p : evaluation.roc)
      csv.row({models[i].name, "curve", p.false_positive_rate, p.true_positive_rate, "", "", p.threshold});
    for (const TprAtFpr& at : evaluation.tpr_at_fpr) {
      const evaluate::Estimate& tpr = at.true_positive_rate;
      csv.row({models[i].name, at.resolved ? "reported" : "reported, unresolved", at.false_positive_rate, tpr.value, tpr.low, tpr.high,
               at.threshold});
    }
  }
  chart.csv = csv.text();
  chart.panels.push_back({.width = 520,
                          .height = 380 + 22 * static_cast<int>(models.size()),
                          .commands = axes(limit, left) + "plot " + plots + "x with lines lc rgb 'black' dt 3 lw 1 notitle\n"});
  return chart;
}

}  // namespace lensfind::report
