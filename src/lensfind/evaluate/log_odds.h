#pragma once

#include <cmath>

namespace lensfind::evaluate {

/// ln(p / (1 - p)) of a probability; infinite for 0 and 1.
inline double log_odds(double probability) { return std::log(probability / (1 - probability)); }

}  // namespace lensfind::evaluate
