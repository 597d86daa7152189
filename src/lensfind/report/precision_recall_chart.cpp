#include <fmt/format.h>

#include "lensfind/report/charts.h"
#include "lensfind/report/csv_text.h"
#include "lensfind/report/words.h"

namespace lensfind::report {
namespace {

using evaluate::Evaluation;

std::string curve_commands(const std::vector<ReportModel>& models, std::size_t i, std::string& data) {
  const Evaluation& evaluation = models[i].evaluation;
  std::vector<std::vector<double>> curve, points;
  for (const evaluate::PrecisionRecallPoint& p : evaluation.precision_recall) curve.push_back({p.recall, p.precision});
  for (const evaluate::AtThreshold* at : shown_thresholds(models, i)) {
    points.push_back({at->recall.value, at->precision.value, at->recall.low, at->recall.high, at->precision.low, at->precision.high});
  }
  data += data_block(fmt::format("pr_{}", i), curve);
  const std::string_view colour = colour_of(i);
  std::string out = fmt::format(
      "$pr_{} using 1:2 with lines lc rgb '{}' lw 2.5 title {} noenhanced, ", i, colour,
      gnuplot_text(fmt::format("{}, average precision {}", shortened(models[i].name, 24), value_text(evaluation.average_precision))));
  if (points.empty()) return out;
  data += data_block(fmt::format("pr_points_{}", i), points);
  return out + fmt::format("$pr_points_{} using 1:2:3:4:5:6 with xyerrorbars lc rgb '{}' pt {} ps 1.1 lw 1.2 notitle, ", i, colour,
                           point_type_of(i));
}

std::string point_labels(const std::vector<ReportModel>& models) {
  std::string out;
  if (models.size() > 1) return out;
  for (const evaluate::AtThreshold& at : models.front().evaluation.thresholds) {
    const bool right = at.recall.value > .8;
    out += fmt::format("set label {} at {},{} {} offset {},0.8 noenhanced\n", gnuplot_text(at.point.name), at.recall.value,
                       at.precision.value, right ? "right" : "left", right ? -.8 : .8);
  }
  return out;
}

}  // namespace

Chart precision_recall_chart(const std::vector<ReportModel>& models) {
  Chart chart{.name = "precision_recall", .title = "Precision and recall"};
  const Evaluation& first = models.front().evaluation;
  const double share = static_cast<double>(first.lenses) / static_cast<double>(first.lenses + first.nonlenses);
  chart.caption = fmt::format(
      "Precision depends on how many lenses the samples hold: {} here (dotted line: what picking at random gives), far more than any "
      "survey. "
      "At a survey's prevalence see the purity below.{}",
      percent_text(share), first.thresholds.empty() ? "" : " Points with bars are the thresholds chosen beforehand.");
  CsvText csv{"model", "series", "recall", "precision", "threshold"};
  std::string plots;
  for (std::size_t i = 0; i < models.size(); ++i) {
    plots += curve_commands(models, i, chart.data);
    for (const evaluate::PrecisionRecallPoint& p : models[i].evaluation.precision_recall)
      csv.row({models[i].name, "curve", p.recall, p.precision, p.threshold});
    for (const evaluate::AtThreshold& at : models[i].evaluation.thresholds)
      csv.row({models[i].name, at.point.name, at.recall.value, at.precision.value, at.point.threshold});
  }
  chart.csv = csv.text();
  const std::string axes =
      "set xrange [0:1]\nset yrange [0:1.03]\nset xlabel 'recall (share of lenses found)'\nset ylabel 'precision (share of candidates that "
      "are lenses)'\n"
      "set key below left maxcols 1\n";
  chart.panels.push_back(
      {.width = 520,
       .height = 400 + 22 * static_cast<int>(models.size()),
       .commands = axes + point_labels(models) + "plot " + plots + fmt::format("{} with lines lc rgb 'black' dt 3 lw 1 notitle\n", share)});
  return chart;
}

}  // namespace lensfind::report
