#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
#include <span>
#include <string>
#include <vector>

namespace lensfind::sky {

/// What a table's file is, by its name: .fits (.fit, .fts, also with .gz) a FITS binary table, .parquet Apache Parquet, anything else CSV.
enum class TableFormat { csv, fits, parquet };
TableFormat table_format(const std::filesystem::path& path);

/// Whether this program was built with Apache Arrow, which reads and writes Parquet.
bool has_parquet();

/// The rows of a table as text, in bounded memory. A value that is missing is an empty text; whole numbers of 64 bits are exact.
class TableReader {
 public:
  virtual ~TableReader() = default;
  /// Names of the columns. Those of FITS and Parquet with several values a row are left out.
  [[nodiscard]] virtual const std::vector<std::string>& columns() const = 0;
  /// Fills `fields` with the next row; false at the end. Throws Error where the file cannot be read further.
  virtual bool next(std::vector<std::string>& fields) = 0;
};

/// Opens a CSV with a header, the first table of a FITS file, or a Parquet file. Throws Error.
std::unique_ptr<TableReader> open_table(const std::filesystem::path& path);

/// Numbers that hold every value of a column exactly: 64 bits with and without sign, float32, float64; else text.
enum class ColumnKind { whole, unsigned_whole, single_real, real, text };

struct TableColumn {
  std::string name;
  ColumnKind kind = ColumnKind::text;
  std::size_t width = 0;  ///< bytes of the longest text
  bool has_gaps = false;  ///< some value is missing
  std::string unit = {};  ///< as FITS spells it (FITS standard 4.0, section 4.3), or none; other formats have no place for it
};

/// Finds the kind of each column from its values. A whole number counts as one only where it is written as a number is ("007" is text).
class ColumnKinds {
 public:
  explicit ColumnKinds(std::vector<std::string> names);
  void add(std::span<const std::string> fields);
  [[nodiscard]] std::vector<TableColumn> columns() const;

 private:
  struct Seen {
    bool whole = true, unsigned_whole = true, number = true, value = false, gap = false;
    std::size_t width = 0;
  };
  std::vector<std::string> names_;
  std::vector<Seen> seen_;
};

/// Writes a table row by row, atomically and in bounded memory.
class TableWriter {
 public:
  virtual ~TableWriter() = default;
  /// Values as text, one a column; a number that is missing is an empty text.
  virtual void add(std::span<const std::string> fields) = 0;
  /// The file appears. Throws Error where there were not as many rows as promised.
  virtual void commit() = 0;
};

/// A FITS binary table or Parquet file of `rows` rows. Names and texts in FITS are the bytes of UTF-8. Throws Error for CSV (whose lines
/// are written as they are) and where Parquet was not built in.
std::unique_ptr<TableWriter> create_table(const std::filesystem::path& path, std::vector<TableColumn> columns, std::int64_t rows);

}  // namespace lensfind::sky
