#pragma once

#include <string>
#include <vector>

#include "lensfind/simulate/simulate.h"

namespace lensfind::simulate {

/// Which image of a set a row of truth.csv is about.
struct TruthKey {
  std::string id;
  Split split = Split::train;
  std::uint64_t seed = 0;
  std::int64_t index = 0;
};

/// The header line of truth.csv, with line end.
std::string truth_header(const std::vector<std::string>& bands);
/// A row, with line end. What does not apply is empty.
std::string truth_row(const TruthKey& key, const Truth& truth, std::size_t bands);

}  // namespace lensfind::simulate
