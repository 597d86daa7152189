#include "lensfind/simulate/lens_rate.h"

#include <cmath>
#include <filesystem>

#include <gtest/gtest.h>

#include "lensfind/base/error.h"
#include "lensfind/population/cosmology.h"

namespace lensfind::simulate {
namespace {

Survey survey_with(const std::string& name, const std::vector<std::string>& more = {}) {
  return find_survey(name, {std::filesystem::path{LENSFIND_SOURCE_DIR} / "surveys"}, more);
}

// Round lenses of one kind of galaxy, of which every source within the Einstein radius is kept: sum over galaxies of pi theta_E^2 times the
// number of sources behind, by quadrature.
TEST(LensRate, IsTheAreaBehindAllDeflectorsTimesTheSources) {
  const Survey survey = survey_with("hsc", {"population.kept_snr=0",
                                            "population.kept_magnification=0",
                                            "population.kept_resolution=0",
                                            "population.axis_ratio_scatter=0",
                                            "population.axis_ratio_scatter_slope=0",
                                            "population.slope_scatter=0",
                                            "population.shear_scatter=0",
                                            "population.lens_i_brightest=-50",
                                            "population.lens_i_faintest=60",
                                            "population.source_i_brightest=23.9",
                                            "population.source_i_faintest=24.1",
                                            "population.source_clumpy_fraction=0",
                                            "population.group_abundance=0",
                                            "population.member_abundance=0",
                                            "population.lens_z_min=0.3",
                                            "population.lens_z_max=0.31",
                                            "population.sigma_min_km_s=299",
                                            "population.sigma_max_km_s=301",
                                            "moffat_beta=0",
                                            "seeing_fwhm_arcsec=[0.2,0.2,0.2]"});
  const population::Cosmology cosmology{70, 0.3};
  const double galaxies = 0.00274 * std::pow(300 / 161.0, 2.32) * std::exp(-std::pow(300 / 161.0, 2.67)) * 2.67 / std::tgamma(2.32 / 2.67) /
                          300 * 2 * cosmology.volume_mpc3_deg2(0.305) * 0.01;
  const auto brighter = [](double i) { return 46 * std::pow(10, 0.31 * (i - 25)) / 3600; };
  const auto to_redshift = [&](double i, double z) {
    const double z0 = 0.05 * i - 0.886;
    return brighter(i) * z * z * std::exp(-z / z0) / (2 * z0 * z0 * z0);
  };
  double area = 0;
  for (double z = 0.315; z < 5; z += 0.01) {
    const double theta = population::einstein_radius_arcsec(300, cosmology.lensing_efficiency(0.305, z));
    area += std::max(0.0, to_redshift(24.1, z) - to_redshift(23.9, z)) * 0.01 * M_PI * theta * theta;
  }
  const LensRate rate = lens_rate(survey, 400);
  EXPECT_NEAR(rate.lenses_deg2 / (galaxies * area), 1, 4 / std::sqrt(400.0));
  EXPECT_EQ(rate.groups_fraction, 0);
}

// Early types and all galaxies to i = 20: about 1,000 to 2,000 and 4,000 to 5,500 a square degree (counts of SDSS and CFHTLS).
TEST(LensRate, StandsAmongAsManyGalaxiesAsAreCounted) {
  const LensRate rate = lens_rate(survey_with("lsst10", {"population.lens_i_faintest=20"}), 20);
  EXPECT_GT(rate.early_types_deg2, 500);
  EXPECT_LT(rate.early_types_deg2, 3000);
  EXPECT_GT(rate.galaxies_deg2, 2 * rate.early_types_deg2 * 0.7);
}

TEST(LensRate, IsUnknownToTheUniformLaw) {
  EXPECT_THROW(lens_rate(survey_with("hsc", {"population.einstein_radius_law=uniform"}), 10), Error);
}

TEST(LensRate, ASkyHasKindsAsOftenAsTheyAreFound) {
  const Survey sky = survey_of_sky(survey_with("hsc"), 0.3);
  double all = 0, early = 0;
  for (const population::KindFraction& kind : sky.population.nonlens_kinds) {
    all += kind.fraction;
    early += kind.kind == "early_type" || kind.kind == "lenticular" ? kind.fraction : 0;
  }
  EXPECT_NEAR(early / all, 0.3, 0.01);
  EXPECT_EQ(sky.population.nonlens_magnitudes, population::NonlensMagnitudes::counts);
}

}  // namespace
}  // namespace lensfind::simulate
