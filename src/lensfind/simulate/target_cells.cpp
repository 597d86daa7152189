#include "lensfind/simulate/target_cells.h"

#include <algorithm>
#include <cmath>

namespace lensfind::simulate {
namespace {

/// Of an interval that holds values.
struct Range {
  double min, max;
};

/// The i magnitude of absolute magnitude 0 between two redshifts: it changes its slope only where the table of early types has a row.
Range brightness_between(const population::GalaxySample& galaxies, double from, double to) {
  const double first = galaxies.early_i(0, from), last = galaxies.early_i(0, to);
  Range out{std::min(first, last), std::max(first, last)};
  for (const double z : galaxies.population().early_z) {
    if (z <= from || z >= to) continue;
    const double here = galaxies.early_i(0, z);
    out = {std::min(out.min, here), std::max(out.max, here)};
  }
  return out;
}

}  // namespace

TargetCells::TargetCells(const population::GalaxySample& galaxies, const population::DeflectorLaw& law)
    : galaxies_{galaxies}, law_{law}, normal_{-7, 7, [](double x) { return std::exp(-0.5 * x * x); }, 4000} {
  const population::Population& p = galaxies.population();
  const auto may_be_targets = [&](int row, int column, int layer) {
    const Range zero =
        brightness_between(galaxies, law.galaxy_redshift_at(1.0 * row / redshifts), law.galaxy_redshift_at((row + 1.0) / redshifts));
    Range absolute{1e9, -1e9};
    for (const int right : {0, 1}) {
      for (const int above : {0, 1}) {
        const double here = absolute_r(law.galaxy_dispersion_at((column + right) / (1.0 * dispersions)),
                                       normal_.quantile((layer + above) / (1.0 * magnitudes)));
        absolute = {std::min(absolute.min, here), std::max(absolute.max, here)};
      }
    }
    return zero.max + absolute.max > p.lens_i_brightest && zero.min + absolute.min < p.lens_i_faintest;
  };
  for (int row = 0; row < redshifts; ++row) {
    for (int column = 0; column < dispersions; ++column) {
      for (int layer = 0; layer < magnitudes; ++layer) {
        if (may_be_targets(row, column, layer))
          cells_.push_back(static_cast<std::uint16_t>((row * dispersions + column) * magnitudes + layer));
      }
    }
  }
  // Where none is a target, whoever draws in vain says so.
  if (cells_.empty()) cells_.push_back(0);
}

double TargetCells::absolute_r(double sigma_km_s, double scatters) const {
  return galaxies_.mean_early_absolute_r(sigma_km_s) + scatters * galaxies_.population().lens_magnitude_scatter;
}

TargetCells::Galaxy TargetCells::draw_in(std::size_t number, RandomStream& random) const {
  const int cell = cells_[number];
  const int layer = cell % magnitudes, column = cell / magnitudes % dispersions, row = cell / magnitudes / dispersions;
  const double z = law_.galaxy_redshift_at((row + random.uniform()) / redshifts),
               sigma = law_.galaxy_dispersion_at((column + random.uniform()) / dispersions);
  return {z, sigma, absolute_r(sigma, normal_.quantile((layer + random.uniform()) / magnitudes))};
}

double TargetCells::nearest(std::size_t cell) const {
  return law_.galaxy_redshift_at(1.0 * (cells_[cell] / magnitudes / dispersions) / redshifts);
}

double TargetCells::greatest_sigma(std::size_t cell) const {
  return law_.galaxy_dispersion_at((cells_[cell] / magnitudes % dispersions + 1.0) / dispersions);
}

}  // namespace lensfind::simulate
