#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "lensfind/sky/position.h"
#include "lensfind/sky/table.h"

namespace lensfind::sky {

/// An object of a catalogue.
struct CatalogueObject {
  std::string id;
  std::optional<Position> position;  ///< nothing where the row has no readable one
  std::vector<std::string> values;   ///< of columns(), as text; 64-bit integers exact
};

/// The columns of a table that hold positions in degrees: ra and dec, or other names in use (see Catalogue).
class PositionColumns {
 public:
  /// Throws Error that names the columns there are where there is no position.
  PositionColumns(const std::vector<std::string>& columns, const std::filesystem::path& table);
  /// Nothing where the row has no readable position.
  [[nodiscard]] std::optional<Position> of(const std::vector<std::string>& fields) const;

 private:
  std::size_t ra_, dec_;
};

/// Reads a catalogue row by row in bounded memory: CSV, the first table of a FITS file, or Parquet. Needs columns ra and dec in degrees
/// (also RAJ2000 and DEJ2000, ALPHA_J2000 and DELTA_J2000, ra_deg and dec_deg, in any case of letters). The id is the column id, object_id,
/// objid, source_id, coadd_object_id or name, the first that there is; else the row's number from 0.
class Catalogue {
 public:
  /// Throws Error where it cannot be read or has no positions.
  explicit Catalogue(const std::filesystem::path& path);
  ~Catalogue();
  Catalogue(Catalogue&&) noexcept;
  Catalogue& operator=(Catalogue&&) noexcept;

  /// Names of the columns that pass through: all but one named `id`. FITS columns with several numbers a row are left out.
  [[nodiscard]] const std::vector<std::string>& columns() const { return columns_; }
  /// The next object, or nothing at the end. Throws Error where the file cannot be read further.
  std::optional<CatalogueObject> next();

 private:
  std::unique_ptr<TableReader> rows_;
  std::vector<std::string> columns_;
  std::vector<std::size_t> passed_;  ///< where columns_ are in the file
  std::optional<std::size_t> id_;
  std::optional<PositionColumns> position_;
  std::int64_t number_ = 0;
};

}  // namespace lensfind::sky
