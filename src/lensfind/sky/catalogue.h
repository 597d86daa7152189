#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "lensfind/sky/columns.h"
#include "lensfind/sky/position.h"
#include "lensfind/sky/table.h"

namespace lensfind::sky {

/// An object of a catalogue.
struct CatalogueObject {
  std::string id;
  std::optional<Position> position;  ///< ICRS; nothing where the row has no readable one
  std::vector<std::string> values;   ///< of columns(), as text; 64-bit integers exact
};

/// Reads a catalogue row by row in bounded memory: a table of text, FITS, Parquet or VOTable. find_id_column() and PositionColumns say
/// which columns are ids and positions, and in which units and systems. Without a column of ids the id is the row's number from 0, and a
/// note says so.
class Catalogue {
 public:
  /// Throws Error where it cannot be read or has no positions.
  explicit Catalogue(const std::filesystem::path& path, const ColumnNames& names = {});
  ~Catalogue();
  Catalogue(Catalogue&&) noexcept;
  Catalogue& operator=(Catalogue&&) noexcept;

  /// Names of the columns that pass through: all but the ids if their column is named `id`. Where the catalogue's own positions are not
  /// ICRS in degrees under a usual name (sexagesimal, radians, another system, unusual names), ra and dec (ICRS, degrees) stand behind
  /// them. The catalogue's own columns of these names are then called catalogue_ra and catalogue_dec.
  [[nodiscard]] const std::vector<std::string>& columns() const { return columns_; }
  /// The next object, or nothing at the end. Throws Error where the file cannot be read further.
  std::optional<CatalogueObject> next();
  /// What the user should know: which columns were taken, which left out. Complete once all objects are read.
  [[nodiscard]] std::vector<std::string> notes() const;

 private:
  std::unique_ptr<TableReader> rows_;
  std::vector<std::string> columns_, notes_;
  std::vector<std::size_t> passed_;  ///< where columns_ are in the file
  std::optional<std::size_t> id_;
  std::optional<PositionColumns> position_;
  bool adds_position_ = false;
  std::vector<std::string> first_;  ///< the first row, until next() gives it
  bool has_first_ = false;
  std::int64_t number_ = 0;
};

}  // namespace lensfind::sky
