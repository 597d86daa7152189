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

/// Halo of a group or cluster: the cored isothermal with elliptical potential b sqrt(s^2 + (1 - e) u^2 + (1 + e) v^2) in the frame of its
/// major axis (Blandford & Kochanek 1987; lenstronomy's NIE_POTENTIAL). Far out it is the isothermal sphere of Einstein radius b; within
/// the core its density is level, and alone it makes several images only where b > 2 s or so.
struct CoredHalo {
  double strength_arcsec = 1;  ///< b > 0: 4 pi (sigma / c)^2 D_ls / D_s
  double core_arcsec = 1;      ///< s > 0
  double ellipticity = 0;      ///< e of the potential, in [0, .3]: beyond, the density turns into a dumbbell
  double angle_rad = 0;        ///< of the major axis, from +x towards +y
  Point centre_arcsec;
};

/// External shear about the origin: deflection (g1 x + g2 y, g2 x - g1 y).
struct ExternalShear {
  double gamma1 = 0, gamma2 = 0;
};

/// All mass of a scene, in one lens plane.
struct Mass {
  std::vector<PowerLawEllipsoid> ellipsoids;
  ExternalShear shear;
  std::vector<CoredHalo> halos{};
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
/// The mass as it acts on sources at another distance: all deflections times `factor`, the ratio of D_ls / D_s there and at the sources
/// for which the mass is given. In one plane that is exact; what a nearer source adds to the deflection of a farther one is left out.
Mass scaled(const Mass& mass, double factor);
/// Radius of the circle about `centre` within which the mean convergence is 1, by Gauss's law from the deflection on the circle, to 1e-6;
/// 0 where it is less already at the thousandth part of `max_arcsec`, and `max_arcsec` where it is still more there.
double einstein_radius(const Mass& mass, Point centre, double max_arcsec);
/// Not finite at an ellipsoid's own centre.
Distortion distortion(const Mass& mass, Point position);

/// Coefficients of the deflection's angular part, sum over k of c_k exp(i (2k + 1) p) with the elliptical phase p: c_0 = 1, c_k = -f
/// c_(k-1) (2k - (2 - t)) / (2k + (2 - t)), f = (1 - q) / (1 + q), t = slope - 1; as many as reach `precision`.
std::vector<double> angular_coefficients(const PowerLawEllipsoid& lens, double precision);

}  // namespace lensfind::render
