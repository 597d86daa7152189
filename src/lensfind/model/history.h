#pragma once

#include <cstdint>
#include <filesystem>
#include <vector>

namespace lensfind::model {

/// One epoch of a training run, a line of the model folder's history.csv.
struct EpochRecord {
  int epoch = 0;  ///< from 1
  double train_loss = 0;
  double validation_loss = 0;
  double validation_auc = 0;
  double validation_average_precision = 0;
  double learning_rate = 0;  ///< of the epoch's last step
  std::int64_t images = 0;   ///< trained on in this epoch, copies too
  double seconds = 0;        ///< the whole epoch, validation too

  bool operator==(const EpochRecord&) const = default;
};

/// Writes history.csv: a line an epoch, with the names of the members as header.
void write_history(const std::filesystem::path& path, const std::vector<EpochRecord>& history);

/// Reads history.csv (columns by name, any order; an empty cell is NaN). Throws Error where a column is missing or a cell is no number.
std::vector<EpochRecord> read_history(const std::filesystem::path& path);

}  // namespace lensfind::model
