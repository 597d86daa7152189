#include <algorithm>
#include <functional>

#include <fmt/format.h>

#include "lensfind/report/charts.h"
#include "lensfind/report/csv_text.h"
#include "lensfind/report/words.h"

namespace lensfind::report {
namespace {

using evaluate::AtThreshold;
using evaluate::Estimate;
using evaluate::Evaluation;

/// A figure that every model may have, and how it is called.
struct Compared {
  std::string name, title;
  std::function<const Estimate*(const Evaluation&)> of;
};

std::function<const Estimate*(const Evaluation&)> at_f1(Estimate AtThreshold::*figure) {
  return [figure](const Evaluation& evaluation) -> const Estimate* {
    const AtThreshold* point = at_threshold(evaluation, "f1");
    return point ? &(point->*figure) : nullptr;
  };
}

std::vector<Compared> compared_figures(const std::vector<ReportModel>& models) {
  std::vector<Compared> figures = {{"auc", "AUC", [](const Evaluation& e) { return &e.auc; }}};
  if (std::ranges::any_of(models, [](const ReportModel& model) { return at_threshold(model.evaluation, "f1") != nullptr; })) {
    figures.push_back({"f1", "F1 at threshold f1", at_f1(&AtThreshold::f1)});
    figures.push_back({"precision", "Precision at threshold f1", at_f1(&AtThreshold::precision)});
    figures.push_back({"recall", "Recall at threshold f1", at_f1(&AtThreshold::recall)});
  } else {
    figures.push_back({"average_precision", "Average precision", [](const Evaluation& e) { return &e.average_precision; }});
  }
  return figures;
}

// The AUC of useful models lies near 1, where an axis from 0 would hide every difference; the dots (not bars) make no promise of a zero.
double axis_start(const Compared& figure, const std::vector<ReportModel>& models) {
  if (figure.name != "auc") return 0;
  double min = 1;
  for (const ReportModel& model : models) min = std::min(min, model.evaluation.auc.low);
  for (const double start : {.99, .98, .95, .9, .8, .5}) {
    if (min > start) return start;
  }
  return 0;
}

std::string panel_commands(const std::string& block, const Compared& figure, const std::vector<ReportModel>& models) {
  const std::size_t count = models.size();
  std::string tics, series, labels;
  for (std::size_t i = 0; i < count; ++i) {
    const std::size_t row = count - 1 - i;  // the first model on top
    tics += fmt::format("{}{} {}", i ? ", " : "", gnuplot_tic(shortened(models[i].name, 20)), row);
    series += fmt::format("{}${} every ::{}::{} using 2:1:3:4 with xerrorbars lc rgb '{}' pt {} ps 1.2 lw 2 notitle", i ? ", " : "plot ",
                          block, i, i, colour_of(i), point_type_of(i));
    if (const Estimate* shown = figure.of(models[i].evaluation))
      labels += fmt::format("set label {} at graph 1.03, first {} left\n", gnuplot_text(value_text(*shown)), row);
  }
  const double start = axis_start(figure, models);
  return fmt::format(R"(
unset key
set border 1
set tics scale 0.5
set rmargin 9
set title {title}
set xrange [{start}:1]
set yrange [-0.6:{top}]
set xtics {start},{step},1
set ytics ({tics}) noenhanced
{labels}{series}
)",
                     fmt::arg("title", gnuplot_text(figure.title)), fmt::arg("start", start),
                     fmt::arg("step", (1 - start) / (start == 0 ? 5 : 2)), fmt::arg("top", static_cast<double>(count) - .3),
                     fmt::arg("tics", tics), fmt::arg("labels", labels), fmt::arg("series", series));
}

}  // namespace

Chart comparison_chart(const std::vector<ReportModel>& models) {
  Chart chart;
  chart.name = "comparison";
  chart.title = models.size() > 1 ? "Model comparison" : "Headline figures";
  chart.caption =
      "Each dot is a figure on the same samples, the bar its 95% interval. Axes of AUC may begin above 0. Two intervals that overlap can "
      "still belong to models that differ: see the paired differences.";
  if (models.size() == 1) chart.caption = "Each dot is a figure, the bar its 95% interval. The axis of AUC may begin above 0.";
  chart.columns = 2;
  CsvText csv{"model", "figure", "value", "low", "high"};
  for (const Compared& figure : compared_figures(models)) {
    std::vector<std::vector<double>> rows;
    for (std::size_t i = 0; i < models.size(); ++i) {
      const Estimate* shown = figure.of(models[i].evaluation);
      const double nothing = std::numeric_limits<double>::quiet_NaN(), row = static_cast<double>(models.size() - 1 - i);
      if (shown) csv.row({models[i].name, figure.name, shown->value, shown->low, shown->high});
      rows.push_back(shown ? std::vector{row, shown->value, shown->low, shown->high} : std::vector{row, nothing, nothing, nothing});
    }
    const std::string block = "compared_" + figure.name;
    chart.data += data_block(block, rows);
    chart.panels.push_back(
        {.width = 470, .height = 90 + 34 * static_cast<int>(models.size()), .commands = panel_commands(block, figure, models)});
  }
  chart.csv = csv.text();
  return chart;
}

const AtThreshold* at_threshold(const Evaluation& evaluation, std::string_view name) {
  const auto found = std::ranges::find_if(evaluation.thresholds, [name](const AtThreshold& at) { return at.point.name == name; });
  return found == evaluation.thresholds.end() ? nullptr : &*found;
}

std::vector<const AtThreshold*> shown_thresholds(const std::vector<ReportModel>& models, std::size_t model) {
  const Evaluation& evaluation = models[model].evaluation;
  std::vector<const AtThreshold*> shown;
  if (models.size() == 1) {
    for (const AtThreshold& at : evaluation.thresholds) shown.push_back(&at);
  } else if (!evaluation.thresholds.empty()) {
    const AtThreshold* f1 = at_threshold(evaluation, "f1");
    shown.push_back(f1 ? f1 : &evaluation.thresholds.front());
  }
  return shown;
}

}  // namespace lensfind::report
