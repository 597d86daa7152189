#pragma once

#include <array>

namespace lensfind::sky {

/// A place on the sky, in ICRS where nothing else is said.
struct Position {
  double ra_deg = 0;   ///< right ascension, [0, 360)
  double dec_deg = 0;  ///< declination, [-90, 90]
};

/// The direction as a unit vector: x towards (0, 0), y towards (90, 0), z towards the north pole.
std::array<double, 3> unit_vector(const Position& position);

/// Angle between two places in arcsec, exact from zero to 180 degrees (Vincenty 1975).
double separation_arcsec(const Position& a, const Position& b);

}  // namespace lensfind::sky
