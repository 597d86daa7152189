#include "lensfind/simulate/pair_cells.h"

#include <cmath>

#include <gtest/gtest.h>

#include "lensfind/base/error.h"
#include "lensfind/testing/kolmogorov.h"

namespace lensfind::simulate {
namespace {

/// Smirnov's statistic of two samples of one size.
double smirnov_statistic(const std::vector<double>& a, const std::vector<double>& b) {
  std::vector<double> sorted = b;
  std::sort(sorted.begin(), sorted.end());
  const auto below = [&](double x) {
    return static_cast<double>(std::upper_bound(sorted.begin(), sorted.end(), x) - sorted.begin()) / static_cast<double>(sorted.size());
  };
  return test::kolmogorov_statistic(a, below) / std::sqrt(2.0);
}

struct Sources {
  std::vector<double> i, z;
};

// Behind deflectors at one redshift, cells and the law itself give the same magnitudes and redshifts once each pair is kept with a chance
// of (D_ls / D_s)^2; and of the law's sources as many are kept as the cells' weight says.
TEST(SourceCells, HoldTheLawsSources) {
  const population::Population p;
  const population::GalaxySample galaxies{p};
  const SourceCells cells{galaxies};
  RandomStream random{5, Purpose::test};
  const double z = 0.617;
  const auto kept = [&](double source_z, double greatest) {
    const double part = galaxies.cosmology().lensing_efficiency(z, source_z) / greatest;
    EXPECT_LE(part, 1);
    return random.chance(part * part);
  };
  constexpr int number = 4000;
  Sources by_law, by_cells;
  double draws_by_law = 0, draws_by_cells = 0;
  while (by_law.i.size() < number) {
    ++draws_by_law;
    const double i = galaxies.counted_magnitude(p.source_i_brightest, p.source_i_faintest, p.source_count_slope, random),
                 source_z = galaxies.late_redshift(i, random);
    if (!kept(source_z, 1)) continue;
    by_law.i.push_back(i);
    by_law.z.push_back(source_z);
  }
  const int row = cells.row_of(z);
  while (by_cells.i.size() < number) {
    ++draws_by_cells;
    const SourceCells::Source source = cells.draw(row, cells.all_steps(), random);
    if (!kept(source.z, source.greatest_efficiency)) continue;
    by_cells.i.push_back(source.i);
    by_cells.z.push_back(source.z);
  }
  EXPECT_LT(smirnov_statistic(by_cells.i, by_law.i), test::kolmogorov_limit);
  EXPECT_LT(smirnov_statistic(by_cells.z, by_law.z), test::kolmogorov_limit);
  EXPECT_NEAR(cells.weight(row, cells.all_steps()) * draws_by_law / draws_by_cells, 1, 4 * std::sqrt(2.0 / number));
  EXPECT_GT(number / draws_by_cells, 0.8) << "little is refused";
}

// The steps that an efficiency leaves are those whose sources may have it.
TEST(SourceCells, LeaveOutWhatIsTooNear) {
  const population::GalaxySample galaxies{population::Population{}};
  const SourceCells cells{galaxies};
  RandomStream random{6, Purpose::test};
  const int row = cells.row_of(0.5);
  for (const double least : {0.2, 0.5, 0.7}) {
    const int steps = cells.steps_beyond(row, least);
    ASSERT_GT(steps, 0);
    double nearest = 100;
    for (int k = 0; k < 2000; ++k) nearest = std::min(nearest, cells.draw(row, steps, random).z);
    // Rows and cells are 0.02 wide.
    EXPECT_GT(galaxies.cosmology().lensing_efficiency(0.5, nearest + 0.05), least);
    EXPECT_LT(galaxies.cosmology().lensing_efficiency(0.5, nearest - 0.2), least);
  }
  EXPECT_EQ(cells.steps_beyond(row, 1.01), 0);
}

/// z0 grows so fast with i that sources of i = 22.4 to 22.8 or so are all beyond z = .6, brighter and fainter ones are not.
population::Population without_middle() {
  population::Population p;
  p.source_z0_slope = 0.2;
  p.source_z0 = -4.1;
  p.source_i_brightest = 21;
  p.source_i_faintest = 25;
  p.source_z_max = 0.6;
  return p;
}

// Of sources infinitely far behind their deflector as many are fainter than that gap as the counts say.
TEST(SourceCells, LeaveOutMagnitudesOfWhichThereIsNoSource) {
  const population::Population p = without_middle();
  const population::GalaxySample galaxies{p};
  const auto has_sources = [&](double i) {
    for (double z = 0.02; z < p.source_z_max; z += 0.001) {
      if (galaxies.late_redshift_density(i, z) > 0) return true;
    }
    return false;
  };
  double brightest_of_none = 0, faintest_of_none = 0, counted = 0, faint_counted = 0;
  for (double i = p.source_i_brightest + 0.0005; i < p.source_i_faintest; i += 0.001) {
    const double number = std::pow(10, p.source_count_slope * (i - 25));
    if (has_sources(i)) {
      counted += number;
      if (faintest_of_none > 0) faint_counted += number;
    } else {
      if (brightest_of_none == 0) brightest_of_none = i;
      faintest_of_none = i;
    }
  }
  ASSERT_GT(faintest_of_none - brightest_of_none, 0.4);
  const SourceCells cells{galaxies};
  RandomStream random{8, Purpose::test};
  constexpr int number = 10'000;
  int faint = 0;
  for (int k = 0; k < number; ++k) {
    const double i = cells.draw(0, cells.all_steps(), random).i;
    EXPECT_FALSE(i > brightest_of_none + 0.1 && i < faintest_of_none - 0.1) << i;
    faint += i > faintest_of_none - 0.1 ? 1 : 0;
  }
  // Cells of .1 mag.
  EXPECT_NEAR(1.0 * faint / number, faint_counted / counted, 0.03);
}

TEST(SourceCells, SayThatThereAreNoSourcesAtAll) {
  population::Population p = without_middle();
  p.source_i_brightest = 22.5;
  p.source_i_faintest = 22.7;
  p.source_z_max = 0.4;
  EXPECT_THROW(SourceCells{population::GalaxySample{p}}, Error);
}

// Pairs above a least Einstein radius are as many and as massive from the cells that may hold them as from all.
TEST(PairCells, HoldAllPairsAboveTheirLimit) {
  population::Population p;
  const population::GalaxySample galaxies{p};
  const population::DeflectorLaw law{galaxies};
  const TargetCells targets{galaxies, law};
  const SourceCells sources{galaxies};
  constexpr double least = 0.6;
  const PairCells pairs{targets, sources, least};
  EXPECT_LE(pairs.level_of(least).least_radius_arcsec, least);
  EXPECT_GT(pairs.level_of(least).least_radius_arcsec, 0.85 * least);
  EXPECT_EQ(pairs.level_of(0).least_radius_arcsec, 0);
  RandomStream random{7, Purpose::test};
  std::vector<double> radii[2];
  double draws[2] = {0, 0};
  const double limits[2] = {least, 0};
  constexpr int number = 30'000;
  for (int k = 0; k < 2; ++k) {
    const PairCells::Level& level = pairs.level_of(limits[k]);
    while (radii[k].size() < number) {
      ++draws[k];
      const auto [galaxy, source] = pairs.draw(level, random);
      const double efficiency = galaxies.cosmology().lensing_efficiency(galaxy.z, source.z), part = efficiency / source.greatest_efficiency;
      const double radius = population::einstein_radius_arcsec(galaxy.sigma_km_s, efficiency);
      if (random.chance(part * part) && radius > least) radii[k].push_back(radius);
    }
    draws[k] /= level.weight;
  }
  EXPECT_LT(smirnov_statistic(radii[0], radii[1]), test::kolmogorov_limit);
  EXPECT_NEAR(draws[0] / draws[1], 1, 4 * std::sqrt(2.0 / number));
}

}  // namespace
}  // namespace lensfind::simulate
