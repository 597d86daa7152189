#pragma once

#include <vector>

#include "lensfind/render/point.h"

namespace lensfind::render {

/// Elliptical power law, kappa = (3 - slope) / 2 (theta_e / sqrt(q u^2 + v^2 / q))^(slope - 1), in the frame of its major axis (Tessore &
/// Metcalf 2015). Slope 2 is the singular isothermal ellipsoid (Kormann et al. 1994). theta_e is the product-averaged Einstein radius, as
/// in lenstronomy.
struct PowerLawEllipsoid {
  double theta_e_arcsec = 1;  ///< > 0
  double axis_ratio = 1;      ///< minor / major, in (0, 1]
  double angle_rad = 0;       ///< of the major axis, from +x towards +y
  Point centre_arcsec;
  double slope = 2;  ///< in (1, 3); the three-dimensional density falls as r^-slope
};

/// External shear about the origin: deflection (g1 x + g2 y, g2 x - g1 y).
struct ExternalShear {
  double gamma1 = 0, gamma2 = 0;
};

/// All mass of a scene, in one lens plane.
struct Mass {
  std::vector<PowerLawEllipsoid> ellipsoids;
  ExternalShear shear;
};

/// Convergence and shear at a position: half the sum and half the difference of the potential's second derivatives, and the mixed one.
struct Distortion {
  double convergence = 0, gamma1 = 0, gamma2 = 0;

  /// det A = (1 - kappa)^2 - gamma1^2 - gamma2^2; the signed magnification is its inverse.
  [[nodiscard]] double determinant() const { return (1 - convergence) * (1 - convergence) - gamma1 * gamma1 - gamma2 * gamma2; }
};

/// Deflection in arcsec, to about 1e-14 of theta_e. Zero at an ellipsoid's own centre.
Point deflection(const Mass& mass, Point position);
/// Where light seen at `position` comes from.
Point source_position(const Mass& mass, Point position);
/// Not finite at an ellipsoid's own centre.
Distortion distortion(const Mass& mass, Point position);

/// Coefficients of the deflection's angular part, sum over k of c_k exp(i (2k + 1) p) with the elliptical phase p: c_0 = 1, c_k = -f
/// c_(k-1) (2k - (2 - t)) / (2k + (2 - t)), f = (1 - q) / (1 + q), t = slope - 1; as many as reach `precision`.
std::vector<double> angular_coefficients(const PowerLawEllipsoid& lens, double precision);

}  // namespace lensfind::render
