#pragma once

#include <string>
#include <vector>

#include "lensfind/report/report.h"

namespace lensfind::report {

/// A table of mean and standard deviation over each recipe's runs; empty where no recipe has more than one.
std::string seeds_html(const std::vector<RecipeRuns>& recipes);

}  // namespace lensfind::report
