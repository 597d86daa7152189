#include "lensfind/render/mass.h"

#include <algorithm>
#include <cmath>
#include <numbers>

namespace lensfind::render {
namespace {

/// A position in an ellipsoid's own frame: along and across the major axis.
struct OwnFrame {
  double cosine, sine, u, v;
};

template <class Component>
OwnFrame own_frame(const Component& lens, Point position) {
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

Point own_deflection(const CoredHalo& halo, double u, double v) {
  const double along = 1 - halo.ellipticity, across = 1 + halo.ellipticity;
  const double root = std::sqrt(halo.core_arcsec * halo.core_arcsec + along * u * u + across * v * v);
  return {halo.strength_arcsec * along * u / root, halo.strength_arcsec * across * v / root};
}

/// The potential's second derivatives, turned into the sky's frame.
Distortion own_distortion(const CoredHalo& halo, Point position) {
  const OwnFrame f = own_frame(halo, position);
  const double along = 1 - halo.ellipticity, across = 1 + halo.ellipticity;
  const double square = halo.core_arcsec * halo.core_arcsec + along * f.u * f.u + across * f.v * f.v;
  const double b = halo.strength_arcsec / std::sqrt(square);
  const double uu = b * along * (1 - along * f.u * f.u / square), vv = b * across * (1 - across * f.v * f.v / square),
               uv = -b * along * across * f.u * f.v / square;
  const double g1 = 0.5 * (uu - vv), c2 = f.cosine * f.cosine - f.sine * f.sine, s2 = 2 * f.cosine * f.sine;
  return {0.5 * (uu + vv), g1 * c2 - uv * s2, g1 * s2 + uv * c2};
}

/// Of the deflection on a circle, its mean part away from the centre.
double mean_outward(const Mass& mass, Point centre, double radius) {
  constexpr int directions = 96;
  double sum = 0;
  for (int k = 0; k < directions; ++k) {
    const double angle = 2 * std::numbers::pi * (k + 0.5) / directions, c = std::cos(angle), s = std::sin(angle);
    const Point there = deflection(mass, {centre.x + radius * c, centre.y + radius * s});
    sum += there.x * c + there.y * s;
  }
  return sum / directions;
}

}  // namespace

Mass scaled(const Mass& mass, double factor) {
  Mass out = mass;
  for (PowerLawEllipsoid& lens : out.ellipsoids) lens.theta_e_arcsec *= std::pow(factor, 1 / (lens.slope - 1));
  for (CoredHalo& halo : out.halos) halo.strength_arcsec *= factor;
  out.shear = {mass.shear.gamma1 * factor, mass.shear.gamma2 * factor};
  return out;
}

double einstein_radius(const Mass& mass, Point centre, double max_arcsec) {
  double inside = 1e-3 * max_arcsec, outside = max_arcsec;
  if (mean_outward(mass, centre, inside) < inside) return 0;
  if (mean_outward(mass, centre, outside) > outside) return max_arcsec;
  while (outside - inside > 1e-6 * outside) {
    const double middle = 0.5 * (inside + outside);
    (mean_outward(mass, centre, middle) > middle ? inside : outside) = middle;
  }
  return 0.5 * (inside + outside);
}

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
  for (const CoredHalo& halo : mass.halos) {
    const OwnFrame frame = own_frame(halo, position);
    sum = sum + rotated_back(frame, own_deflection(halo, frame.u, frame.v));
  }
  return sum;
}

Point source_position(const Mass& mass, Point position) { return position - deflection(mass, position); }

Distortion distortion(const Mass& mass, Point position) {
  Distortion sum{0, mass.shear.gamma1, mass.shear.gamma2};
  const auto add = [&](const Distortion& one) {
    sum.convergence += one.convergence;
    sum.gamma1 += one.gamma1;
    sum.gamma2 += one.gamma2;
  };
  for (const PowerLawEllipsoid& lens : mass.ellipsoids) add(own_distortion(lens, position));
  for (const CoredHalo& halo : mass.halos) add(own_distortion(halo, position));
  return sum;
}

}  // namespace lensfind::render
