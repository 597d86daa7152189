#include "lensfind/report/table.h"

#include <array>
#include <optional>

#include <fmt/format.h>

#include "lensfind/base/atomic_file.h"
#include "lensfind/report/charts.h"
#include "lensfind/report/csv_text.h"
#include "lensfind/report/report.h"

namespace lensfind::report {
using evaluate::AtThreshold;
using evaluate::Estimate;
using evaluate::Evaluation;

namespace {

std::string cell(const std::optional<Estimate>& figure, double Estimate::*part) {
  return figure ? CsvCell{(*figure).*part}.text() : std::string{};
}

}  // namespace

std::vector<Column> columns_of(const Evaluation& evaluation) {
  const AtThreshold* f1 = at_threshold(evaluation, "f1");
  const auto there = [f1](Estimate AtThreshold::*figure) { return f1 ? std::optional{f1->*figure} : std::nullopt; };
  std::vector<Column> columns = {{"auc", evaluation.auc},
                                 {"f1", there(&AtThreshold::f1)},
                                 {"precision", there(&AtThreshold::precision)},
                                 {"recall", there(&AtThreshold::recall)},
                                 {"average_precision", evaluation.average_precision},
                                 {"accuracy", there(&AtThreshold::accuracy)}};
  constexpr std::array rates = {1e-1, 1e-2, 1e-3, 1e-4};
  for (std::size_t i = 0; i < rates.size(); ++i) {
    std::optional<Estimate> tpr;
    for (const evaluate::TprAtFpr& at : evaluation.tpr_at_fpr) {
      if (at.false_positive_rate == rates[i]) tpr = at.true_positive_rate;
    }
    columns.push_back({fmt::format("tpr_at_fpr_1e-{}", i + 1), tpr});
  }
  columns.push_back({"tpr0", evaluation.tpr0});
  columns.push_back({"tpr10", evaluation.tpr10});
  columns.push_back({"brier", evaluation.brier});
  columns.push_back({"log_loss", evaluation.log_loss});
  return columns;
}

void write_table(const std::vector<ReportModel>& models, const std::filesystem::path& path) {
  std::string text = "model";
  for (const Column& column : columns_of({})) text += "," + column.name;
  for (const Column& column : columns_of({})) text += fmt::format(",{0}_low,{0}_high", column.name);
  text += '\n';
  for (const ReportModel& model : models) {
    const std::vector<Column> columns = columns_of(model.evaluation);
    text += CsvCell{model.name}.text();
    for (const Column& column : columns) text += "," + cell(column.figure, &Estimate::value);
    for (const Column& column : columns) text += "," + cell(column.figure, &Estimate::low) + "," + cell(column.figure, &Estimate::high);
    text += '\n';
  }
  write_file(path, text);
}

}  // namespace lensfind::report
