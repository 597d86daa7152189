#include "lensfind/sky/frame.h"

#include <array>
#include <cmath>
#include <numbers>

#include <erfa.h>
#include <fmt/format.h>

#include "lensfind/base/csv.h"
#include "lensfind/base/error.h"

namespace lensfind::sky {
namespace {

constexpr double radians = std::numbers::pi / 180;
constexpr double julian_2000 = 2451545;  // J2000.0 as a Julian date
constexpr double fk4_equinox = 1950;

using Matrix = double[3][3];

Position position_of(double longitude_rad, double latitude_rad) {
  const double turned = eraAnp(longitude_rad) / radians;
  return {turned >= 360 ? 0 : turned, latitude_rad / radians};
}

Position rotated(const Matrix& matrix, const Position& position, bool back) {
  double from[3], to[3], longitude = 0, latitude = 0;
  eraS2c(position.ra_deg * radians, position.dec_deg * radians, from);
  Matrix copy;
  eraCr(const_cast<double(*)[3]>(matrix), copy);
  if (back)
    eraTrxp(copy, from, to);
  else
    eraRxp(copy, from, to);
  eraC2s(to, &longitude, &latitude);
  return position_of(longitude, latitude);
}

void multiply(Matrix& matrix, const Matrix& before) {
  Matrix left, right;
  eraCr(matrix, left);
  eraCr(const_cast<double(*)[3]>(before), right);
  eraRxr(left, right, matrix);
}

/// From the north pole of a system and the longitude there of the other system's pole: the rotation into it.
void pole_rotation(double pole_longitude_deg, double pole_latitude_deg, double node_deg, Matrix& matrix) {
  eraIr(matrix);
  eraRz(pole_longitude_deg * radians, matrix);
  eraRy((90 - pole_latitude_deg) * radians, matrix);
  eraRz((180 - node_deg) * radians, matrix);
}

void icrs_to_fk5(Matrix& matrix) {
  double spin[3];
  Matrix from_fk5;
  eraFk5hip(from_fk5, spin);
  eraTr(from_fk5, matrix);
}

void precess(double equinox, Matrix& matrix) {
  Matrix bias, precession, both;
  eraBp06(julian_2000, (equinox - 2000) * 365.25, bias, precession, both);
  multiply(precession, matrix);
  eraCr(precession, matrix);
}

/// From ICRS into the frame; not of FK4, whose aberration is no rotation.
void rotation_of(const Frame& frame, Matrix& matrix) {
  eraIr(matrix);
  switch (frame.system) {
    case Frame::System::ecliptic:
      eraEcm06(julian_2000, (frame.equinox - 2000) * 365.25, matrix);
      return;
    case Frame::System::fk5:
      icrs_to_fk5(matrix);
      if (frame.equinox != 2000) precess(frame.equinox, matrix);
      return;
    case Frame::System::galactic:
    case Frame::System::supergalactic: {
      Matrix fk5, galactic, super;
      icrs_to_fk5(fk5);
      pole_rotation(192.8594812065348, 27.12825118085622, 122.9319185680026, galactic);
      multiply(galactic, fk5);
      eraCr(galactic, matrix);
      if (frame.system == Frame::System::galactic) return;
      pole_rotation(47.37, 6.32, 90, super);
      multiply(super, galactic);
      eraCr(super, matrix);
      return;
    }
    default:
      return;
  }
}

/// The E-terms of aberration for B1950 (Aoki et al. 1983), which FK4 contains.
constexpr std::array<double, 3> e_terms{-1.62557e-6, -0.31919e-6, -0.13843e-6};

Position with_e_terms(const Position& position, double sign) {
  double place[3], longitude = 0, latitude = 0;
  eraS2c(position.ra_deg * radians, position.dec_deg * radians, place);
  double along = 0;
  for (std::size_t i = 0; i < 3; ++i) along += place[i] * e_terms[i];
  for (std::size_t i = 0; i < 3; ++i) place[i] += sign * (e_terms[i] - along * place[i]);
  eraC2s(place, &longitude, &latitude);
  return position_of(longitude, latitude);
}

bool is_fk4(const Frame& frame) { return frame.system == Frame::System::fk4 || frame.system == Frame::System::fk4_no_e; }

std::string lower(std::string_view text) {
  std::string out;
  for (const char letter : text) {
    if (letter == ' ' || letter == '\t') continue;
    out += letter >= 'A' && letter <= 'Z' ? static_cast<char>(letter + 32) : letter;
  }
  return out;
}

struct Equinox {
  char kind = 0;  ///< 'j' or 'b' where it is said
  double year = 0;
};

Equinox equinox_of(const std::string& text) {
  if (text.empty()) return {};
  const bool said = text[0] == 'j' || text[0] == 'b';
  const auto year = parse_number(std::string_view{text}.substr(said ? 1 : 0));
  if (!year || !(*year > 1500 && *year < 2500))
    throw Error{fmt::format("the equinox `{}` is not known", text), "give positions in ICRS or of equinox J2000"};
  return {said ? text[0] : *year < 1984 ? 'b' : 'j', *year};
}

std::optional<Frame::System> system_named(const std::string& name) {
  if (name == "icrs" || name == "barycentric" || name == "gcrs" || name == "eq_icrs") return Frame::System::icrs;
  if (name == "fk5" || name == "eq_fk5") return Frame::System::fk5;
  if (name == "fk4" || name == "eq_fk4") return Frame::System::fk4;
  if (name == "fk4-no-e" || name == "fk4noeterms") return Frame::System::fk4_no_e;
  if (name == "galactic" || name == "gal" || name == "galactic_ii") return Frame::System::galactic;
  if (name == "supergalactic" || name == "super_galactic") return Frame::System::supergalactic;
  if (name == "ecl_fk5" || name == "ecliptic") return Frame::System::ecliptic;
  return {};
}

}  // namespace

Position to_icrs(const Frame& frame, const Position& position) {
  if (frame.system == Frame::System::icrs) return position;
  if (!is_fk4(frame)) {
    Matrix matrix;
    rotation_of(frame, matrix);
    return rotated(matrix, position, true);
  }
  const Position seen = frame.system == Frame::System::fk4_no_e ? with_e_terms(position, 1) : position;
  double ra = 0, dec = 0;
  eraFk45z(seen.ra_deg * radians, seen.dec_deg * radians, frame.epoch.value_or(fk4_equinox), &ra, &dec);
  return to_icrs({.system = Frame::System::fk5}, position_of(ra, dec));
}

Position from_icrs(const Frame& frame, const Position& position) {
  if (frame.system == Frame::System::icrs) return position;
  Matrix matrix;
  if (!is_fk4(frame)) {
    rotation_of(frame, matrix);
    return rotated(matrix, position, false);
  }
  const Position fk5 = from_icrs({.system = Frame::System::fk5}, position);
  double ra = 0, dec = 0, ra_motion = 0, dec_motion = 0;
  eraFk54z(fk5.ra_deg * radians, fk5.dec_deg * radians, frame.epoch.value_or(fk4_equinox), &ra, &dec, &ra_motion, &dec_motion);
  const Position seen = position_of(ra, dec);
  return frame.system == Frame::System::fk4_no_e ? with_e_terms(seen, -1) : seen;
}

Frame frame_from_names(std::string_view system_name, std::string_view equinox_name) {
  const std::string name = lower(system_name);
  const Equinox equinox = equinox_of(lower(equinox_name));
  Frame frame;
  if (name.empty()) {
    if (equinox.kind == 0) return frame;
    frame.system = equinox.kind == 'b' ? Frame::System::fk4 : Frame::System::fk5;
  } else if (const auto system = system_named(name)) {
    frame.system = *system;
  } else {
    throw Error{fmt::format("positions in the system `{}` are not known", system_name),
                "give them in ICRS, FK5, FK4 (B1950), galactic, supergalactic or ecliptic coordinates"};
  }
  const bool turns = frame.system == Frame::System::fk5 || frame.system == Frame::System::ecliptic;
  if (turns && equinox.kind != 0) frame.equinox = equinox.year;
  if (is_fk4(frame)) {
    if (equinox.kind != 0 && equinox.year != fk4_equinox)
      throw Error{fmt::format("positions in FK4 of equinox {} are not known", equinox_name), "precess them to B1950, or give them in ICRS"};
    frame.equinox = fk4_equinox;
  }
  return frame;
}

}  // namespace lensfind::sky
