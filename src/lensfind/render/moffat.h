#pragma once

#include <vector>

namespace lensfind::render {

/// alpha of a Moffat profile: FWHM / (2 sqrt(2^(1 / beta) - 1)).
double moffat_alpha(double fwhm, double beta);

/// One of several concentric circular Gaussians.
struct GaussianTerm {
  double weight = 1;  ///< its part of the light
  double sigma = 1;   ///< over the FWHM of the whole
};

/// A Moffat profile (1 + (r / alpha)^2)^-beta (Moffat 1969), beta over 1, as a sum of at most five Gaussians of sum 1. For beta from 2.5 it
/// is right to 1.5e-3 of its peak, and for beta up to 3.5 to 10% of itself out to 3 FWHM; farther out it falls faster. A Moffat profile is
/// the mean of Gaussians of sigma^2 = alpha^2 / (2 t) with t from a Gamma(beta - 1) distribution; the weights of five of these are least
/// squares over radius, as in multi-Gaussian expansions (Cappellari 2002).
std::vector<GaussianTerm> moffat_terms(double beta);

/// How far the sum of Gaussians is drawn, in FWHM: 4, and farther for a beta under 2.5, whose wings hold more.
double moffat_reach(double beta);

/// A Moffat profile applied to the scene before the pixel. Stars of surveys from the ground have a beta of 2.5 to 4.
struct MoffatPsf {
  double fwhm_arcsec = 0.7;
  double beta = 3;
  std::vector<GaussianTerm> terms = moffat_terms(beta);  ///< takes some 10 us to find: PSFs of one beta may share it
};

}  // namespace lensfind::render
