#include "lensfind/evaluate/whole_way.h"

#include <cmath>
#include <limits>
#include <span>
#include <utility>

#include "lensfind/evaluate/distributions.h"
#include "lensfind/evaluate/selected_fraction.h"

namespace lensfind::evaluate {
namespace {

constexpr std::size_t quantiles = 200;  // of each posterior: 40,000 products

/// How much a lens counts in what the finder finds, and in what people take.
struct Weights {
  double finder = 1, people = 1;
};

/// The lenses that the finder found and people graded, with 1 as logit where people take them for lenses, else 0.
Scores said_of_found(const Scores& scores, double threshold, const std::unordered_map<std::string, bool>& accepted) {
  Scores said;
  for (const Score& score : scores) {
    const auto graded = accepted.find(score.id);
    if (score.label != Label::lens || !(score.logit >= threshold) || graded == accepted.end()) continue;
    said.push_back(score);
    said.back().logit = graded->second ? 1 : 0;
  }
  return said;
}

/// 95% interval of the product of two fractions that are known from counts.
Estimate product_of(const WholeWay& row, const Weights& weights) {
  const double value = row.finder.value * row.people.value;
  if (row.graded == 0) return {std::numeric_limits<double>::quiet_NaN(), 0, row.finder.high};
  const auto posterior = [](double weight, int successes, int trials) {
    return beta_quantiles(weight * successes + .5, weight * (trials - successes) + .5, quantiles);
  };
  const std::vector<double> first = posterior(weights.finder, row.found, row.lenses);
  const std::vector<double> second = posterior(weights.people, row.accepted, row.graded);
  std::vector<double> products;
  for (const double a : first)
    for (const double b : second) products.push_back(a * b);
  Estimate figure = interval_of_draws(value, products);
  if (row.found == 0 || row.accepted == 0) figure.low = 0;
  return figure;
}

WholeWay count(const Scores& scores, std::span<const std::size_t> lenses, double threshold,
               const std::unordered_map<std::string, bool>& accepted, const Weights& weights) {
  WholeWay row;
  for (const std::size_t i : lenses) {
    ++row.lenses;
    if (!(scores[i].logit >= threshold)) continue;
    ++row.found;
    const auto graded = accepted.find(scores[i].id);
    if (graded == accepted.end()) continue;
    ++row.graded;
    row.accepted += graded->second;
  }
  row.finder = jeffreys({weights.finder * row.found, weights.finder * row.lenses});
  row.people = jeffreys({weights.people * row.accepted, weights.people * row.graded});
  row.together = product_of(row, weights);
  return row;
}

std::vector<std::size_t> inside(std::span<const std::size_t> lenses, const std::vector<double>& values, double low, double high,
                                bool is_last) {
  std::vector<std::size_t> out;
  for (const std::size_t i : lenses)
    if (values[i] >= low && (is_last ? values[i] <= high : values[i] < high)) out.push_back(i);
  return out;
}

}  // namespace

std::vector<WholeWay> whole_way(const Scores& scores, const Truth& truth, double threshold,
                                const std::unordered_map<std::string, bool>& accepted, std::size_t bins) {
  const Scores said = said_of_found(scores, threshold, accepted);
  const Weights weights{effective_weight(scores, Label::lens, threshold), said.empty() ? 1 : effective_weight(said, Label::lens, .5)};
  std::vector<std::size_t> lenses;
  for (std::size_t i = 0; i < scores.size(); ++i)
    if (scores[i].label == Label::lens && !std::isnan(scores[i].logit)) lenses.push_back(i);
  std::vector<WholeWay> rows{count(scores, lenses, threshold, accepted, weights)};
  rows.front().property = "all";
  for (std::size_t column = 0; column < truth.columns.size(); ++column) {
    const std::vector<double>& values = truth.values[column];
    std::vector<double> known;
    for (const std::size_t i : lenses)
      if (std::isfinite(values[i])) known.push_back(values[i]);
    const std::vector<double> edges = equal_count_edges(known, bins);
    for (std::size_t bin = 0; bin + 1 < edges.size(); ++bin) {
      const std::vector<std::size_t> of_bin = inside(lenses, values, edges[bin], edges[bin + 1], bin + 2 == edges.size());
      WholeWay row = count(scores, of_bin, threshold, accepted, weights);
      row.property = truth.columns[column];
      row.low = edges[bin];
      row.high = edges[bin + 1];
      rows.push_back(std::move(row));
    }
  }
  return rows;
}

}  // namespace lensfind::evaluate
