#pragma once

#include <cstdint>
#include <filesystem>
#include <limits>
#include <string>
#include <string_view>
#include <vector>

namespace lensfind::score {

/// One scored cutout.
struct Row {
  std::string id;
  float logit = 0;
  double probability = std::numeric_limits<double>::quiet_NaN();  ///< NaN: not calibrated, an empty field
  std::string columns = {};                                       ///< further fields, as CSV, each after a comma
};

/// The files of a run, named after the table that is asked for: s.csv, s.rejected.csv, s.top.csv, s.top.html, s.csv.run.json. For any other
/// table they have its whole name, as s.fits.rejected.csv, so that two tables do not share them.
struct TableNames {
  std::filesystem::path scores, rejected, top, page, record;

  explicit TableNames(const std::filesystem::path& out);
};

/// The first line of a table of scores: id, logit, probability and further columns.
std::string scores_header(const std::vector<std::string>& columns);
constexpr std::string_view rejected_header = "input,reason\n";

/// Appends a line to the scores: the logit so that it reads back exactly as float32, the probability to six digits.
void append_row(std::string& lines, const Row& row);
/// Appends a line to the rejected inputs.
void append_rejected(std::string& lines, std::string_view input, std::string_view reason);

/// The `count` rows of a table (CSV, FITS or Parquet) with the highest logits, best first. Equal ones keep the table's order, and none is
/// NaN. Throws Error where it is no table of scores.
std::vector<Row> best_rows(const std::filesystem::path& scores, std::size_t count);
/// How many rows a table has.
std::int64_t count_rows(const std::filesystem::path& path);

/// Writes rows of a table with columns `columns` behind the first three.
void write_rows(const std::filesystem::path& path, const std::vector<std::string>& columns, const std::vector<Row>& rows);

}  // namespace lensfind::score
