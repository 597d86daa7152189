#include "lensfind/population/galaxy_sample.h"

#include <algorithm>
#include <cmath>
#include <filesystem>
#include <functional>
#include <numbers>

#include <gtest/gtest.h>

#include "lensfind/base/csv.h"
#include "lensfind/base/error.h"
#include "lensfind/base/value.h"
#include "lensfind/testing/kolmogorov.h"

namespace lensfind::population {
namespace {

/// Colours are those of the tables alone, and sources are of one type.
Population without_scatter(std::vector<double> type_fractions) {
  Population out;
  out.lens_colour_scatter = out.lens_colour_offset = out.source_colour_scatter = 0;
  out.source_type_fractions = std::move(type_fractions);
  return out;
}

std::vector<double> drawn(int number, const std::function<double()>& draw) {
  std::vector<double> out;
  for (int k = 0; k < number; ++k) out.push_back(draw());
  return out;
}

/// Of 1 - x, where x has Rayleigh's distribution and 1 - x is at least `least`.
auto axis_ratio_law(double scale, double min) {
  const auto within = [scale](double x) { return 1 - std::exp(-x * x / (2 * scale * scale)); };
  return [=](double q) { return 1 - within(1 - q) / within(1 - min); };
}

auto normal_law(double mean, double std_dev) {
  return [=](double x) { return 0.5 * std::erfc((mean - x) / (std_dev * std::numbers::sqrt2)); };
}

TEST(GalaxySample, FlatSpectraHaveOneMagnitude) {
  for (const char* band : {"g", "r", "i", "z", "VIS", "Y", "J", "H"}) EXPECT_DOUBLE_EQ(magnitude(band, 20, {}), 20) << band;
  EXPECT_THROW((void)magnitude("K", 20, {}), Error);
}

// Differences of neighbouring bands at the tables' redshifts as tests/reference/near_infrared_colours.py prints them; optical ones from the
// sources named in population.h.
TEST(GalaxySample, EarlyTypesHaveTheColoursOfTheirRedshift) {
  const GalaxySample galaxies{without_scatter({1, 0, 0})};
  RandomStream random{1, Purpose::test};
  const EarlyType galaxy = galaxies.early_type(220, 0.5, random);
  const auto m = [&](const char* band) { return magnitude(band, galaxy.i, galaxy.colours); };
  EXPECT_NEAR(m("g") - m("r"), 1.63, 1e-9);
  EXPECT_NEAR(m("r") - m("i"), 0.95, 1e-9);
  EXPECT_NEAR(m("i") - m("z"), 0.40, 1e-9);
  EXPECT_NEAR(m("z") - m("Y"), 0.30, 1e-9);
  EXPECT_NEAR(m("Y") - m("J"), 0.39, 1e-9);
  EXPECT_NEAR(m("J") - m("H"), 0.33, 1e-9);
  // An early type's VIS lies between its r and its z, on i's red side.
  EXPECT_GT(m("VIS"), m("z"));
  EXPECT_LT(m("VIS"), m("r"));
}

TEST(GalaxySample, LateTypesHaveTheColoursOfTheirTypeAndRedshift) {
  RandomStream random{1, Purpose::test};
  const auto j_h = [&](const std::vector<double>& fractions, double z) {
    return GalaxySample{without_scatter(fractions)}.late_type(24, z, random).colours.j_h;
  };
  EXPECT_NEAR(j_h({1, 0, 0}, 3), 0.55, 1e-9);
  EXPECT_NEAR(j_h({0, 1, 0}, 3), 0.66, 1e-9);
  EXPECT_NEAR(j_h({0, 0, 1}, 3), 0.95, 1e-9);
  EXPECT_NEAR(j_h({0, 0, 1}, 1.75), 0.5 * (0.29 + 0.38), 1e-9);
}

// Yuan et al. (2015), Table 1 at [Fe/H] = -0.5: r-i and i-z at g-i = 0.6 (g-r = 0.448) and 1.05 (0.776).
TEST(GalaxySample, StarsLieOnTheMainSequence) {
  RandomStream random{5, Purpose::test};
  int blue = 0;
  for (int k = 0; k < 1000; ++k) {
    const Colours star = draw_star_colours(random);
    EXPECT_GE(star.r_i, 0) << star.g_r;
    if (star.g_r > 0.448 && star.g_r < 0.776) {
      ++blue;
      const double along = (star.g_r - 0.448) / (0.776 - 0.448);
      EXPECT_NEAR(star.r_i, 0.152 + along * (0.274 - 0.152), 0.015) << star.g_r;
      EXPECT_NEAR(star.i_z, 0.049 + along * (0.141 - 0.049), 0.015) << star.g_r;
    }
    if (star.g_r > 1.2) {
      EXPECT_GE(star.r_i, 0.45);
    }
  }
  EXPECT_GT(blue, 200);
}

// The tables of Rykoff et al. (2014) and of the templates of Kinney et al. (1996) and Coleman et al. (1980) as lensfind's design lists
// them, below z = 0.5 and above 1 as tests/reference/optical_colours.py computes them.
TEST(GalaxySample, OpticalColoursAreTheTables) {
  CsvReader table{std::filesystem::path{LENSFIND_SOURCE_DIR} / "tests" / "reference" / "galaxy_colours.csv"};
  const std::vector<std::string> late_types = {"starburst", "irregular", "scd"};
  RandomStream random{1, Purpose::test};
  int rows = 0;
  for (; table.next(); ++rows) {
    const auto number = [&](const std::string& column) { return *parse_number(table[table.column(column)]); };
    const std::string type{table[table.column("type")]};
    std::vector<double> fractions(3);
    const auto late = std::find(late_types.begin(), late_types.end(), type) - late_types.begin();
    fractions[static_cast<std::size_t>(late % 3)] = 1;
    const GalaxySample galaxies{without_scatter(fractions)};
    const Colours colours =
        type == "early" ? galaxies.early_type(200, number("z"), random).colours : galaxies.late_type(24, number("z"), random).colours;
    EXPECT_NEAR(colours.g_r, number("g_r"), 1e-9) << type << " " << number("z");
    EXPECT_NEAR(colours.r_i, number("r_i"), 1e-9) << type << " " << number("z");
    EXPECT_NEAR(colours.i_z, number("i_z"), 1e-9) << type << " " << number("z");
  }
  EXPECT_EQ(rows, 52);
}

// Numbers of tests/reference/galaxies.py.
TEST(GalaxySample, MagnitudesAndSizesFollowTheirRelations) {
  Population population;
  population.lens_magnitude_scatter = population.lens_size_scatter_dex = population.source_size_scatter_dex = 0;
  const GalaxySample galaxies{population};
  RandomStream random{1, Purpose::test};
  const EarlyType massive = galaxies.early_type(250, 0.5, random), light = galaxies.early_type(150, 0.2, random);
  EXPECT_NEAR(massive.i, 18.950282, 1e-5);
  EXPECT_NEAR(massive.light.effective_radius_arcsec, 0.650899, 1e-5);
  EXPECT_NEAR(light.i, 18.824400, 1e-5);
  EXPECT_NEAR(light.light.effective_radius_arcsec, 0.712255, 1e-5);
  const render::Sersic faint = galaxies.late_type(24, 1, random).light, bright = galaxies.late_type(22, 2, random).light;
  EXPECT_NEAR(faint.effective_radius_arcsec / std::sqrt(faint.axis_ratio), 0.345883, 1e-5);
  EXPECT_NEAR(bright.effective_radius_arcsec / std::sqrt(bright.axis_ratio), 0.487892, 1e-5);
}

TEST(GalaxySample, ScatterAndShapesHaveTheirLaws) {
  const GalaxySample galaxies{Population{}};
  RandomStream random{2, Purpose::test};
  std::vector<double> magnitude, size, early_q, turn, slope, late_size, late_q, index;
  for (int k = 0; k < 4000; ++k) {
    const EarlyType early = galaxies.early_type(250, 0.5, random);
    // The size goes with the magnitude, which stands in `i`.
    magnitude.push_back(early.i);
    size.push_back(std::log10(early.light.effective_radius_arcsec / 0.650899) + 0.35 * (early.i - 18.950282));
    early_q.push_back(early.mass.axis_ratio);
    turn.push_back((early.light.angle_rad - early.mass.angle_rad) * 180 / std::numbers::pi);
    slope.push_back(early.mass.slope);
    const render::Sersic late = galaxies.late_type(24, 1, random).light;
    late_size.push_back(std::log10(late.effective_radius_arcsec / std::sqrt(late.axis_ratio) / 0.345883));
    late_q.push_back(late.axis_ratio);
    index.push_back(late.index);
  }
  EXPECT_LT(test::kolmogorov_statistic(magnitude, normal_law(18.950282, 0.5)), test::kolmogorov_limit);
  EXPECT_LT(test::kolmogorov_statistic(size, normal_law(0, 0.11)), test::kolmogorov_limit);
  EXPECT_LT(test::kolmogorov_statistic(early_q, axis_ratio_law(0.378 - 0.000572 * 250, 0.2)), test::kolmogorov_limit);
  EXPECT_LT(test::kolmogorov_statistic(turn, normal_law(0, 10)), test::kolmogorov_limit);
  EXPECT_LT(test::kolmogorov_statistic(slope, normal_law(2, 0.1)), test::kolmogorov_limit);
  EXPECT_LT(test::kolmogorov_statistic(late_size, normal_law(0, 0.17)), test::kolmogorov_limit);
  EXPECT_LT(test::kolmogorov_statistic(late_q, axis_ratio_law(0.3, 0.15)), test::kolmogorov_limit);
  EXPECT_LT(test::kolmogorov_statistic(index, [](double n) { return (n - 0.5) / 1.5; }), test::kolmogorov_limit);
}

// Choi et al. (2007); no target is too bright or too faint.
TEST(GalaxySample, DispersionsAreThoseOfTheVelocityDispersionFunction) {
  Population population;
  population.lens_i_brightest = -50;
  const GalaxySample galaxies{population};
  RandomStream random{3, Purpose::test};
  const test::CumulativeLaw law{100, 400,
                                [](double sigma) { return std::pow(sigma / 161, 1.32) * std::exp(-std::pow(sigma / 161, 2.67)); }};
  const auto sigmas = drawn(4000, [&] { return galaxies.selected_early_type(60, random).sigma_km_s; });
  EXPECT_LT(test::kolmogorov_statistic(sigmas, law), test::kolmogorov_limit);
}

// LSST Science Book (2009): N(<i) ~ 10^(0.31 i); of all galaxies brighter than i n(z) ~ z^2 exp(-z / z0), z0 linear in i. Those of i
// are the difference of the galaxies brighter than i + .005 and those brighter than i - .005.
TEST(GalaxySample, CountsAndRedshiftsOfSourcesHaveTheirLaws) {
  const GalaxySample galaxies{Population{}};
  RandomStream random{4, Purpose::test};
  const auto magnitudes = drawn(4000, [&] { return galaxies.counted_magnitude(21, 26, 0.31, random); });
  EXPECT_LT(test::kolmogorov_statistic(magnitudes, test::CumulativeLaw{21, 26, [](double i) { return std::pow(10, 0.31 * i); }}),
            test::kolmogorov_limit);
  const auto brighter = [](double i, double z) {
    const double z0 = 0.05 * i - 0.886;
    return std::pow(10, 0.31 * i) * z * z * std::exp(-z / z0) / (z0 * z0 * z0);
  };
  for (const double i : {21.0, 23.0, 25.0, 27.0}) {
    const auto redshifts = drawn(4000, [&] { return galaxies.late_redshift(i, random); });
    const test::CumulativeLaw law{0.02, 5, [&](double z) { return std::max(0.0, brighter(i + 0.005, z) - brighter(i - 0.005, z)); }};
    EXPECT_LT(test::kolmogorov_statistic(redshifts, law), test::kolmogorov_limit) << i;
  }
}

// Counts of the nearest galaxies are those of Euclidean space: each magnitude is a factor of 10^.2 in distance.
TEST(GalaxySample, BrightGalaxiesAreNear) {
  const GalaxySample galaxies{Population{}};
  RandomStream random{5, Purpose::test};
  const auto median = [&](double i) {
    auto redshifts = drawn(4001, [&] { return galaxies.late_redshift(i, random); });
    std::nth_element(redshifts.begin(), redshifts.begin() + 2000, redshifts.end());
    return redshifts[2000];
  };
  EXPECT_NEAR(median(17) / median(19), std::pow(10, -0.4), 0.025);
}

// Medians of lenses_LSSTa.txt of LensPop (Collett 2015) at z of .42 to .48 and within 6 km/s.
TEST(GalaxySample, DeflectorsAreAsBrightAndAsLargeAsTheForecasts) {
  const GalaxySample galaxies{Population{}};
  RandomStream random{6, Purpose::test};
  struct Deflector {
    double sigma, i, radius_arcsec;
  };
  for (const Deflector& known : {Deflector{230, 19.13, 0.60}, {280, 18.17, 0.81}, {330, 17.26, 1.01}}) {
    double i = 0, log_radius = 0;
    constexpr int number = 2000;
    for (int k = 0; k < number; ++k) {
      const EarlyType galaxy = galaxies.early_type(known.sigma, 0.45, random);
      i += galaxy.i / number;
      log_radius += std::log10(galaxy.light.effective_radius_arcsec) / number;
    }
    EXPECT_NEAR(i, known.i, 0.25) << known.sigma;
    EXPECT_NEAR(log_radius, std::log10(known.radius_arcsec), 0.03) << known.sigma;
  }
}

}  // namespace
}  // namespace lensfind::population
