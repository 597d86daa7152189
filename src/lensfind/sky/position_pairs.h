#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "lensfind/sky/table.h"

namespace lensfind::sky {

/// The system of coordinates that the names of columns tell. `stated`: the table says it elsewhere, or it is ICRS.
enum class NamedSystem { stated, b1950, galactic, ecliptic };

/// Columns of longitude and latitude.
struct PositionPair {
  std::size_t ra = 0, dec = 0;
  NamedSystem system = NamedSystem::stated;
};

/// Every pair of usual names that a table has, the surest first. Where there is none, the only pair of other names (lens_ra, lens_dec).
std::vector<PositionPair> pairs_by_name(const std::vector<std::string>& columns);
/// The pair that the table says holds its positions (UCD). Nothing where it names none.
std::vector<PositionPair> pairs_by_meaning(const ColumnHeads& heads);

/// The first column whose bare name this is.
std::optional<std::size_t> find_bare(const std::vector<std::string>& bare_names, std::string_view name);

}  // namespace lensfind::sky
