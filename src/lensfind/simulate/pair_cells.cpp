#include "lensfind/simulate/pair_cells.h"

#include <algorithm>
#include <cmath>

namespace lensfind::simulate {

PairCells::PairCells(const TargetCells& targets, const SourceCells& sources, double least_radius_arcsec)
    : targets_{targets}, sources_{sources} {
  for (std::size_t cell = 0; cell < targets.number(); ++cell) rows_.push_back(sources.row_of(targets.nearest(cell)));
  if (least_radius_arcsec > 0) {
    // Seeing varies: from half as much again to half as much.
    for (double times = 1.5; times > 0.5; times *= 0.9) levels_.push_back(level(times * least_radius_arcsec));
  }
  levels_.push_back(level(0));
}

PairCells::Level PairCells::level(double least_radius_arcsec) const {
  Level out{.least_radius_arcsec = least_radius_arcsec, .weight = 0, .sums = {}, .guide = {}, .steps = {}};
  double sum = 0;
  for (std::size_t cell = 0; cell < rows_.size(); ++cell) {
    const double greatest = population::einstein_radius_arcsec(targets_.greatest_sigma(cell), 1);
    const int steps = sources_.steps_beyond(rows_[cell], least_radius_arcsec / greatest);
    sum += sources_.weight(rows_[cell], steps);
    out.sums.push_back(sum);
    out.steps.push_back(static_cast<short>(steps));
  }
  out.weight = sum / static_cast<double>(rows_.size());
  const auto cells = static_cast<std::ptrdiff_t>(rows_.size());
  for (std::ptrdiff_t k = 0; k < cells; ++k) {
    const double at = sum * static_cast<double>(k) / static_cast<double>(cells);
    out.guide.push_back(static_cast<int>(std::upper_bound(out.sums.begin(), out.sums.end() - 1, at) - out.sums.begin()));
  }
  return out;
}

const PairCells::Level& PairCells::level_of(double least_radius_arcsec) const {
  return *std::ranges::find_if(levels_, [&](const Level& level) { return level.least_radius_arcsec <= least_radius_arcsec; });
}

PairCells::Pair PairCells::draw(const Level& level, RandomStream& random) const {
  const double u = random.uniform();
  auto cell = static_cast<std::size_t>(level.guide[static_cast<std::size_t>(u * static_cast<double>(level.guide.size()))]);
  while (level.sums[cell] <= u * level.sums.back() && cell + 1 < level.sums.size()) ++cell;
  const TargetCells::Galaxy galaxy = targets_.draw_in(cell, random);
  return {galaxy, sources_.draw(rows_[cell], std::max<int>(1, level.steps[cell]), random)};
}

}  // namespace lensfind::simulate
