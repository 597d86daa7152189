#include "lensfind/population/distributions.h"

#include <algorithm>
#include <cmath>

namespace lensfind::population {

TabulatedDensity::TabulatedDensity(double min, double max, const std::function<double(double)>& density, int steps)
    : min_{min}, step_{(max - min) / steps}, cumulative_{0} {
  double before = density(min);
  for (int i = 1; i <= steps; ++i) {
    const double here = density(min + i * step_);
    cumulative_.push_back(cumulative_.back() + 0.5 * (before + here));
    before = here;
  }
  for (int i = 0; i < steps; ++i) {
    const double at = cumulative_.back() * i / steps;
    guide_.push_back(std::upper_bound(cumulative_.begin() + 1, cumulative_.end() - 1, at) - cumulative_.begin());
  }
}

double TabulatedDensity::fraction_below(double x) const {
  const double at = std::clamp((x - min_) / step_, 0.0, static_cast<double>(cumulative_.size() - 1));
  const auto k = std::min(static_cast<std::size_t>(at), cumulative_.size() - 2);
  return (cumulative_[k] + (at - static_cast<double>(k)) * (cumulative_[k + 1] - cumulative_[k])) / cumulative_.back();
}

double TabulatedDensity::quantile(double u) const {
  const double at = u * cumulative_.back();
  auto above = cumulative_.begin() + guide_[std::min(static_cast<std::size_t>(u * static_cast<double>(guide_.size())), guide_.size() - 1)];
  while (*above <= at && above != cumulative_.end() - 1) ++above;
  const double low = *(above - 1), rest = *above > low ? (at - low) / (*above - low) : 0.5;
  return min_ + step_ * (static_cast<double>(above - 1 - cumulative_.begin()) + rest);
}

double interpolate(const std::vector<double>& x, const std::vector<double>& y, double at) {
  if (at <= x.front()) return y.front();
  if (at >= x.back()) return y.back();
  const auto above = static_cast<std::size_t>(std::upper_bound(x.begin(), x.end(), at) - x.begin());
  const double rest = (at - x[above - 1]) / (x[above] - x[above - 1]);
  return y[above - 1] + rest * (y[above] - y[above - 1]);
}

double draw_rayleigh(double scale, RandomStream& random) { return scale * std::sqrt(2 * random.exponential()); }

double draw_axis_ratio(double scale, double min, RandomStream& random) {
  for (;;) {
    const double q = 1 - draw_rayleigh(scale, random);
    if (q >= min) return q;
  }
}

double draw_truncated_normal(double mean, double std_dev, double min, double max, RandomStream& random) {
  for (int tries = 0; tries < 1000; ++tries) {
    const double x = random.normal(mean, std_dev);
    if (x >= min && x <= max) return x;
  }
  return std::clamp(mean, min, max);
}

std::size_t draw_index(const std::vector<double>& weights, RandomStream& random) {
  double sum = 0;
  for (const double weight : weights) sum += weight;
  double at = random.uniform() * sum;
  for (std::size_t i = 0; i + 1 < weights.size(); ++i) {
    if (at < weights[i]) return i;
    at -= weights[i];
  }
  return weights.size() - 1;
}

}  // namespace lensfind::population
