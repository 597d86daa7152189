#include "lensfind/inspect/unlike.h"

#include <algorithm>
#include <cmath>
#include <limits>

namespace lensfind::inspect {
namespace {

double squared_distance(std::span<const float> a, std::span<const float> b) {
  float sum = 0;
  for (std::size_t i = 0; i < a.size(); ++i) sum += (a[i] - b[i]) * (a[i] - b[i]);
  return static_cast<double>(sum);
}

}  // namespace

void standardise(std::span<float> features, std::size_t width) {
  const std::size_t rows = width == 0 ? 0 : features.size() / width;
  for (std::size_t column = 0; column < width; ++column) {
    double sum = 0, squares = 0;
    for (std::size_t row = 0; row < rows; ++row) sum += static_cast<double>(features[row * width + column]);
    const double mean = rows > 0 ? sum / static_cast<double>(rows) : 0;
    for (std::size_t row = 0; row < rows; ++row) squares += std::pow(static_cast<double>(features[row * width + column]) - mean, 2);
    const double std_dev = rows > 0 ? std::sqrt(squares / static_cast<double>(rows)) : 0;
    for (std::size_t row = 0; row < rows; ++row) {
      float& value = features[row * width + column];
      value = std_dev > 1e-12 * std::abs(mean) && std_dev > 0 ? static_cast<float>((static_cast<double>(value) - mean) / std_dev) : 0.F;
    }
  }
}

std::vector<std::size_t> farthest_first(std::span<const float> features, std::size_t width, std::span<const std::size_t> known,
                                        std::span<const std::size_t> candidates, std::size_t count) {
  const auto row = [&](std::size_t i) { return features.subspan(i * width, width); };
  std::vector<double> nearest(candidates.size(), std::numeric_limits<double>::infinity());
  const auto come_nearer = [&](std::span<const float> point) {
    for (std::size_t i = 0; i < candidates.size(); ++i) nearest[i] = std::min(nearest[i], squared_distance(row(candidates[i]), point));
  };
  for (const std::size_t i : known) come_nearer(row(i));
  if (known.empty() && !candidates.empty()) {
    std::vector<float> mean(width);
    for (const std::size_t i : candidates)
      for (std::size_t k = 0; k < width; ++k) mean[k] += row(i)[k] / static_cast<float>(candidates.size());
    come_nearer(mean);
  }
  std::vector<std::size_t> chosen;
  std::vector<bool> taken(candidates.size());
  while (chosen.size() < std::min(count, candidates.size())) {
    std::size_t best = candidates.size();
    for (std::size_t i = 0; i < candidates.size(); ++i)
      if (!taken[i] && (best == candidates.size() || nearest[i] > nearest[best])) best = i;
    taken[best] = true;
    // The mean stood in for what is known only until there is something.
    if (known.empty() && chosen.empty()) std::ranges::fill(nearest, std::numeric_limits<double>::infinity());
    chosen.push_back(candidates[best]);
    come_nearer(row(candidates[best]));
  }
  return chosen;
}

}  // namespace lensfind::inspect
