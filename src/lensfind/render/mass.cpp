#include "lensfind/render/mass.h"

#include <cmath>

namespace lensfind::render {
namespace {

/// A position in an ellipsoid's own frame: along and across the major axis.
struct OwnFrame {
  double cosine, sine, u, v;
};

OwnFrame own_frame(const PowerLawEllipsoid& lens, Point position) {
  const double c = std::cos(lens.angle_rad), s = std::sin(lens.angle_rad);
  const Point d = position - lens.centre_arcsec;
  return {c, s, d.x * c + d.y * s, -d.x * s + d.y * c};
}

/// In its own frame.
Point own_deflection(const PowerLawEllipsoid& lens, double u, double v) {
  const double q = lens.axis_ratio, radius = std::hypot(q * u, v);
  if (radius == 0) return {};
  const double c = q * u / radius, s = v / radius, twice_cos2p = 2 * (c * c - s * s);
  // Clenshaw's recurrence for Chebyshev polynomials of the third and fourth kind in cos 2p: cos (2k+1)p / cos p and sin (2k+1)p / sin p.
  double b0 = 0, b1 = 0;
  const std::vector<double> coefficients = angular_coefficients(lens, 1e-16);
  for (auto k = coefficients.size(); k-- > 0;) {
    const double next = coefficients[k] + twice_cos2p * b0 - b1;
    b1 = b0;
    b0 = next;
  }
  const double scale = lens.theta_e_arcsec * std::sqrt(q), t = lens.slope - 1;
  const double amplitude = 2 * scale / (1 + q) * std::pow(scale / radius, t - 1);
  return {amplitude * c * (b0 - b1), amplitude * s * (b0 + b1)};
}

Point rotated_back(const OwnFrame& frame, Point own) {
  return {own.x * frame.cosine - own.y * frame.sine, own.x * frame.sine + own.y * frame.cosine};
}

/// gamma = -e^(2i phi) kappa + (1 - t) e^(i phi) alpha / r (Tessore & Metcalf 2015, eq. 17), turned into the sky's frame.
Distortion own_distortion(const PowerLawEllipsoid& lens, Point position) {
  const OwnFrame f = own_frame(lens, position);
  const double q = lens.axis_ratio, t = lens.slope - 1, r = std::hypot(f.u, f.v);
  const double kappa = (2 - t) / 2 * std::pow(lens.theta_e_arcsec / std::sqrt(q * f.u * f.u + f.v * f.v / q), t);
  const double cp = f.u / r, sp = f.v / r, cos2 = cp * cp - sp * sp, sin2 = 2 * cp * sp;
  const Point a = own_deflection(lens, f.u, f.v);
  const double g1 = -cos2 * kappa + (1 - t) * (cp * a.x - sp * a.y) / r;
  const double g2 = -sin2 * kappa + (1 - t) * (cp * a.y + sp * a.x) / r;
  const double c2 = f.cosine * f.cosine - f.sine * f.sine, s2 = 2 * f.cosine * f.sine;
  return {kappa, g1 * c2 - g2 * s2, g1 * s2 + g2 * c2};
}

}  // namespace

std::vector<double> angular_coefficients(const PowerLawEllipsoid& lens, double precision) {
  const double f = (1 - lens.axis_ratio) / (1 + lens.axis_ratio), rest = 3 - lens.slope;
  std::vector<double> coefficients{1.0};
  while (std::abs(coefficients.back()) > precision) {
    const double twice_k = 2 * static_cast<double>(coefficients.size());
    coefficients.push_back(-f * coefficients.back() * (twice_k - rest) / (twice_k + rest));
  }
  return coefficients;
}

Point deflection(const Mass& mass, Point position) {
  Point sum{mass.shear.gamma1 * position.x + mass.shear.gamma2 * position.y,
            mass.shear.gamma2 * position.x - mass.shear.gamma1 * position.y};
  for (const PowerLawEllipsoid& lens : mass.ellipsoids) {
    const OwnFrame frame = own_frame(lens, position);
    sum = sum + rotated_back(frame, own_deflection(lens, frame.u, frame.v));
  }
  return sum;
}

Point source_position(const Mass& mass, Point position) { return position - deflection(mass, position); }

Distortion distortion(const Mass& mass, Point position) {
  Distortion sum{0, mass.shear.gamma1, mass.shear.gamma2};
  for (const PowerLawEllipsoid& lens : mass.ellipsoids) {
    const Distortion one = own_distortion(lens, position);
    sum.convergence += one.convergence;
    sum.gamma1 += one.gamma1;
    sum.gamma2 += one.gamma2;
  }
  return sum;
}

}  // namespace lensfind::render
