#include <algorithm>

#include <fmt/format.h>

#include "lensfind/report/charts.h"
#include "lensfind/report/csv_text.h"
#include "lensfind/report/words.h"

namespace lensfind::report {
namespace {

constexpr std::string_view solid = "1", dashed = "(8,5)";  // gnuplot's dash types

/// A column of the history drawn as a line.
struct Line {
  int column;        ///< in the data block, from 1
  const char* name;  ///< in the key
  std::string_view dash;
};

std::string block_of(std::size_t model, const char* part = "") { return fmt::format("history{}_{}", part, model); }

// A single model's lines are told apart by colour, several models' lines by their dashes: then the key names the models, the caption the
// dashes.
std::string line_commands(const std::vector<ReportModel>& models, std::initializer_list<Line> lines) {
  std::string plots = "plot ";
  for (std::size_t i = 0; i < models.size(); ++i) {
    if (models[i].history.empty()) continue;
    std::size_t series = models.size() == 1 ? 0 : i;
    for (const Line& line : lines) {
      const bool named = models.size() == 1 || line.dash == solid;
      const std::string title =
          named ? "title " + gnuplot_text(models.size() == 1 ? line.name : shortened(models[i].name, 24)) + " noenhanced" : "notitle";
      plots += fmt::format("${} using 1:{} with linespoints lc rgb '{}' pt {} ps 0.5 lw 2 dt {} {}, ", block_of(i), line.column,
                           colour_of(series), point_type_of(series), line.dash, title);
      plots += fmt::format("${} using 1:{} with points lc rgb 'black' pt 6 ps 2 lw 1.5 notitle, ", block_of(i, "_kept"), line.column);
      if (models.size() == 1) ++series;
    }
  }
  return plots + "NaN notitle\n";
}

std::vector<double> cells(const model::EpochRecord& row) {
  return {static_cast<double>(row.epoch), row.train_loss, row.validation_loss, row.validation_auc, row.validation_average_precision};
}

// gnuplot refuses a plot without any point; a row of nothing keeps a block that has none (no epoch known as kept) legal.
std::string kept_block(const ReportModel& model, std::size_t index) {
  std::vector<std::vector<double>> rows(1, std::vector<double>(5, std::numeric_limits<double>::quiet_NaN()));
  for (const model::EpochRecord& row : model.history) {
    if (row.epoch == model.kept_epoch) rows.front() = cells(row);
  }
  return data_block(block_of(index, "_kept"), rows);
}

}  // namespace

std::optional<Chart> history_chart(const std::vector<ReportModel>& models) {
  Chart chart{.name = "history", .title = "Training history", .columns = 2};
  chart.caption =
      "Left: the loss that training lowers, on the training and on the validation side. Right: ranking figures on the validation side. ";
  if (models.size() > 1) chart.caption += "Dashed: training loss, and average precision. ";
  if (std::ranges::any_of(models, [](const ReportModel& model) { return model.kept_epoch.has_value(); }))
    chart.caption += "The ring marks the epoch that was kept.";
  CsvText csv{"model", "epoch", "train_loss", "validation_loss", "validation_auc", "validation_average_precision", "learning_rate"};
  int last_epoch = 0;
  for (std::size_t i = 0; i < models.size(); ++i) {
    std::vector<std::vector<double>> rows;
    for (const model::EpochRecord& row : models[i].history) {
      rows.push_back(cells(row));
      csv.row({models[i].name, row.epoch, row.train_loss, row.validation_loss, row.validation_auc, row.validation_average_precision,
               row.learning_rate});
      last_epoch = std::max(last_epoch, row.epoch);
    }
    if (!rows.empty()) chart.data += data_block(block_of(i), rows) + kept_block(models[i], i);
  }
  if (last_epoch == 0) return std::nullopt;
  const std::string axis = fmt::format(R"(
set key maxcols 2
set xlabel 'epoch'
set xrange [0.5:{}]
set xtics {}
)",
                                       last_epoch + .5, std::max(1, (last_epoch + 7) / 8));
  const int height = 340 + 20 * static_cast<int>(models.size() > 1 ? models.size() : 0);
  chart.panels.push_back(
      {.width = 420,
       .height = height,
       .commands = axis + "set ylabel 'loss'\n" + line_commands(models, {{2, "training", dashed}, {3, "validation", solid}})});
  chart.panels.push_back({.width = 420,
                          .height = height,
                          .commands = axis + "set ylabel 'on validation (1 is perfect)'\nset yrange [*:1.005]\n" +
                                      line_commands(models, {{4, "AUC", solid}, {5, "average precision", dashed}})});
  chart.csv = csv.text();
  return chart;
}

}  // namespace lensfind::report
