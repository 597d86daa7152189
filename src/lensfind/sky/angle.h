#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace lensfind::sky {

/// How the numbers of a column of coordinates are meant.
struct AngleUnit {
  double degrees = 1;        ///< of one unit
  bool hours = false;        ///< hours, minutes and seconds if the value is sexagesimal
  bool sexagesimal = false;  ///< the unit says so: "h:m:s"

  /// Whether a plain number is a number of degrees.
  [[nodiscard]] bool plain() const { return degrees == 1 && !sexagesimal; }
};

/// A unit as tables spell it (FITS TUNIT, VOTable, ECSV, VizieR): deg, degrees, rad, hourangle, h, arcsec, arcmin, mas, "h:m:s", "d:m:s".
/// None means degrees, and hours for a sexagesimal right ascension. Throws Error that names any other unit.
AngleUnit angle_unit(std::string_view unit, bool is_right_ascension);

/// The value in degrees. It is a number of the unit, or sexagesimal with colons, blanks, letters (10h20m30.5s, -1d2m3s) or signs. Nothing
/// where it is no angle.
std::optional<double> parse_angle(std::string_view text, const AngleUnit& unit);

}  // namespace lensfind::sky
