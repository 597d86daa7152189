#pragma once

#include <vector>

#include "lensfind/population/galaxy_sample.h"

namespace lensfind::simulate {

/// Sources behind deflectors, drawn as often as they are by their law times the square of the greatest D_ls / D_s that their cell allows:
/// what remains to be refused is little. Cells are 0.1 mag and 0.02 in redshift; within one, the law of redshifts is taken level and that
/// of a magnitude at its middle. Deflectors' redshifts come in rows. Immutable; draws from any thread.
class SourceCells {
 public:
  struct Source {
    double i, z;
    double greatest_efficiency;  ///< D_ls / D_s of no such pair is greater
  };

  /// Sources of the population's counts, from source_i_brightest to source_i_faintest. Magnitudes at which the law of redshifts has none
  /// are left out. Throws Error where that is all.
  explicit SourceCells(const population::GalaxySample& galaxies);

  /// Of a deflector's redshift.
  [[nodiscard]] int row_of(double z) const;
  /// How many cells of redshift, counted from the farthest, may have D_ls / D_s of `efficiency` or more behind a row's deflectors.
  [[nodiscard]] int steps_beyond(int row, double efficiency) const;
  /// All cells of redshift: nothing is left out.
  [[nodiscard]] int all_steps() const { return static_cast<int>(farther_.size()); }
  /// The sum of (greatest D_ls / D_s)^2 over all sources in so many cells of redshift: 1 where all sources were infinitely far.
  [[nodiscard]] double weight(int row, int steps) const { return steps == 0 ? 0 : sums_of(row)[steps - 1]; }
  /// The greatest of all rows' weights.
  [[nodiscard]] double greatest_weight() const { return greatest_weight_; }
  /// One in the farthest `steps` cells of redshift, of which there is one or more.
  [[nodiscard]] Source draw(int row, int steps, RandomStream& random) const;

 private:
  [[nodiscard]] const float* sums_of(int row) const { return sums_.data() + static_cast<std::size_t>(row) * farther_.size(); }
  void tabulate_sources(const population::GalaxySample& galaxies);
  void tabulate_rows(const population::GalaxySample& galaxies);

  double source_count_slope_, source_z_max_, faintest_i_;
  double magnitude_step_ = 0, brightest_part_ = 0;  ///< of a cell of magnitude; the part of its numbers that are brighter
  int magnitudes_ = 0;
  double greatest_weight_ = 0;
  std::vector<double> farther_;      ///< a cell of redshift, the farthest first: part of all sources in it
  std::vector<float> by_magnitude_;  ///< (cells of redshift, cells of magnitude): cumulative, from the faintest on, up to 1
  std::vector<float> efficiency_;    ///< (rows, cells of redshift): the greatest; falls
  std::vector<float> sums_;          ///< (rows, cells of redshift): cumulative weights
};

}  // namespace lensfind::simulate
