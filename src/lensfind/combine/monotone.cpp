#include "lensfind/combine/monotone.h"

#include <algorithm>
#include <cmath>
#include <numeric>

namespace lensfind::combine {
namespace {

/// What lies in a bin: numbers of either class, and the weighted sum of scores.
struct Bin {
  double lenses = 0, nonlenses = 0, weight = 0, weighted_score = 0;
};

std::vector<Bin> equal_bins(std::span<const double> scores, std::span<const char> lens, double lenses, double nonlenses, int bins) {
  std::vector<std::size_t> order(scores.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  std::sort(order.begin(), order.end(), [&](std::size_t a, std::size_t b) { return scores[a] < scores[b]; });
  std::vector<Bin> out(1);
  double before = 0;
  for (std::size_t i = 0; i < order.size(); ++i) {
    const std::size_t row = order[i];
    const bool tie = i > 0 && scores[row] == scores[order[i - 1]];
    if (!tie && before >= static_cast<double>(out.size()) / bins) out.emplace_back();
    const double weight = .5 / (lens[row] ? lenses : nonlenses);
    Bin& bin = out.back();
    (lens[row] ? bin.lenses : bin.nonlenses) += 1;
    bin.weight += weight;
    bin.weighted_score += weight * scores[row];
    before += weight;
  }
  return out;
}

}  // namespace

std::vector<double> isotonic(std::span<const double> values, std::span<const double> weights) {
  struct Block {
    double value, weight;
    std::size_t count;
  };
  std::vector<Block> blocks;
  for (std::size_t i = 0; i < values.size(); ++i) {
    Block block{values[i], weights[i], 1};
    while (!blocks.empty() && blocks.back().value >= block.value) {
      const Block& last = blocks.back();
      const double weight = last.weight + block.weight;
      block = {(last.weight * last.value + block.weight * block.value) / weight, weight, last.count + block.count};
      blocks.pop_back();
    }
    blocks.push_back(block);
  }
  std::vector<double> out;
  for (const Block& block : blocks) out.insert(out.end(), block.count, block.value);
  return out;
}

double MonotoneCalibration::operator()(double score) const {
  if (score <= knots.front().first) return knots.front().second + (score - knots.front().first);
  if (score >= knots.back().first) return knots.back().second + (score - knots.back().first);
  const auto right = std::upper_bound(knots.begin(), knots.end(), score, [](double s, const auto& knot) { return s < knot.first; });
  const auto left = right - 1;
  return left->second + (right->second - left->second) * (score - left->first) / (right->first - left->first);
}

MonotoneCalibration fit_monotone(std::span<const double> scores, std::span<const char> lens) {
  const auto lenses = static_cast<double>(std::ranges::count_if(lens, [](char c) { return c != 0; }));
  const double nonlenses = static_cast<double>(lens.size()) - lenses;
  const int wanted = std::clamp(static_cast<int>(std::min(lenses, nonlenses) / 10), 2, 20);
  const std::vector<Bin> bins = equal_bins(scores, lens, lenses, nonlenses, wanted);
  const double added = static_cast<double>(bins.size()) / 2;
  std::vector<double> ratios, weights;
  for (const Bin& bin : bins) {
    ratios.push_back(std::log((bin.lenses + .5) / (lenses + added)) - std::log((bin.nonlenses + .5) / (nonlenses + added)));
    weights.push_back(bin.weight);
  }
  const std::vector<double> smooth = isotonic(ratios, weights);
  MonotoneCalibration out;
  for (std::size_t first = 0, next = 0; first < bins.size(); first = next) {
    double weight = 0, score = 0;
    for (next = first; next < bins.size() && smooth[next] == smooth[first]; ++next) {
      weight += bins[next].weight;
      score += bins[next].weighted_score;
    }
    out.knots.emplace_back(score / weight, smooth[first]);
  }
  return out;
}

}  // namespace lensfind::combine
