#include "lensfind/simulate/lens_sample.h"

#include <algorithm>
#include <cmath>
#include <filesystem>
#include <numbers>

#include <gtest/gtest.h>

#include "lensfind/testing/kolmogorov.h"

namespace lensfind::simulate {
namespace {

/// A survey that keeps every source with two images: round isothermal lenses, small sources of one magnitude.
Survey keeps_all(const std::vector<std::string>& more = {}) {
  std::vector<std::string> overrides = {
      "population.kept_snr=0",          "population.kept_magnification=0",     "population.kept_resolution=0",
      "population.kept_contrast=0",     "population.axis_ratio_scatter=0",     "population.axis_ratio_scatter_slope=0",
      "population.slope_scatter=0",     "population.shear_scatter=0",          "population.lens_i_brightest=-50",
      "population.lens_i_faintest=60",  "population.source_i_brightest=24",    "population.source_i_faintest=24.001",
      "population.source_size_kpc=0.5", "population.source_clumpy_fraction=0", "population.group_abundance=0",
      "population.member_abundance=0"};
  overrides.insert(overrides.end(), more.begin(), more.end());
  return find_survey("hsc", {std::filesystem::path{LENSFIND_SOURCE_DIR} / "surveys"}, overrides);
}

std::vector<LensSystem> drawn(const Survey& survey, int number) {
  const population::GalaxySample galaxies{survey.population};
  const LensSample lenses{galaxies, survey};
  RandomStream random{6, Purpose::test};
  Conditions conditions;
  for (std::size_t b = 0; b < 3; ++b) {
    // What is kept goes by the seeing, which shall not matter here, and not by the PSF.
    conditions.seeing_fwhm_arcsec.push_back(1e-3);
    conditions.psfs.emplace_back(render::GaussianPsf{0.7});
    conditions.noise.push_back(band_noise(survey, b));
  }
  render::Renderer renderer;
  std::vector<LensSystem> out;
  for (int k = 0; k < number; ++k) out.push_back(lenses.draw_unseen({}, conditions, 48, renderer, random));
  return out;
}

/// Comoving distance of a flat universe of Om = .3 in units of c / H0.
double comoving(double z) {
  constexpr int steps = 200;
  double sum = 0;
  for (int k = 0; k < steps; ++k) sum += 1 / std::sqrt(0.3 * std::pow(1 + z * (k + 0.5) / steps, 3) + 0.7);
  return sum * z / steps;
}

/// Laws of deflectors in numbers phi(sigma) dV/dz and sources in numbers n(z), each pair weighted by the area behind the lens, theta_E^2 ~
/// sigma^4 (D_ls / D_s)^2 (Choi et al. 2007; LSST Science Book).
double dispersion_density(double sigma) {
  return std::pow(sigma / 161, 2.32) * std::exp(-std::pow(sigma / 161, 2.67)) / sigma * std::pow(sigma / 161, 4);
}

/// Of sources of a magnitude: the difference of those brighter than a little fainter and than a little brighter.
double source_density(double z, double i) {
  const auto brighter = [z](double limit) {
    const double z0 = 0.05 * limit - 0.886;
    return std::pow(10, 0.31 * limit) * z * z * std::exp(-z / z0) / (z0 * z0 * z0);
  };
  return std::max(0.0, brighter(i + 0.005) - brighter(i - 0.005)) / std::pow(10, 0.31 * i);
}

/// Of a pair of redshifts, for sources of a magnitude.
double redshift_density(double lens, double source, double source_i = 24) {
  if (source <= lens) return 0;
  const double to_lens = comoving(lens), efficiency = 1 - to_lens / comoving(source);
  return to_lens * to_lens / std::sqrt(0.3 * std::pow(1 + lens, 3) + 0.7) * source_density(source, source_i) * efficiency * efficiency;
}

/// Density of one variable, tabulated: integrated over the other, between two limits.
class Marginal {
 public:
  template <typename Density>
  Marginal(double min, double max, double other_min, double other_max, const Density& density) : min_{min}, max_{max} {
    for (int k = 0; k <= steps; ++k) {
      const double x = min + (max - min) * k / steps;
      double sum = 0;
      for (int j = 0; j < steps; ++j) sum += density(x, other_min + (other_max - other_min) * (j + 0.5) / steps);
      sums_.push_back(sum);
    }
  }

