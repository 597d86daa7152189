#include "coverage_laws.h"

#include <algorithm>
#include <cmath>

#include <fmt/format.h>

#include "lensfind/base/random.h"

namespace lensfind::coverage {
namespace {

using evaluate::Scores;

constexpr double shared_part = .7;  ///< of the variance of copies of one object
constexpr double shared_by_finders = .8;

double survival(double z) { return std::erfc(z / std::sqrt(2.0)) / 2; }

double reported_probability(const Law& law, double score) {
  const double prior = std::log(static_cast<double>(law.lenses) / static_cast<double>(law.nonlenses));
  const double ratio =
      -(score - law.separation) * (score - law.separation) / (2 * law.std_dev * law.std_dev) - std::log(law.std_dev) + score * score / 2;
  return 1 / (1 + std::exp(-law.stretch * (ratio + prior) - law.shift));
}

double true_tpr(const std::vector<Cell>& cells, double fpr) {
  double tpr = 0;
  for (const Cell& cell : cells)
    if (cell.nonlenses_so_far <= fpr) tpr = cell.lenses_so_far;
  return tpr;
}

}  // namespace

std::vector<Cell> cells_of(const Law& law) {
  const double width = law.step > 0 ? law.step : 1e-4;
  const double top = law.separation + 9 * std::max(1.0, law.std_dev);
  std::vector<Cell> cells;
  double lenses_before = 0;
  double nonlenses_before = 0;
  for (double score = std::ceil(top / width) * width; score > -9; score -= width) {
    // A rounded score stands in the middle of its cell, a continuous one is represented by it.
    const double edge = score - width / 2;
    const double lenses = survival((edge - law.separation) / law.std_dev);
    const double nonlenses = survival(edge);
    cells.push_back({score, lenses - lenses_before, nonlenses - nonlenses_before, lenses, nonlenses});
    lenses_before = lenses;
    nonlenses_before = nonlenses;
  }
  return cells;
}

double threshold_at(const std::vector<Cell>& cells, double fpr) {
  double threshold = cells.front().score;
  for (const Cell& cell : cells)
    if (cell.nonlenses_so_far <= fpr) threshold = cell.score;
  return threshold;
}

TrueRates rates_of(const std::vector<Cell>& cells, double threshold) {
  const auto below = std::partition_point(cells.begin(), cells.end(), [&](const Cell& cell) { return cell.score >= threshold - 1e-9; });
  if (below == cells.begin()) return {};
  return {(below - 1)->lenses_so_far, (below - 1)->nonlenses_so_far};
}

Truth ranking_truth(const Law& law, const std::vector<Cell>& cells) {
  Truth truth;
  const auto lenses = static_cast<double>(law.lenses);
  const auto nonlenses = static_cast<double>(law.nonlenses);
  double auc = 0;
  double average_precision = 0;
  for (const Cell& c : cells) {
    auc += c.nonlenses * (c.lenses_so_far - c.lenses / 2);
    const double tp = lenses * (law.step > 0 ? c.lenses_so_far : c.lenses_so_far - c.lenses / 2);
    const double fp = nonlenses * (law.step > 0 ? c.nonlenses_so_far : c.nonlenses_so_far - c.nonlenses / 2);
    if (tp + fp > 0) average_precision += c.lenses * tp / (tp + fp);
  }
  truth["auc"] = auc;
  truth["average_precision"] = average_precision;
  for (const double fpr : {1e-1, 1e-2, 1e-3, 1e-4}) truth[fmt::format("tpr_at_fpr {:g}", fpr)] = true_tpr(cells, fpr);
  truth["tpr0"] = true_tpr(cells, 1 / (nonlenses + 1));
  truth["tpr10"] = true_tpr(cells, 10 / (nonlenses + 1));
  return truth;
}

Truth calibration_truth(const Law& law, const std::vector<Cell>& cells) {
  Truth truth;
  const double fraction = static_cast<double>(law.lenses) / static_cast<double>(law.lenses + law.nonlenses);
  double brier = 0;
  double loss = 0;
  std::map<double, double> excess;
  for (const Cell& c : cells) {
    const double p = reported_probability(law, c.score);
    const double clipped = std::clamp(p, 2.3e-16, 1 - 2.3e-16);
    brier += fraction * c.lenses * (1 - p) * (1 - p) + (1 - fraction) * c.nonlenses * p * p;
    loss -= fraction * c.lenses * std::log(clipped) + (1 - fraction) * c.nonlenses * std::log1p(-clipped);
    excess[std::floor(std::log(clipped / (1 - clipped)))] += fraction * c.lenses - p * (fraction * c.lenses + (1 - fraction) * c.nonlenses);
  }
  truth["brier"] = brier;
  truth["log_loss"] = loss;
  truth["slope"] = 1 / law.stretch;
  truth["intercept"] = -law.shift / law.stretch;
  for (const auto& [bin, difference] : excess) truth["ece"] += std::abs(difference);
  return truth;
}

Scores draw_scores(const Law& law, std::uint64_t simulation) {
  RandomStream random{simulation, Purpose::test};
  Scores scores;
  scores.reserve(static_cast<std::size_t>(law.lenses + law.nonlenses));
  double shared = 0;
  for (std::int64_t i = 0; i < law.lenses + law.nonlenses; ++i) {
    const bool lens = i < law.lenses;
    const std::int64_t copy = (lens ? i : i - law.lenses) % law.copies;
    if (copy == 0) shared = random.normal();
    const double own = law.copies == 1 ? shared : std::sqrt(shared_part) * shared + std::sqrt(1 - shared_part) * random.normal();
    double logit = lens ? law.separation + law.std_dev * own : own;
    if (law.step > 0) logit = std::round(logit / law.step) * law.step;
    scores.push_back({.id = std::to_string(i),
                      .label = lens ? Label::lens : Label::non_lens,
                      .logit = logit,
                      .probability = reported_probability(law, logit)});
    if (law.copies > 1) scores.back().group = (lens ? "l" : "n") + std::to_string((lens ? i : i - law.lenses) / law.copies);
  }
  return scores;
}

std::vector<Scores> draw_pair(const Law& law, double second, std::uint64_t simulation) {
  RandomStream random{simulation, Purpose::test};
  std::vector<Scores> models(2);
  for (std::int64_t i = 0; i < law.lenses + law.nonlenses; ++i) {
    const bool lens = i < law.lenses;
    const double shared = random.normal();
    for (std::size_t m = 0; m < 2; ++m) {
      const double noise = std::sqrt(shared_by_finders) * shared + std::sqrt(1 - shared_by_finders) * random.normal();
      models[m].push_back({.id = std::to_string(i),
                           .label = lens ? Label::lens : Label::non_lens,
                           .logit = noise + (!lens    ? 0
                                             : m == 0 ? law.separation
                                                      : second)});
    }
  }
  return models;
}

std::vector<Law> laws() {
  std::vector<Law> out;
  for (const std::int64_t lenses : {5, 20, 200})
    for (const std::int64_t nonlenses : {1000, 10000, 100000})
      if (nonlenses < 100000 || lenses != 20)
        out.push_back({.name = "binormal", .separation = 2, .lenses = lenses, .nonlenses = nonlenses});
  for (const std::int64_t lenses : {5, 20, 200}) {
    out.push_back({.name = "good", .separation = 3.5, .lenses = lenses, .nonlenses = 10000});
    out.push_back({.name = "poor", .separation = .5, .lenses = lenses, .nonlenses = 1000});
    out.push_back({.name = "wide", .separation = 2.5, .std_dev = 1.8, .lenses = lenses, .nonlenses = 1000});
    out.push_back({.name = "ties", .separation = 2, .step = .5, .lenses = lenses, .nonlenses = 1000});
    out.push_back({.name = "AUC 1", .separation = 12, .stretch = .05, .lenses = lenses, .nonlenses = 1000});
    out.push_back({.name = "miscalibrated", .separation = 2, .stretch = .7, .shift = .5, .lenses = lenses, .nonlenses = 1000});
    if (lenses > 5) out.push_back({.name = "groups of 4", .separation = 2, .copies = 4, .lenses = lenses, .nonlenses = 1000});
  }
  return out;
}

}  // namespace lensfind::coverage
