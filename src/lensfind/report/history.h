#pragma once

#include <cstdint>
#include <filesystem>
#include <vector>

namespace lensfind::report {

/// One epoch of a training run, a line of history.csv.
struct HistoryRow {
  int epoch = 0;  ///< from 1
  double train_loss = 0, validation_loss = 0, validation_auc = 0, validation_average_precision = 0;
  double learning_rate = 0;
  std::int64_t images = 0;  ///< training images of the epoch
  double seconds = 0;
};

/// Reads history.csv (columns by name, any order; an empty cell is NaN). Throws Error where a column is missing or a cell is no number.
std::vector<HistoryRow> read_history(const std::filesystem::path& path);

}  // namespace lensfind::report
