#include "lensfind/report/explorer.h"

#include <algorithm>
#include <cmath>

#include <fmt/format.h>

#include "lensfind/base/csv.h"
#include "lensfind/evaluate/intervals.h"
#include "lensfind/report/html.h"

namespace lensfind::report {
namespace {

using evaluate::Evaluation;

// A row is worth its bytes where the eye could see the step: 0.4% of the lenses, or 4% more false positives.
bool differs(const ThresholdRow& row, const ThresholdRow& last, std::int64_t lenses) {
  return static_cast<double>(row.true_positives - last.true_positives) > .004 * static_cast<double>(lenses) ||
         static_cast<double>(row.false_positives) > 1.04 * static_cast<double>(last.false_positives);
}

// Six digits are more than any interval here carries, and make the page small.
double rounded(double value) { return parse_number(fmt::format("{:.6g}", value)).value(); }

Value json_of(const ThresholdRow& row, const Evaluation& evaluation) {
  Value out{Value::Array{rounded(row.threshold)}};
  const auto add = [&](std::int64_t count, std::int64_t of, double effective_weight) {
    const evaluate::Proportion fraction{effective_weight * static_cast<double>(count), effective_weight * static_cast<double>(of)};
    const evaluate::Estimate interval = evaluate::jeffreys(fraction);
    out.push_back(count);
    for (const double rate : {evaluate::jeffreys_median(fraction), interval.low, interval.high}) out.push_back(rounded(rate));
  };
  add(row.true_positives, evaluation.lenses, row.effective_weight.lens);
  add(row.false_positives, evaluation.nonlenses, row.effective_weight.nonlens);
  return out;
}

Value json_of(const ReportModel& model) {
  Value rows{Value::Array{}}, points{Value::Array{}};
  for (const ThresholdRow& row : threshold_rows(model.evaluation)) rows.push_back(json_of(row, model.evaluation));
  for (const evaluate::AtThreshold& at : model.evaluation.thresholds) {
    points.push_back(empty_object().set("name", at.point.name).set("threshold", rounded(at.point.threshold)));
  }
  return empty_object()
      .set("name", model.name)
      .set("lenses", model.evaluation.lenses)
      .set("nonlenses", model.evaluation.nonlenses)
      .set("points", std::move(points))
      .set("rows", std::move(rows));
}

}  // namespace

std::vector<ThresholdRow> threshold_rows(const Evaluation& evaluation) {
  std::vector<ThresholdRow> rows;
  for (const evaluate::RocPoint& point : evaluation.roc) {
    if (!std::isfinite(point.threshold)) continue;
    const auto count = [](double rate, std::int64_t of) { return std::llround(rate * static_cast<double>(of)); };
    const ThresholdRow row{point.threshold, count(point.true_positive_rate, evaluation.lenses),
                           count(point.false_positive_rate, evaluation.nonlenses), point.effective_weight};
    if (rows.empty() || differs(row, rows.back(), evaluation.lenses)) rows.push_back(row);
  }
  for (const evaluate::AtThreshold& at : evaluation.thresholds) {
    if (std::isfinite(at.point.threshold))
      rows.push_back({at.point.threshold, at.confusion.true_positives, at.confusion.false_positives, at.effective_weight});
  }
  std::ranges::stable_sort(rows, {}, &ThresholdRow::threshold);
  return rows;
}

std::string explorer_html(const std::vector<ReportModel>& models) {
  Value data{Value::Array{}};
  for (const ReportModel& model : models) data.push_back(json_of(model));
  return "<div id=\"explorer\" hidden></div>\n<noscript><p>With scripts allowed, sliders for threshold and prevalence stand "
         "here.</p></noscript>\n"
         "<script type=\"application/json\" id=\"explorer-data\">" +
         script_json(data) + "</script>\n";
}

}  // namespace lensfind::report
