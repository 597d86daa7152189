#pragma once

#include <filesystem>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "lensfind/base/fields.h"
#include "lensfind/sky/angle.h"
#include "lensfind/sky/frame.h"
#include "lensfind/sky/table.h"

namespace lensfind::sky {

/// Columns that the user names; empty: the usual ones.
struct ColumnNames {
  std::string id, ra, dec;

  static void describe(auto& field) {
    field(&ColumnNames::id, "id", any().as("--id-column").taking("NAME"),
          "column of the ids, where the usual names (id, object_id, TARGETID, ...) do not tell");
    field(&ColumnNames::ra, "ra", any().as("--ra-column").taking("NAME"),
          "column of the right ascension (default ra, RAJ2000, ALPHA_J2000, ...)");
    field(&ColumnNames::dec, "dec", any().as("--dec-column").taking("NAME"),
          "column of the declination (default dec, DEJ2000, DELTA_J2000, ...)");
  }
  [[nodiscard]] bool are_named() const { return !(id + ra + dec).empty(); }
};

/// A column's name in small letters and without _, -, . and blanks: objectId, OBJECT_ID and "object id" are one name.
std::string bare_name(std::string_view name);
/// A column by its name, or by one that differs in the case of letters only. Throws Error that names the nearest and those there are.
std::size_t column_named(const std::vector<std::string>& columns, const std::string& name, const std::filesystem::path& table);

/// Of `names` those that a table has, for one of several tables to which they may belong.
ColumnNames names_in(const std::vector<std::string>& columns, const ColumnNames& names);

/// Whether a column of this name holds names or ids of objects: its values are kept letter by letter.
bool is_id_name(std::string_view column);

/// The column of ids: the one that `given` names, else the first there is of id, object_id, objid, source_id, coadd_object_id, TARGETID,
/// NUMBER, id_str, main_id, name and others (id_names in columns.cpp), in any case of letters and with or without underscores. Nothing
/// where none is there. A note says which was taken where its name is not `id`, or where others are there too.
std::optional<std::size_t> find_id_column(const std::vector<std::string>& columns, const std::string& given,
                                          const std::filesystem::path& table, std::vector<std::string>& notes);

/// The columns of a table that hold positions, with their units and system of coordinates.
class PositionColumns {
 public:
  /// The columns that `given` names, else the first pair there is of ra and dec, RAJ2000 and DEJ2000, ALPHA_J2000 and DELTA_J2000,
  /// coord_ra and coord_dec, raMean and decMean, RIGHT_ASCENSION and DECLINATION, TARGET_RA and TARGET_DEC and others (columns.cpp); else l
  /// and b or GLON and GLAT. Notes say what was taken where others are there too. Throws Error that names the columns there are where there
  /// is no position, and for a unit or system that is not known.
  PositionColumns(const ColumnHeads& heads, const std::filesystem::path& table, const ColumnNames& given, std::vector<std::string>& notes);

  /// Whether a table has positions under any of the usual names, or those given.
  static bool are_in(const ColumnHeads& heads, const ColumnNames& given);

  /// In ICRS; nothing where the row has no readable position. Right ascensions from -360 to 720 degrees are turned to 0 to 360.
  [[nodiscard]] std::optional<Position> of(std::span<const std::string_view> fields) const;
  [[nodiscard]] std::optional<Position> of(std::span<const std::string> fields) const;

  [[nodiscard]] std::size_t ra() const { return ra_; }
  [[nodiscard]] std::size_t dec() const { return dec_; }
  /// Whether another program would read the two columns as ICRS in degrees, by their names and this row's values.
  [[nodiscard]] bool are_plain(std::span<const std::string_view> fields) const;

 private:
  [[nodiscard]] std::optional<Position> position(std::string_view ra, std::string_view dec) const;

  std::size_t ra_ = 0, dec_ = 0;
  AngleUnit ra_unit_, dec_unit_;
  Frame frame_;
  bool usual_ = false;  ///< the names tell that they are equatorial positions of J2000
};

}  // namespace lensfind::sky
