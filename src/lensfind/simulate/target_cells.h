#pragma once

#include <cstdint>
#include <vector>

#include "lensfind/population/deflector_law.h"

namespace lensfind::simulate {

/// Redshift, velocity dispersion and absolute magnitude of galaxies by the deflectors' law, drawn only where a survey may have them as
/// targets: equal parts of the law in each of the three make cells, and those all of which is too bright or too faint are left out. What is
/// drawn may still be no target; among targets the law is the same. Immutable; draws from any thread.
class TargetCells {
 public:
  struct Galaxy {
    double z, sigma_km_s, absolute_r;
  };

  /// Targets lie between the population's lens_i_brightest and lens_i_faintest.
  TargetCells(const population::GalaxySample& galaxies, const population::DeflectorLaw& law);

  [[nodiscard]] std::size_t number() const { return cells_.size(); }
  /// One of a cell.
  [[nodiscard]] Galaxy draw_in(std::size_t cell, RandomStream& random) const;
  /// No galaxy of a cell is nearer.
  [[nodiscard]] double nearest(std::size_t cell) const;
  /// No galaxy of a cell has a greater velocity dispersion.
  [[nodiscard]] double greatest_sigma(std::size_t cell) const;
  /// Of all draws by the law, those that fall into the cells.
  [[nodiscard]] double fraction() const { return static_cast<double>(cells_.size()) / (redshifts * dispersions * magnitudes); }

 private:
  static constexpr int redshifts = 32, dispersions = 16, magnitudes = 16;
  [[nodiscard]] double absolute_r(double sigma_km_s, double scatters) const;

  const population::GalaxySample& galaxies_;
  const population::DeflectorLaw& law_;
  population::TabulatedDensity normal_;
  std::vector<std::uint16_t> cells_;
};

}  // namespace lensfind::simulate
