#include "lensfind/render/moffat.h"

#include <algorithm>
#include <cmath>
#include <numbers>

#include <gtest/gtest.h>

#include "lensfind/render/render.h"

namespace lensfind::render {
namespace {

double sum_at(const std::vector<GaussianTerm>& terms, double r) {
  double out = 0;
  for (const GaussianTerm& term : terms) {
    const double variance = term.sigma * term.sigma;
    out += term.weight * std::exp(-0.5 * r * r / variance) / (2 * std::numbers::pi * variance);
  }
  return out;
}

TEST(Moffat, FiveGaussiansFollowTheLaw) {
  for (const double beta : {2.5, 3.0, 3.5, 4.765}) {
    const std::vector<GaussianTerm> terms = moffat_terms(beta);
    // FWHM 1.
    const double alpha2 = 0.25 / (std::pow(2, 1 / beta) - 1), peak = (beta - 1) / (std::numbers::pi * alpha2);
    for (double r = 0; r < 4; r += 0.02)
      EXPECT_NEAR(sum_at(terms, r), peak * std::pow(1 + r * r / alpha2, -beta), 1.5e-3 * peak) << beta << " at " << r;
    for (double r = 0; r < (beta < 4 ? 3 : 2); r += 0.1)
      EXPECT_NEAR(sum_at(terms, r) / (peak * std::pow(1 + r * r / alpha2, -beta)), 1, 0.105) << beta << " at " << r;
  }
}

TEST(Moffat, HasTheLightOfTheLawBeyondItsFwhm) {
  for (const double beta : {2.5, 3.0, 3.5}) {
    double beyond = 0, all = 0;
    for (const GaussianTerm& term : moffat_terms(beta)) {
      beyond += term.weight * std::exp(-0.5 / (term.sigma * term.sigma));
      all += term.weight;
    }
    EXPECT_NEAR(beyond, std::pow(1 + 4 * (std::pow(2, 1 / beta) - 1), 1 - beta), 0.004) << beta;
    EXPECT_NEAR(all, 1, 1e-12) << beta;
  }
}

TEST(Moffat, NearlyGaussianIsAGaussian) {
  for (double r = 0; r < 2; r += 0.1) {
    const double gaussian = std::exp(-4 * std::numbers::ln2 * r * r);
    EXPECT_NEAR(sum_at(moffat_terms(80), r) / sum_at(moffat_terms(80), 0), gaussian, 6e-3) << r;
  }
}

TEST(Moffat, KeepsAStarsLight) {
  // Of 3.5 pixels and of 1.6, as sharp as Euclid's.
  for (const double fwhm : {0.7, 0.32}) {
    Scene star;
    star.unlensed.push_back({{.effective_radius_arcsec = 0.02, .index = 0.5, .centre_arcsec = {0.03, -0.05}}, {100}});
    const Psf psf = MoffatPsf{fwhm, 3};
    const Plane image = render(star, {&psf, 1}, {.size = 64, .pixel_scale_arcsec = 0.2}).image[0];
    double light = 0;
    for (int row = 0; row < 64; ++row) {
      for (int column = 0; column < 64; ++column) light += static_cast<double>(image.at(row, column));
    }
    EXPECT_NEAR(light, 100, 0.3) << fwhm;
  }
}

}  // namespace
}  // namespace lensfind::render
