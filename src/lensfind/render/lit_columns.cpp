#include "lensfind/render/lit_columns.h"

#include <algorithm>

#include "lensfind/render/coarse_cells.h"
#include "lensfind/render/light_samples.h"

namespace lensfind::render {
namespace {

/// What holds the spans of the rows up to `away` from one.
ColumnSpan around(std::span<const ColumnSpan> rows, int row, int away) {
  const int count = static_cast<int>(rows.size());
  ColumnSpan out{count, 0};
  for (int near = std::max(0, row - away); near < std::min(count, row + away + 1); ++near) {
    const ColumnSpan here = rows[static_cast<std::size_t>(near)];
    if (here.first < here.end) out = {std::min(out.first, here.first), std::max(out.end, here.end)};
  }
  return out;
}

}  // namespace

std::vector<ColumnSpan> lit_columns(const Lattice& lattice, const Mass& mass, const PreparedMass& prepared, std::span<const Light> sources,
                                    const BandLimits& limits, std::span<const ColumnSpan> columns, int cell) {
  const int side = lattice.x.side, cells = (side + cell - 1) / cell;
  const auto pixel = static_cast<double>(lattice.pixel), corner = -0.5 * pixel * side;
  CoarseCells seen{mass, prepared, {{corner, corner}, pixel * cell, cells}, 0};
  seen.allow_for_curvature(mass);
  for (const Light& light : sources) {
    const Point reach = reach_of(prepare(light.profile, arcs_limit(limits.of(light).negligible, lattice.pixel)));
    seen.mark(light.profile.centre_arcsec, reach.x, reach.y);
  }
  std::vector<ColumnSpan> out(columns.begin(), columns.end());
  for (int row = 0; row < side; ++row) {
    const ColumnSpan marked = seen.marked_in(row / cell);
    ColumnSpan& here = out[static_cast<std::size_t>(row)];
    here = {std::max(here.first, marked.first * cell), std::min(here.end, marked.end * cell)};
  }
  return out;
}

void map_through(const PreparedMass& mass, std::span<const ColumnSpan> columns, Lattice& lattice) {
  constexpr int away = 2;
  for (int row = 0; row < lattice.x.side; ++row) {
    const ColumnSpan here = around(columns, row, away);
    if (here.first >= here.end) continue;
    const auto first = static_cast<std::size_t>(std::max(0, here.first - away)) / kernel_block * kernel_block,
               count = std::min(lattice.x.stride, padded(static_cast<std::size_t>(here.end + away))) - first;
    map_to_source(mass, lattice.x.row(row).subspan(first, count), lattice.y.row(row).subspan(first, count),
                  lattice.source_x.row(row).subspan(first, count), lattice.source_y.row(row).subspan(first, count));
  }
}

}  // namespace lensfind::render
