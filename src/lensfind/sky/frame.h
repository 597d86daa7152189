#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "lensfind/sky/position.h"

namespace lensfind::sky {

/// A system of coordinates on the sky. In galactic, supergalactic and ecliptic ones a Position's `ra_deg` is the longitude and its
/// `dec_deg` the latitude.
struct Frame {
  enum class System { icrs, fk5, fk4, fk4_no_e, galactic, supergalactic, ecliptic };
  System system = System::icrs;
  /// Of FK5 and ecliptic a Julian year; FK4 is that of B1950 alone.
  double equinox = 2000;
  /// FK4: the year of the observation, to which places without proper motion move in this rotating system; nothing: 1950.
  std::optional<double> epoch = {};

  bool operator==(const Frame&) const = default;
};

/// The place in ICRS. Galactic as Blaauw et al. (1960) in FK5 (astropy's constants), FK5's turn from ICRS after Mignard & Froeschle (2000),
/// precession of IAU 2006, FK4 after Standish (1982) and Aoki et al. (1983), all but the first by ERFA; within .005 arcsec of astropy's.
Position to_icrs(const Frame& frame, const Position& position);
/// The way back.
Position from_icrs(const Frame& frame, const Position& position);

/// The frame that a FITS header's RADESYS or a VOTable's COOSYS names ("ICRS", "FK5", "eq_FK4", "galactic", "ecl_FK5"), and its equinox
/// ("J2000", "B1950", "2000.0"; empty: the system's own). An empty system is ICRS, or by its equinox FK5 or FK4 (FITS standard 4.0, section
/// 8.3). Throws Error that names what is not known.
Frame frame_from_names(std::string_view system, std::string_view equinox);

}  // namespace lensfind::sky
