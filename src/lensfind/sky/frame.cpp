#include "lensfind/sky/frame.h"

#include <algorithm>
#include <cctype>
#include <cmath>

#include <erfa.h>
#include <fmt/format.h>

#include "lensfind/base/error.h"
#include "lensfind/sky/vectors.h"

namespace lensfind::sky {
namespace {

using Matrix = std::array<Vector, 3>;

enum class Axis { x, y, z };

/// Turns the axes about one of them by an angle, as astropy's rotation_matrix() does.
Matrix rotation(double angle_deg, Axis axis) {
  const double c = std::cos(angle_deg * radians), s = std::sin(angle_deg * radians);
  if (axis == Axis::x) return {{{1, 0, 0}, {0, c, s}, {0, -s, c}}};
  if (axis == Axis::y) return {{{c, 0, -s}, {0, 1, 0}, {s, 0, c}}};
  return {{{c, s, 0}, {-s, c, 0}, {0, 0, 1}}};
}

Matrix operator*(const Matrix& a, const Matrix& b) {
  Matrix product{};
  for (std::size_t i = 0; i < 3; ++i) {
    for (std::size_t j = 0; j < 3; ++j) {
      for (std::size_t k = 0; k < 3; ++k) product[i][j] += a[i][k] * b[k][j];
    }
  }
  return product;
}

Matrix transposed(const Matrix& matrix) {
  Matrix out{};
  for (std::size_t i = 0; i < 3; ++i) {
    for (std::size_t j = 0; j < 3; ++j) out[i][j] = matrix[j][i];
  }
  return out;
}

Vector operator*(const Matrix& matrix, const Vector& vector) {
  return {dot(matrix[0], vector), dot(matrix[1], vector), dot(matrix[2], vector)};
}

Position position_of(const Vector& vector) {
  const double longitude = std::atan2(vector[1], vector[0]) / radians;
  const double turned = longitude < 0 ? longitude + 360 : longitude;
  return {turned < 360 ? turned : 0, std::atan2(vector[2], std::hypot(vector[0], vector[1])) / radians};
}

struct JulianDate {
  double day, fraction;
};
JulianDate of_julian_epoch(double epoch) {
  JulianDate date{};
  eraEpj2jd(epoch, &date.day, &date.fraction);
  return date;
}
JulianDate of_besselian_epoch(double epoch) {
  JulianDate date{};
  eraEpb2jd(epoch, &date.day, &date.fraction);
  return date;
}

/// From ICRS to the mean equator and equinox J2000.0 of FK5 (USNO Circular 179, equation 3.3).
Matrix icrs_to_fk5() {
  constexpr double mas = 1 / 3600e3;
  return rotation(19.9 * mas, Axis::x) * rotation(9.1 * mas, Axis::y) * rotation(-22.9 * mas, Axis::z);
}

/// From the mean equator of J2000.0 to that of a Julian epoch.
Matrix precession(double equinox_julian) {
  const JulianDate date = of_julian_epoch(equinox_julian);
  double bias[3][3], turn[3][3], both[3][3];
  eraBp06(date.day, date.fraction, bias, turn, both);
  Matrix matrix{};
  for (std::size_t i = 0; i < 3; ++i) std::copy_n(turn[i], 3, matrix[i].begin());
  return matrix;
}

/// Newcomb's precession between Besselian epochs (Explanatory Supplement 1992, section 3.591).
Matrix newcomb_precession(double from, double to) {
  const double t1 = (from - 1850) / 1000, dt = (to - 1850) / 1000 - t1;
  const double first = (.060 * t1 + 139.720) * t1 + 23035.545;
  const double zeta = ((17.995 * dt - .27 * t1 + 30.240) * dt + first) * dt / 3600;
  const double z = ((18.325 * dt + .39 * t1 + 109.480) * dt + first) * dt / 3600;
  const double theta = ((-41.8 * dt - .37 * t1 - 42.65) * dt + (-.37 * t1 - 85.29) * t1 + 20051.12) * dt / 3600;
  return rotation(-z, Axis::z) * rotation(theta, Axis::y) * rotation(-zeta, Axis::z);
}

/// From FK4 at B1950.0 without E-terms to FK5 at J2000.0 (Murray 1989, equations 28 and 29): FK4 turns, so the epoch matters.
Matrix b1950_to_j2000(double epoch_julian) {
  Matrix matrix{{{.9999256794956877, -.0111814832204662, -.0048590038153592},
                 {.0111814832391717, .9999374848933135, -.0000271625947142},
                 {.0048590037723143, -.0000271702937440, .9999881946023742}}};
  constexpr Matrix a_century{{{-.0026455262e-6, -1.1539918689e-6, 2.1111346190e-6},
                              {1.1540628161e-6, -.0129042997e-6, .0236021478e-6},
                              {-2.1112979048e-6, -.0056024448e-6, .0102587734e-6}}};
  const double centuries = (epoch_julian - 1950) / 100;
  for (std::size_t i = 0; i < 3; ++i) {
    for (std::size_t j = 0; j < 3; ++j) matrix[i][j] += a_century[i][j] * centuries;
  }
  return matrix;
}

/// The E-terms of aberration at an equinox (Explanatory Supplement 1992).
Vector e_terms(double equinox_besselian) {
  const JulianDate date = of_besselian_epoch(equinox_besselian), b1950 = of_besselian_epoch(1950);
  constexpr double aberration_deg = .0056932;
  const double t = (date.day - b1950.day + date.fraction - b1950.fraction) / 36525;
  const double eccentricity = aberration_deg * radians * ((-.000000126 * t - .00004193) * t + .01673011);
  const double perigee = (((.012 * t + 1.65) * t + 6190.67) * t + 1015489.951) / 3600 * radians;
  const double obliquity = eraObl80(date.day, date.fraction);
  const double across = -eccentricity * std::cos(perigee);
  return {eccentricity * std::sin(perigee), across * std::cos(obliquity), across * std::sin(obliquity)};
}

Matrix fk5_to_galactic() {
  constexpr double pole_ra = 192.8594812065348, pole_dec = 27.12825118085622, longitude_of_pole = 122.9319185680026;
  return rotation(180 - longitude_of_pole, Axis::z) * rotation(90 - pole_dec, Axis::y) * rotation(pole_ra, Axis::z);
}

}  // namespace

Frame Frame::rotated(const Matrix& icrs_to_here) {
  Frame frame;
  frame.is_icrs_ = false;
  frame.from_icrs_ = icrs_to_here;
  frame.to_icrs_ = transposed(icrs_to_here);
  return frame;
}

Frame Frame::fk5(double equinox_julian) {
  return rotated(equinox_julian == 2000 ? icrs_to_fk5() : precession(equinox_julian) * icrs_to_fk5());
}

Frame Frame::fk4_without_e_terms(double equinox_besselian, std::optional<double> epoch_julian) {
  const JulianDate date = of_besselian_epoch(equinox_besselian);
  const double epoch = epoch_julian ? *epoch_julian : eraEpj(date.day, date.fraction);
  Frame frame;
  frame.is_icrs_ = false;
  frame.to_icrs_ = transposed(icrs_to_fk5()) * b1950_to_j2000(epoch) * newcomb_precession(equinox_besselian, 1950);
  frame.from_icrs_ = newcomb_precession(1950, equinox_besselian) * transposed(b1950_to_j2000(epoch)) * icrs_to_fk5();
  return frame;
}

Frame Frame::fk4(double equinox_besselian, std::optional<double> epoch_julian) {
  Frame frame = fk4_without_e_terms(equinox_besselian, epoch_julian);
  frame.e_terms_ = e_terms(equinox_besselian);
  return frame;
}

Frame Frame::galactic() { return rotated(fk5_to_galactic() * icrs_to_fk5()); }

Frame Frame::supergalactic() {
  constexpr double pole_l = 47.37, pole_b = 6.32;
  return rotated(rotation(90, Axis::z) * rotation(90 - pole_b, Axis::y) * rotation(pole_l, Axis::z) * fk5_to_galactic() * icrs_to_fk5());
}

Frame Frame::ecliptic(double equinox_julian) {
  const JulianDate date = of_julian_epoch(equinox_julian);
  double turn[3][3];
  eraEcm06(date.day, date.fraction, turn);
  Matrix matrix{};
  for (std::size_t i = 0; i < 3; ++i) std::copy_n(turn[i], 3, matrix[i].begin());
  return rotated(matrix);
}

Position Frame::to_icrs(const Position& here) const {
  if (is_icrs_) return here;
  Vector place = unit_vector(here);
  if (e_terms_) {
    const double along = dot(*e_terms_, place);
    for (std::size_t i = 0; i < 3; ++i) place[i] += along * place[i] - (*e_terms_)[i];
  }
  return position_of(to_icrs_ * place);
}

Position Frame::from_icrs(const Position& icrs) const {
  if (is_icrs_) return icrs;
  Vector place = from_icrs_ * unit_vector(icrs);
  if (e_terms_) {
    const double length = std::sqrt(dot(place, place));
    for (double& component : place) component /= length;
    const Vector without = place;
    constexpr int steps = 10;  // each is a ten thousandth of that before
    for (int step = 0; step < steps; ++step) {
      const double along = dot(*e_terms_, place);
      for (std::size_t i = 0; i < 3; ++i) place[i] = ((*e_terms_)[i] + without[i]) / (1 + along);
    }
  }
  return position_of(place);
}

Frame frame_of_header(const std::string& longitude_type, std::string radesys, std::optional<double> equinox,
                      std::optional<double> observed_mjd, const std::string& origin) {
  std::ranges::transform(radesys, radesys.begin(), [](unsigned char c) { return static_cast<char>(std::toupper(c)); });
  if (longitude_type.starts_with("GLON")) return Frame::galactic();
  if (longitude_type.starts_with("SLON")) return Frame::supergalactic();
  if (longitude_type.starts_with("ELON")) return Frame::ecliptic(equinox.value_or(2000));
  if (!longitude_type.starts_with("RA")) {
    throw Error{fmt::format("{}: its coordinates are of a kind that is not known (CTYPE = '{}')", origin, longitude_type),
                "give images in equatorial, galactic or ecliptic coordinates"};
  }
  if (radesys.empty()) radesys = !equinox ? "ICRS" : *equinox < 1984 ? "FK4" : "FK5";
  constexpr double mjd_of_2000 = 51544.5, julian_year = 365.25;
  const std::optional<double> epoch = observed_mjd ? std::optional{2000 + (*observed_mjd - mjd_of_2000) / julian_year} : std::nullopt;
  if (radesys.starts_with("ICR")) return {};
  if (radesys.starts_with("FK5") || radesys == "J2000") return Frame::fk5(equinox.value_or(2000));
  if (radesys.starts_with("FK4-NO-E")) return Frame::fk4_without_e_terms(equinox.value_or(1950), epoch);
  if (radesys.starts_with("FK4") || radesys == "B1950") return Frame::fk4(equinox.value_or(1950), epoch);
  throw Error{fmt::format("{}: its coordinates are in a system that is not known (RADESYS = '{}')", origin, radesys),
              "write RADESYS as ICRS, FK5 or FK4 if that is what they are"};
}

}  // namespace lensfind::sky
