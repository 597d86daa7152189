#include <fmt/format.h>

#include "lensfind/report/charts.h"
#include "lensfind/report/csv_text.h"
#include "lensfind/report/words.h"

namespace lensfind::report {
namespace {

using evaluate::Evaluation;

std::string curve_commands(const std::vector<ReportModel>& models, std::size_t i, std::string& data) {
  const Evaluation& evaluation = models[i].evaluation;
  std::vector<std::vector<double>> curve;
  for (const evaluate::PrecisionRecallPoint& p : evaluation.precision_recall) curve.push_back({p.recall, p.precision});
  data += data_block(fmt::format("pr_{}", i), curve);
  const std::string title =
      fmt::format("{}, average precision {}", shortened(models[i].name, 24), value_text(evaluation.average_precision));
  return fmt::format("$pr_{} using 1:2 with lines lc rgb '{}' lw 2.5 title {} noenhanced, ", i, colour_of(i), gnuplot_text(title));
}

// The operating points of a single model differ by colour and shape; those of several models have their model's.
std::string point_commands(const std::vector<ReportModel>& models, std::size_t i, std::string& data) {
  std::string out;
  std::size_t series = models.size() == 1 ? 1 : i;
  for (const evaluate::AtThreshold* at : shown_thresholds(models, i)) {
    const std::string block = fmt::format("pr_{}_{}", i, series);
    const std::vector<double> point = {at->recall.value, at->precision.value, at->recall.low,
                                       at->recall.high,  at->precision.low,   at->precision.high};
    data += data_block(block, {&point, 1});
    const std::string title = models.size() == 1 ? "title " + gnuplot_text("threshold " + at->point.name) + " noenhanced" : "notitle";
    out += fmt::format("${} using 1:2:3:4:5:6 with xyerrorbars lc rgb '{}' pt {} ps 1.1 lw 1.5 {}, ", block, colour_of(series),
                       point_type_of(series), title);
    ++series;
  }
  return out;
}

}  // namespace

Chart precision_recall_chart(const std::vector<ReportModel>& models) {
  Chart chart{.name = "precision_recall", .title = "Precision and recall"};
  const Evaluation& first = models.front().evaluation;
  const double fraction = static_cast<double>(first.lenses) / static_cast<double>(first.lenses + first.nonlenses);
  chart.caption = fmt::format(
      "Precision depends on how many lenses the samples hold: {} here (dotted line: what picking at random gives), far more than any "
      "survey. At a survey's prevalence see the purity below.{}",
      percent_text(fraction), first.thresholds.empty() ? "" : " Points with bars are the thresholds chosen beforehand.");
  CsvText csv{"model", "series", "recall", "precision", "threshold"};
  std::string plots;
  for (std::size_t i = 0; i < models.size(); ++i) {
    plots += curve_commands(models, i, chart.data) + point_commands(models, i, chart.data);
    for (const evaluate::PrecisionRecallPoint& p : models[i].evaluation.precision_recall)
      csv.row({models[i].name, "curve", p.recall, p.precision, p.threshold});
    for (const evaluate::AtThreshold& at : models[i].evaluation.thresholds)
      csv.row({models[i].name, at.point.name, at.recall.value, at.precision.value, at.point.threshold});
  }
  chart.csv = csv.text();
  const std::string axes = R"(
set key maxcols 1
set xrange [0:1]
set yrange [0:1.03]
set xlabel 'recall (fraction of lenses found)'
set ylabel 'precision (fraction of candidates that are lenses)'
)";
  const std::size_t lines = models.size() == 1 ? 1 + shown_thresholds(models, 0).size() : models.size();
  chart.panels.push_back({.width = 520,
                          .height = 380 + 22 * static_cast<int>(lines),
                          .commands = axes + "plot " + plots + fmt::format("{} with lines lc rgb 'black' dt 3 lw 1 notitle\n", fraction)});
  return chart;
}

}  // namespace lensfind::report
