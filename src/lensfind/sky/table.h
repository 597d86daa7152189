#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "lensfind/base/value.h"

namespace lensfind::sky {

/// What a table's file is. Text is CSV in any of its dialects (base/csv.h), ECSV and IPAC included.
enum class TableFormat { csv, fits, parquet, votable };

/// The format in which a table of this name is written: .fits (.fit, .fts, also with .gz) is a FITS binary table, .parquet Apache Parquet,
/// anything else CSV. In any case of letters.
TableFormat table_format(const std::filesystem::path& path);
/// The format of a file that is there, by its first bytes whatever its name. Throws Error where it cannot be read, or where it is called
/// FITS and is not.
TableFormat format_of_file(const std::filesystem::path& path);

/// Whether this program was built with Apache Arrow, which reads and writes Parquet.
bool has_parquet();

/// What a table says about one of its columns.
struct ColumnHead {
  std::string name;
  std::string unit = {};     ///< as the file spells it: TUNIT, VOTable's and ECSV's unit; empty: none
  std::string system = {};   ///< of coordinates: RADESYS of a FITS header, COOSYS of a VOTable
  std::string equinox = {};  ///< of that system
  std::string ucd = {};      ///< what it means (IVOA's UCD: VOTable's ucd, FITS's TUCD), as "pos.eq.ra;meta.main"
};
using ColumnHeads = std::vector<ColumnHead>;

/// The rows of a table as text, in bounded memory. A missing value is an empty text. Whole numbers of 64 bits are exact, truth values are 1
/// and 0.
class TableReader {
 public:
  virtual ~TableReader() = default;
  /// Names of the columns. Those with several values a row are left out.
  [[nodiscard]] const std::vector<std::string>& columns() const { return names_; }
  [[nodiscard]] const ColumnHeads& heads() const { return heads_; }
  /// Fills `fields` with the next row, one a column, valid until the next call; false at the end. Throws Error where the file cannot be
  /// read further.
  virtual bool next(std::vector<std::string_view>& fields) = 0;
  bool next(std::vector<std::string>& fields);
  /// "PATH, line 7" or "PATH, row 6" (counted from 1): the row that was read last.
  [[nodiscard]] virtual std::string where() const = 0;
  /// The last part of where(): "line 7".
  [[nodiscard]] std::string place() const;
  /// What the table says of itself under a key (TableFact), as text. Nothing where it has no such key; text tables never have one.
  [[nodiscard]] virtual std::optional<std::string> fact(const std::string&) const { return {}; }
  /// What a user should know: columns that were left out, which of several tables was read. Complete once all rows are read.
  [[nodiscard]] virtual std::vector<std::string> notes() const { return notes_; }

 protected:
  void add_column(ColumnHead head);
  void add_note(std::string note) { notes_.push_back(std::move(note)); }

 private:
  std::vector<std::string> names_;
  ColumnHeads heads_;
  std::vector<std::string> notes_;
};

/// Whether a table is the wanted one of several in a file.
using TableTest = std::function<bool(const ColumnHeads& heads)>;

/// Opens a table of text, FITS, Parquet or VOTable, by its content. Of several tables in a FITS file or VOTable it takes the first that
/// passes `wanted`, else the first. Throws Error.
std::unique_ptr<TableReader> open_table(const std::filesystem::path& path, const TableTest& wanted = {});

/// A number type that holds every value of a column exactly: 64 bits with and without sign, float32, float64; else text.
enum class ColumnKind { whole, unsigned_whole, single_real, real, text };

/// A column of a table that is to be written.
struct TableColumn {
  std::string name;
  ColumnKind kind = ColumnKind::text;
  std::size_t width = 0;  ///< bytes of the longest text
  bool has_gaps = false;  ///< some value is missing
  std::string unit = {};  ///< as FITS spells it (FITS standard 4.0, section 4.3), or none; other formats have no place for it
};

/// Finds the kind of each column from its values. A whole number counts as one only if it is written as a number is ("007" is text).
/// Columns of names or ids by their own name (id, objectId, TARGETID, NAME, ...) are whole numbers or text, never real ones: 4848.10 and
/// 12E4 stay what they are.
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

/// What a table says of itself beside its rows: a card of a FITS header, an entry of Parquet's metadata.
struct TableFact {
  std::string key;           ///< up to 8 capital letters and digits
  Value value;               ///< a number, or a text of ASCII's printable letters of any length (long ones continue on further cards)
  std::string comment = {};  ///< for FITS, if there is room
};

/// Writes a table row by row, atomically and in bounded memory.
class TableWriter {
 public:
  virtual ~TableWriter() = default;
  /// Values as text, one a column. A missing number is an empty text.
  virtual void add(std::span<const std::string> fields) = 0;
  /// Puts the file in place. Throws Error where there were not as many rows as promised.
  virtual void commit() = 0;
};

/// A FITS binary table or Parquet file of `rows` rows. Names and texts in FITS are the bytes of UTF-8. Throws Error for CSV (whose lines
/// are written as they are), and for Parquet where it was not built in.
std::unique_ptr<TableWriter> create_table(const std::filesystem::path& path, std::vector<TableColumn> columns, std::int64_t rows,
                                          const std::vector<TableFact>& facts = {});

}  // namespace lensfind::sky
