#include "lensfind/sky/position.h"

#include <cmath>

#include "lensfind/sky/vectors.h"

namespace lensfind::sky {

std::array<double, 3> unit_vector(const Position& position) {
  const double ra = position.ra_deg * radians;
  const double dec = position.dec_deg * radians;
  return {std::cos(dec) * std::cos(ra), std::cos(dec) * std::sin(ra), std::sin(dec)};
}

double separation_arcsec(const Position& a, const Position& b) {
  const double difference = (b.ra_deg - a.ra_deg) * radians;
  const double sin_a = std::sin(a.dec_deg * radians);
  const double cos_a = std::cos(a.dec_deg * radians);
  const double sin_b = std::sin(b.dec_deg * radians);
  const double cos_b = std::cos(b.dec_deg * radians);
  const double across = std::hypot(cos_b * std::sin(difference), cos_a * sin_b - sin_a * cos_b * std::cos(difference));
  const double along = sin_a * sin_b + cos_a * cos_b * std::cos(difference);
  return std::atan2(across, along) / radians * 3600;
}

}  // namespace lensfind::sky
