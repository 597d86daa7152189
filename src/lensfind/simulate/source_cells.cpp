#include "lensfind/simulate/source_cells.h"

#include <algorithm>
#include <cmath>

#include <fmt/format.h>

#include "lensfind/base/error.h"

namespace lensfind::simulate {
namespace {

constexpr double redshift_step = 0.02, row_step = 0.02, widest_magnitude = 0.1;
/// Of deflectors. Farther ones count as if they were as near as that.
constexpr int rows = 128;

}  // namespace

SourceCells::SourceCells(const population::GalaxySample& galaxies)
    : source_count_slope_{galaxies.population().source_count_slope},
      source_z_max_{galaxies.population().source_z_max},
      faintest_i_{galaxies.population().source_i_faintest} {
  const double wide = faintest_i_ - galaxies.population().source_i_brightest;
  magnitudes_ = std::max(1, static_cast<int>(std::ceil(wide / widest_magnitude)));
  magnitude_step_ = wide / magnitudes_;
  brightest_part_ = std::pow(10, -source_count_slope_ * magnitude_step_);
  tabulate_sources(galaxies);
  tabulate_rows(galaxies);
}

void SourceCells::tabulate_sources(const population::GalaxySample& galaxies) {
  const auto steps = static_cast<std::size_t>(std::ceil((source_z_max_ - population::GalaxySample::nearest_source) / redshift_step)),
             layers = static_cast<std::size_t>(magnitudes_);
  farther_.assign(steps, 0);
  by_magnitude_.assign(steps * layers, 0);
  std::vector<double> density(steps);
  double all = 0;
  for (std::size_t k = 0; k < layers; ++k) {
    const double faint = faintest_i_ - static_cast<double>(k) * magnitude_step_;
    const double number = std::pow(10, source_count_slope_ * (faint - faintest_i_)) * (1 - brightest_part_);
    double sum = 0;
    for (std::size_t j = 0; j < steps; ++j) {
      density[j] =
          galaxies.late_redshift_density(faint - 0.5 * magnitude_step_, source_z_max_ - (static_cast<double>(j) + 0.5) * redshift_step);
      sum += density[j];
    }
    all += number;
    for (std::size_t j = 0; j < steps; ++j) {
      if (sum > 0) farther_[j] += number * density[j] / sum;
      by_magnitude_[j * layers + k] = static_cast<float>(farther_[j]);
    }
  }
  if (std::ranges::all_of(farther_, [](double part) { return part == 0; })) {
    throw Error{fmt::format("no source of i = {} to {} has a redshift up to {}", galaxies.population().source_i_brightest, faintest_i_,
                            source_z_max_),
                "raise population.source_z_max, or look at source_z0 and source_z0_slope"};
  }
  for (std::size_t j = 0; j < steps; ++j) {
    for (std::size_t k = 0; farther_[j] > 0 && k < layers; ++k) by_magnitude_[j * layers + k] /= static_cast<float>(farther_[j]);
    farther_[j] /= all;
  }
}

void SourceCells::tabulate_rows(const population::GalaxySample& galaxies) {
  const std::size_t steps = farther_.size();
  for (int row = 0; row < rows; ++row) {
    double sum = 0;
    for (std::size_t j = 0; j < steps; ++j) {
      const double farthest = source_z_max_ - static_cast<double>(j) * redshift_step;
      // A little more than it is, for rounding.
      const double efficiency = (1 + 1e-6) * galaxies.cosmology().lensing_efficiency(row * row_step, farthest);
      sum += farther_[j] * efficiency * efficiency;
      efficiency_.push_back(static_cast<float>(efficiency));
      sums_.push_back(static_cast<float>(sum));
    }
    greatest_weight_ = std::max(greatest_weight_, static_cast<double>(sums_.back()));
  }
}

int SourceCells::row_of(double z) const { return std::clamp(static_cast<int>(z / row_step), 0, rows - 1); }

int SourceCells::steps_beyond(int row, double efficiency) const {
  const float* of_row = efficiency_.data() + static_cast<std::size_t>(row) * farther_.size();
  return static_cast<int>(std::partition_point(of_row, of_row + farther_.size(),
                                               [&](float here) { return static_cast<double>(here) >= efficiency && here > 0; }) -
                          of_row);
}

SourceCells::Source SourceCells::draw(int row, int steps, RandomStream& random) const {
  const float* sums = sums_of(row);
  const auto at = static_cast<float>(random.uniform() * static_cast<double>(sums[steps - 1]));
  const std::ptrdiff_t step = std::min<std::ptrdiff_t>(steps - 1, std::upper_bound(sums, sums + steps, at) - sums);
  const float* layers = by_magnitude_.data() + step * magnitudes_;
  const std::ptrdiff_t layer = std::min<std::ptrdiff_t>(
      magnitudes_ - 1, std::upper_bound(layers, layers + magnitudes_, static_cast<float>(random.uniform())) - layers);
  const double faint = faintest_i_ - static_cast<double>(layer) * magnitude_step_,
               farthest = source_z_max_ - static_cast<double>(step) * redshift_step;
  return {faint + std::log10(brightest_part_ + random.uniform() * (1 - brightest_part_)) / source_count_slope_,
          farthest - random.uniform() * redshift_step,
          static_cast<double>(efficiency_[static_cast<std::size_t>(row) * farther_.size() + static_cast<std::size_t>(step)])};
}

}  // namespace lensfind::simulate
