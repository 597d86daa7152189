#include "lensfind/inspect/zscale.h"

#include <algorithm>
#include <cmath>
#include <vector>

namespace lensfind::inspect {
namespace {

constexpr double contrast = .25, rejection = 2.5, max_rejected = .5;
constexpr std::size_t max_samples = 1000, min_pixels = 5;
constexpr int zscale_rounds = 5;

std::vector<double> sorted_samples(std::span<const float> values) {
  std::vector<double> finite;
  for (const float value : values)
    if (std::isfinite(value)) finite.push_back(static_cast<double>(value));
  const auto stride = std::max<std::size_t>(1, finite.size() / max_samples);
  std::vector<double> samples;
  for (std::size_t i = 0; i < finite.size() && samples.size() < max_samples; i += stride) samples.push_back(finite[i]);
  std::ranges::sort(samples);
  return samples;
}

struct Line {
  double slope = 0, intercept = 0;
};

/// Least squares through the samples that are not bad, against their ranks.
Line line_through(const std::vector<double>& samples, const std::vector<bool>& bad) {
  double n = 0, x = 0, y = 0, xx = 0, xy = 0;
  for (std::size_t i = 0; i < samples.size(); ++i) {
    if (bad[i]) continue;
    const auto rank = static_cast<double>(i);
    ++n;
    x += rank;
    y += samples[i];
    xx += rank * rank;
    xy += rank * samples[i];
  }
  const double slope = (n * xy - x * y) / (n * xx - x * x);
  return {slope, (y - slope * x) / n};
}

/// Marks samples far from the line; those beside each other go together. Returns how many are good.
std::size_t reject(const std::vector<double>& samples, const Line& line, std::vector<bool>& bad, std::size_t grow) {
  std::vector<double> distance;
  double n = 0, sum = 0, squares = 0;
  for (std::size_t i = 0; i < samples.size(); ++i) {
    distance.push_back(samples[i] - (line.intercept + line.slope * static_cast<double>(i)));
    if (bad[i]) continue;
    ++n;
    sum += distance[i];
    squares += distance[i] * distance[i];
  }
  const double limit = rejection * std::sqrt(std::max(squares / n - sum / n * (sum / n), 0.0));
  std::vector<bool> far(samples.size());
  for (std::size_t i = 0; i < samples.size(); ++i) far[i] = bad[i] || std::abs(distance[i]) > limit;
  for (std::size_t i = 0; i < samples.size(); ++i) {
    bad[i] = false;
    // numpy's convolve(far, ones(grow), "same") > 0
    const std::size_t after = (grow - 1) / 2, before = grow - 1 - after;
    for (std::size_t k = i >= before ? i - before : 0; k <= std::min(i + after, samples.size() - 1); ++k) bad[i] = bad[i] || far[k];
  }
  return static_cast<std::size_t>(std::ranges::count(bad, false));
}

}  // namespace

DisplayLimits zscale(std::span<const float> values) {
  const std::vector<double> samples = sorted_samples(values);
  const std::size_t count = samples.size();
  if (count == 0) return {};
  DisplayLimits limits{samples.front(), samples.back()};
  const auto min = std::max(min_pixels, static_cast<std::size_t>(static_cast<double>(count) * max_rejected));
  const auto grow = std::max<std::size_t>(1, static_cast<std::size_t>(static_cast<double>(count) * .01));
  std::vector<bool> bad(count);
  std::size_t good = count, last_good = count + 1;
  Line line;
  for (int round = 0; round < zscale_rounds && good < last_good && good >= min; ++round) {
    last_good = good;
    line = line_through(samples, bad);
    good = reject(samples, line, bad, grow);
  }
  if (good < min) return limits;
  const double slope = line.slope / contrast;
  const std::size_t middle_index = (count - 1) / 2;
  const auto middle = static_cast<double>(middle_index);
  const double median = count % 2 == 1 ? samples[count / 2] : (samples[count / 2 - 1] + samples[count / 2]) / 2;
  limits.black = std::max(limits.black, median - (middle - 1) * slope);
  limits.white = std::min(limits.white, median + (static_cast<double>(count) - middle) * slope);
  return limits;
}

}  // namespace lensfind::inspect
