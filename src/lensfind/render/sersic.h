#pragma once

#include "lensfind/render/point.h"

namespace lensfind::render {

/// Elliptical Sersic profile of total flux 1 (to infinity), I = I_e exp(-b_n ((R / R_e)^(1/n) - 1)) with R = sqrt(q u^2 + v^2 / q). R_e is
/// the product-averaged half-light radius (Sersic 1963; Graham & Driver 2005; ellipse as in lenstronomy).
struct Sersic {
  double effective_radius_arcsec = 1;  ///< > 0
  double index = 1;                    ///< n, 0.3 to 8
  double axis_ratio = 1;               ///< minor / major, in (0, 1]
  double angle_rad = 0;                ///< of the major axis, from +x towards +y
  Point centre_arcsec;
};

/// b_n, so that half of the light lies within R_e: the regularised lower incomplete gamma function P(2n, b_n) is 1/2, to 1e-13. For n of
/// 0.2 to 15.
double sersic_b(double index);
/// I_e in flux per arcsec^2 for total flux 1: b^(2n) / (2 pi n R_e^2 e^b Gamma(2n)).
double effective_brightness(const Sersic& light);
/// Brightness in 1/arcsec^2 (total flux 1).
double brightness(const Sersic& light, Point position);
/// Fraction of the light within the elliptical radius R = `radius_arcsec`.
double light_within(const Sersic& light, double radius_arcsec);
/// The elliptical radius at which the brightness falls to `brightness` (1/arcsec^2). 0 where the profile is fainter everywhere.
double radius_at_brightness(const Sersic& light, double brightness);

}  // namespace lensfind::render
