#pragma once

#include <filesystem>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "lensfind/base/csv.h"
#include "lensfind/simulate/truth.h"

/// truth.csv: a row for each cutout of a set. Names, units and meanings of its columns are those described in truth.h.
namespace lensfind::simulate {

/// A row of truth.csv.
struct TruthRow {
  TruthKey key;
  Truth truth;

  static void describe(auto& field) {
    field(&TruthRow::key, "key", any(), "which cutout it is");
    field(&TruthRow::truth, "truth", any(), "what is known of it");
  }
};

/// A column, in the file's order.
struct TruthColumn {
  std::string name;  ///< `lens_mag` of lens_mag_<band>
  std::string unit, help;
  bool for_each_band = false;
  bool is_text = false;
};

std::vector<TruthColumn> truth_columns();
/// The columns as a Markdown table.
std::string truth_markdown();

/// The header line of truth.csv, with line end.
std::string truth_header(const std::vector<std::string>& bands);
/// A row, with line end. What does not apply is empty. A cutout without group is a group of its own.
std::string truth_row(const TruthKey& key, const Truth& truth, std::size_t bands);

/// Reads a truth.csv row by row. Columns that the file lacks, as those of earlier versions do, leave their property absent; others of its
/// columns are passed over.
class TruthReader {
 public:
  /// Throws Error where the file cannot be read.
  explicit TruthReader(const std::filesystem::path& path);

  /// In the file's order.
  [[nodiscard]] const std::vector<std::string>& bands() const { return bands_; }
  /// The next row; nothing at the end. Throws Error where a cell does not hold what its column should.
  std::optional<TruthRow> next();

 private:
  /// A column of the file that holds a property.
  struct Cell {
    std::size_t column = 0, property = 0, band = 0;
  };

  CsvReader table_;
  std::vector<std::string> bands_;
  std::vector<Cell> cells_;
};

}  // namespace lensfind::simulate
