#pragma once

#include <string>
#include <vector>

namespace lensfind::dataset {

/// What bands are called that nothing names: g, r, i of three, else band1, band2, ...
std::vector<std::string> default_band_names(int bands);

}  // namespace lensfind::dataset