  double operator()(double x) const {
    const double at = std::min((x - min_) / (max_ - min_) * steps, steps - 1e-6), rest = at - std::floor(at);
    const auto k = static_cast<std::size_t>(at);
    return sums_[k] + rest * (sums_[k + 1] - sums_[k]);
  }

 private:
  static constexpr int steps = 100;
  double min_, max_;
  std::vector<double> sums_;
};

TEST(LensSample, PairsAreWeightedByTheAreaBehindTheLens) {
  std::vector<double> sigmas, z_lens, z_source, places;
  for (const LensSystem& lens : drawn(keeps_all(), 1500)) {
    sigmas.push_back(lens.deflector.sigma_km_s);
    z_lens.push_back(lens.deflector.z);
    z_source.push_back(lens.source.z);
    const render::Point beta = lens.source.light.centre_arcsec;
    places.push_back((beta.x * beta.x + beta.y * beta.y) / (lens.theta_e_arcsec * lens.theta_e_arcsec));
    // theta_E = 4 pi (sigma / c)^2 D_ls / D_s; the ratio of the two is 1 for every lens.
    const double ratio = lens.deflector.sigma_km_s / 299792.458, efficiency = 1 - comoving(lens.deflector.z) / comoving(lens.source.z);
    EXPECT_NEAR(lens.theta_e_arcsec / (4 * std::numbers::pi * ratio * ratio * efficiency * 648000 / std::numbers::pi), 1, 1e-3);
  }
  EXPECT_LT(test::kolmogorov_statistic(sigmas, test::CumulativeLaw{100, 400, dispersion_density}), test::kolmogorov_limit);
  // A round isothermal lens makes two images of what lies within theta_E.
  EXPECT_LT(test::kolmogorov_statistic(places, [](double area) { return area; }), test::kolmogorov_limit);
  EXPECT_LE(*std::max_element(places.begin(), places.end()), 1);
  const Marginal of_lens{0.05, 2, 0.05, 5, [](double lens, double source) { return redshift_density(lens, source); }};
  EXPECT_LT(test::kolmogorov_statistic(z_lens, test::CumulativeLaw{0.05, 2, of_lens}), test::kolmogorov_limit);
  const Marginal of_source{0.05, 5, 0.05, 2, [](double source, double lens) { return redshift_density(lens, source); }};
  EXPECT_LT(test::kolmogorov_statistic(z_source, test::CumulativeLaw{0.05, 5, of_source}), test::kolmogorov_limit);
}

// N(<i) ~ 10^(.31 i), and fainter sources are farther behind.
TEST(LensSample, SourcesAreAsManyAsTheCountsBehindTheLenses) {
  const auto behind = [](double i) {
    double sum = 0;
    for (double lens = 0.06; lens < 2; lens += 0.02) {
      for (double source = 0.05; source < 5; source += 0.05) sum += redshift_density(lens, source, i);
    }
    return sum;
  };
  const double bright = behind(22), middle = behind(23.5), faint = behind(25);
  const test::CumulativeLaw law{22, 25, [&](double i) {
                                  const double at = (i - 22) / 1.5;
                                  return std::pow(10, 0.31 * i) *
                                         (at < 1 ? bright + at * (middle - bright) : middle + (at - 1) * (faint - middle));
                                }};
  std::vector<double> magnitudes;
  for (const LensSystem& lens : drawn(keeps_all({"population.source_i_brightest=22", "population.source_i_faintest=25"}), 1500))
    magnitudes.push_back(lens.source.i);
  EXPECT_LT(test::kolmogorov_statistic(magnitudes, law), test::kolmogorov_limit);
}

TEST(LensSample, ShearsAreNormal) {
  std::vector<double> shears;
  for (const LensSystem& lens : drawn(keeps_all({"population.shear_scatter=0.04"}), 500))
    shears.insert(shears.end(), {lens.shear.gamma1, lens.shear.gamma2});
  EXPECT_LT(test::kolmogorov_statistic(shears, [](double g) { return 0.5 * std::erfc(-g / (0.04 * std::numbers::sqrt2)); }),
            test::kolmogorov_limit);
}

// Collett (2015): by one band at least.
TEST(LensSample, KeepsWhatIsBrightMagnifiedAndResolvedEnough) {
  Survey survey = find_survey("des", {std::filesystem::path{LENSFIND_SOURCE_DIR} / "surveys"});
  const population::GalaxySample galaxies{survey.population};
  const LensSample lenses{galaxies, survey};
  RandomStream random{7, Purpose::test};
  render::Renderer renderer;
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

// With the uniform law Einstein radii end neither at a galaxy's greatest dispersion nor anywhere else.
TEST(LensSample, UniformEinsteinRadiiReachThoseOfGroups) {
  const Survey survey = keeps_all({"population.einstein_radius_law=uniform", "population.theta_e_min_arcsec=1",
                                   "population.theta_e_max_arcsec=7", "population.group_abundance=1"});
  std::vector<double> radii;
  int wide_groups = 0, narrow_groups = 0, narrow = 0;
  for (const LensSystem& lens : drawn(survey, 600)) {
    radii.push_back(lens.theta_e_arcsec);
    const bool group = lens.group.sigma_km_s > 0;
    if (lens.theta_e_arcsec > 5) wide_groups += group ? 1 : 0;
    if (lens.theta_e_arcsec < 1.3) {
      ++narrow;
      narrow_groups += group ? 1 : 0;
    }
    if (group) {
      EXPECT_NEAR(render::einstein_radius(lens.scene.mass, {}, 40) / lens.theta_e_arcsec, 1, 0.12);
    }
  }
  EXPECT_LT(test::kolmogorov_statistic(radii, [](double theta) { return (theta - 1) / 6; }), test::kolmogorov_limit);
  EXPECT_GT(wide_groups, 120);
  EXPECT_LT(narrow_groups, narrow / 2);
}

// Of lenses of one Einstein radius, those are the most that need no rare dispersion: dV/dz n(z_s) phi(sigma) d sigma / d theta_E, with
// sigma = 161 km/s (theta_E / (0.747 arcsec D_ls / D_s))^(1/2). Without phi the median redshift would be .2 greater.
TEST(LensSample, ARadiusThatNeedsARareDispersionIsAsRare) {
  constexpr double theta = 2;
  const Survey survey =
      keeps_all({"population.einstein_radius_law=uniform", "population.theta_e_min_arcsec=1.999", "population.theta_e_max_arcsec=2.001"});
  const auto density = [](double lens, double source) {
    const double pair = redshift_density(lens, source);
    if (pair == 0) return 0.0;
    const double efficiency = 1 - comoving(lens) / comoving(source), ratio = std::sqrt(theta / (0.747 * efficiency));
    if (161 * ratio > 400) return 0.0;
    return pair / (efficiency * efficiency) * dispersion_density(161 * ratio) / std::pow(ratio, 3);
  };
  std::vector<double> z_lens, z_source;
  for (const LensSystem& lens : drawn(survey, 800)) {
    z_lens.push_back(lens.deflector.z);
    z_source.push_back(lens.source.z);
  }
  const Marginal of_lens{0.05, 2, 0.05, 5, density};
  EXPECT_LT(test::kolmogorov_statistic(z_lens, test::CumulativeLaw{0.05, 2, of_lens}), test::kolmogorov_limit);
  const Marginal of_source{0.05, 5, 0.05, 2, [&](double source, double lens) { return density(lens, source); }};
  EXPECT_LT(test::kolmogorov_statistic(z_source, test::CumulativeLaw{0.05, 5, of_source}), test::kolmogorov_limit);
}

// Treu et al. (2009): 17 +- 5% of the lenses of SLACS stand in groups or clusters that are known. Oguri (2006): most of those wider than
// 3 arcsec are groups.
TEST(LensSample, GroupsAreAsOftenAsTheirHalos) {
  const Survey survey = find_survey("lsst10", {std::filesystem::path{LENSFIND_SOURCE_DIR} / "surveys"});
  int groups = 0, wide = 0, wide_groups = 0;
  for (const LensSystem& lens : drawn(survey, 1500)) {
    const bool group = lens.group.sigma_km_s > 0;
    groups += group ? 1 : 0;
    if (lens.theta_e_arcsec < 3) continue;
    ++wide;
    wide_groups += group ? 1 : 0;
  }
  EXPECT_GT(groups, 0.07 * 1500);
  EXPECT_LT(groups, 0.27 * 1500);
  EXPECT_GT(wide_groups, 0.8 * wide);
}

}  // namespace
}  // namespace lensfind::simulate
