#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "lensfind/sky/frame.h"
#include "lensfind/sky/table.h"

namespace lensfind::sky {

/// Columns of longitude and latitude, and the system that their names tell of.
struct PositionPair {
  std::size_t ra = 0, dec = 0;
  Frame::System system = Frame::System::icrs;
};

/// Every pair of usual names that a table has, the surest first; where there is none, the only pair of other names (lens_ra, lens_dec).
std::vector<PositionPair> pairs_by_name(const std::vector<std::string>& columns);
/// The pair that the table says are its positions (UCD); nothing where it says so of none.
std::vector<PositionPair> pairs_by_meaning(const ColumnHeads& heads);

/// The first column of a bare name.
std::optional<std::size_t> find_bare(const std::vector<std::string>& bare_names, std::string_view name);

}  // namespace lensfind::sky
