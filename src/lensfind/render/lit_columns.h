#pragma once

#include <span>
#include <vector>

#include "lensfind/render/band_limits.h"
#include "lensfind/render/lattice.h"

namespace lensfind::render {

/// Where sources' light may be seen behind a mass: of the lattice's pixels in `columns` (a row; all sources without a picture), what lies
/// beyond holds less of it than the limits leave out. `cell`: pixels a side of the squares by which that is judged.
std::vector<ColumnSpan> lit_columns(const Lattice& lattice, const Mass& mass, const PreparedMass& prepared, std::span<const Light> sources,
                                    const BandLimits& limits, std::span<const ColumnSpan> columns, int cell);

/// Fills source_x and source_y of the pixels in `columns` and of those two or fewer pixels away.
void map_through(const PreparedMass& mass, std::span<const ColumnSpan> columns, Lattice& lattice);

}  // namespace lensfind::render
