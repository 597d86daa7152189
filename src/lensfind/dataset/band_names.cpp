#include "lensfind/dataset/band_names.h"

#include <fmt/format.h>

namespace lensfind::dataset {

std::vector<std::string> default_band_names(int bands) {
  if (bands == 3) return {"g", "r", "i"};
  std::vector<std::string> names;
  for (int b = 1; b <= bands; ++b) names.push_back(fmt::format("band{}", b));
  return names;
}

}  // namespace lensfind::dataset
