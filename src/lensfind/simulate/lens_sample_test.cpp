#include "lensfind/simulate/lens_sample.h"

#include <algorithm>
#include <cmath>
#include <filesystem>

#include <gtest/gtest.h>

namespace lensfind::simulate {
namespace {

/// A survey that keeps every source with two images: round isothermal lenses, small sources of one magnitude.
Survey keeps_all() {
  return find_survey(
      "hsc", {std::filesystem::path{LENSFIND_SOURCE_DIR} / "surveys"},
      {"population.kept_snr=0", "population.kept_magnification=0", "population.kept_resolution=0", "population.kept_contrast=0",
       "population.axis_ratio_scatter=0", "population.axis_ratio_scatter_slope=0", "population.slope_scatter=0",
       "population.shear_scatter=0", "population.lens_i_brightest=-50", "population.lens_i_faintest=60", "population.source_i_brightest=24",
       "population.source_i_faintest=24.001", "population.source_size_kpc=0.5", "population.source_clumpy_share=0"});
}

/// Comoving distance of a flat universe of Om = .3 in units of c / H0.
double comoving(double z) {
  constexpr int steps = 200;
  double sum = 0;
  for (int k = 0; k < steps; ++k) sum += 1 / std::sqrt(0.3 * std::pow(1 + z * (k + 0.5) / steps, 3) + 0.7);
  return sum * z / steps;
}

struct Means {
  double sigma_km_s = 0, z_lens = 0, z_source = 0;
};

/// Of deflectors in numbers phi(sigma) dV/dz and sources in numbers n(z), each pair weighted by the area behind the lens, theta_E^2 ~
/// sigma^4 (D_ls / D_s)^2 (Choi et al. 2007; LSST Science Book).
Means expected() {
  Means out;
  double weights = 0;
  for (double sigma = 100.5; sigma < 400; ++sigma) {
    const double weight = std::pow(sigma / 161, 2.32) * std::exp(-std::pow(sigma / 161, 2.67)) / sigma * std::pow(sigma / 161, 4);
    out.sigma_km_s += weight * sigma;
    weights += weight;
  }
  out.sigma_km_s /= weights;
  const double z0 = 0.0417 * 24 - 0.744;
  weights = 0;
  for (double lens = 0.06; lens < 1; lens += 0.02) {
    const double to_lens = comoving(lens), volume = to_lens * to_lens / std::sqrt(0.3 * std::pow(1 + lens, 3) + 0.7);
    for (double source = lens + 0.01; source < 5; source += 0.02) {
      const double efficiency = 1 - to_lens / comoving(source);
      const double weight = volume * source * source * std::exp(-source / z0) * efficiency * efficiency;
      out.z_lens += weight * lens;
      out.z_source += weight * source;
      weights += weight;
    }
  }
  out.z_lens /= weights;
  out.z_source /= weights;
  return out;
}

TEST(LensSample, PairsAreWeightedByTheAreaBehindTheLens) {
  const Survey survey = keeps_all();
  const GalaxySample galaxies{survey.population};
  const LensSample lenses{galaxies, survey};
  RandomStream random{6, Purpose::test};
  Conditions conditions;
  for (std::size_t b = 0; b < 3; ++b) {
    // What is kept goes by the seeing, which shall not matter here, and not by the PSF.
    conditions.seeing_fwhm_arcsec.push_back(1e-3);
    conditions.psfs.push_back(GaussianPsf{0.7});
    conditions.noise.push_back(band_noise(survey, b));
  }
  Renderer renderer;
  constexpr int number = 1500;
  Means got;
  for (int k = 0; k < number; ++k) {
    const LensSystem lens = lenses.draw_unseen({}, conditions, 48, renderer, random);
    got.sigma_km_s += lens.deflector.sigma_km_s / number;
    got.z_lens += lens.deflector.z / number;
    got.z_source += lens.source.z / number;
  }
  // Three deviations of such means: 1.2 km/s, .006 and .012.
  const Means want = expected();
  EXPECT_NEAR(got.sigma_km_s, want.sigma_km_s, 3.6);
  EXPECT_NEAR(got.z_lens, want.z_lens, 0.018);
  EXPECT_NEAR(got.z_source, want.z_source, 0.036);
}

// Collett (2015): by one band at least.
TEST(LensSample, KeepsWhatIsBrightMagnifiedAndResolvedEnough) {
  Survey survey = find_survey("des", {std::filesystem::path{LENSFIND_SOURCE_DIR} / "surveys"});
  const GalaxySample galaxies{survey.population};
  const LensSample lenses{galaxies, survey};
  RandomStream random{7, Purpose::test};
  Renderer renderer;
  for (int k = 0; k < 40; ++k) {
    const Conditions conditions = draw_conditions(survey, random);
    const LensSystem lens = lenses.draw({}, conditions, 64, renderer, random);
    const double radius = lens.source.light.effective_radius_arcsec;
    bool kept = false;
    for (std::size_t b = 0; b < 3; ++b) {
      const double seeing = conditions.seeing_fwhm_arcsec[b];
      kept = kept || (lens.arc_snr[b] > 20 && lens.magnification[b] > 3 && lens.magnification[b] * radius > seeing &&
                      std::pow(lens.theta_e_arcsec, 2) > radius * radius + seeing * seeing / 4);
    }
    EXPECT_TRUE(kept) << k;
  }
}

}  // namespace
}  // namespace lensfind::simulate
