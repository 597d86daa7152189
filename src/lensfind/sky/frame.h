#pragma once

#include <array>
#include <optional>
#include <string>

#include "lensfind/sky/position.h"

namespace lensfind::sky {

/// A celestial reference system, and the way from it to ICRS and back. It agrees with astropy.coordinates to a milliarcsecond. FK5: the
/// rotation of USNO Circular 179 and IAU 2006 precession. FK4: Murray (1989) with the E-terms of aberration. Galactic coordinates: their
/// pole in FK5. Ecliptic ones: the mean ecliptic of IAU 2006. Proper motions and parallaxes are taken as zero.
class Frame {
 public:
  /// ICRS.
  Frame() = default;
  /// Mean places of FK5 at a Julian epoch.
  static Frame fk5(double equinox_julian = 2000);
  /// Mean places of FK4 at a Besselian epoch, observed at a Julian one. That is the equinox by default; it matters because FK4 rotates
  /// against FK5.
  static Frame fk4(double equinox_besselian = 1950, std::optional<double> epoch_julian = {});
  /// The same without the E-terms of aberration.
  static Frame fk4_without_e_terms(double equinox_besselian = 1950, std::optional<double> epoch_julian = {});
  /// Galactic longitude and latitude (IAU 1958).
  static Frame galactic();
  /// Supergalactic longitude and latitude (de Vaucouleurs et al. 1991).
  static Frame supergalactic();
  /// Longitude and latitude on the mean ecliptic of a Julian epoch, from the barycentre.
  static Frame ecliptic(double equinox_julian = 2000);

  [[nodiscard]] bool is_icrs() const { return is_icrs_; }
  /// Both take and give longitude in [0, 360) and latitude, in degrees.
  [[nodiscard]] Position to_icrs(const Position& here) const;
  [[nodiscard]] Position from_icrs(const Position& icrs) const;

 private:
  using Matrix = std::array<std::array<double, 3>, 3>;

  static Frame rotated(const Matrix& icrs_to_here);

  bool is_icrs_ = true;
  Matrix to_icrs_{};                              ///< from this system, without E-terms
  Matrix from_icrs_{};                            ///< and back
  std::optional<std::array<double, 3>> e_terms_;  ///< of aberration
};

/// The frame that FITS headers name (Calabretta & Greisen 2002, section 3.1), by the letters of CTYPEi before the projection ("RA", "GLON",
/// "ELON", ...), RADESYS and EQUINOX. `observed_mjd` (MJD-OBS) counts in FK4. Throws Error that names a frame which is not known here
/// (coordinates of the Sun, apparent places).
Frame frame_of_header(const std::string& longitude_type, std::string radesys, std::optional<double> equinox,
                      std::optional<double> observed_mjd, const std::string& origin);

}  // namespace lensfind::sky
