#pragma once

#include <algorithm>
#include <vector>

#include "lensfind/base/namespace.h"

namespace lensfind::base {

/// The median of one value or more; of an even number of them the higher of the two in the middle.
inline double median(std::vector<double> values) {
  const auto middle = values.begin() + static_cast<std::ptrdiff_t>(values.size() / 2);
  std::nth_element(values.begin(), middle, values.end());
  return *middle;
}

}  // namespace lensfind::base
