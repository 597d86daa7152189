#include <algorithm>
#include <array>
#include <cmath>
#include <string_view>
#include <unordered_map>

#include <fmt/format.h>

#include "lensfind/base/error.h"
#include "lensfind/evaluate/bootstrap.h"
#include "lensfind/evaluate/curves.h"
#include "lensfind/evaluate/distributions.h"
#include "lensfind/evaluate/evaluation.h"
#include "lensfind/evaluate/ranking.h"
#include "lensfind/evaluate/spread.h"

namespace lensfind::evaluate {
namespace {

constexpr std::array<double, 3> compared_rates{1e-1, 1e-2, 1e-3};
constexpr std::array<const char*, 4> bootstrapped_figures{"average_precision", "tpr_at_fpr_1e-1", "tpr_at_fpr_1e-2", "tpr_at_fpr_1e-3"};

/// The table's rows in the order of the first table's ids. Throws where ids or labels differ.
Scores in_order_of(const Scores& first, const Scores& table, std::size_t number) {
  if (table.size() != first.size())
    throw Error{fmt::format("model {} has {} scores, model 1 has {}", number + 1, table.size(), first.size()),
                "compare models on the same samples"};
  std::unordered_map<std::string_view, std::size_t> rows;
  for (std::size_t i = 0; i < table.size(); ++i) rows.emplace(table[i].id, i);
  Scores out;
  out.reserve(first.size());
  for (const Score& score : first) {
    const auto found = rows.find(score.id);
    if (found == rows.end())
      throw Error{fmt::format("model {} has no score for {}", number + 1, score.id), "compare models on the same samples"};
    const Score& theirs = table[found->second];
    if (theirs.label != score.label)
      throw Error{fmt::format("the label of {} differs between model 1 and model {}", score.id, number + 1),
                  "use the same labels for all models"};
    if (std::isnan(theirs.logit))
      throw Error{fmt::format("model {} has no number as score of {}", number + 1, score.id), "leave the sample out for all models"};
    out.push_back(theirs);
    out.back().group = score.group;
  }
  return out;
}

/// Labelled rows of a model whose groups have the same numbers in all models.
LabelledScores with_common_groups(const Scores& scores, const std::vector<std::int32_t>& group_of_row, std::int32_t group_count) {
  LabelledScores out = labelled_scores(scores);
  out.groups.clear();
  for (const std::size_t row : out.rows) out.groups.push_back(group_of_row[row]);
  out.group_count = group_count;
  return out;
}

std::vector<LabelledScores> align(const std::vector<Scores>& models) {
  if (models.empty()) return {};
  const LabelledScores first = labelled_scores(models[0]);
  std::vector<std::int32_t> group_of_row(models[0].size());
  for (std::size_t i = 0; i < first.size(); ++i)
    group_of_row[first.rows[i]] = first.groups.empty() ? static_cast<std::int32_t>(i) : first.groups[i];
  std::vector<LabelledScores> out;
  for (std::size_t m = 0; m < models.size(); ++m)
    out.push_back(with_common_groups(in_order_of(models[0], models[m], m), group_of_row, first.group_count));
  return out;
}

/// The value with its t interval and p-value.
PairedDifference difference_of(const std::string& figure, std::size_t first, std::size_t second, double value, double standard_error,
                               double freedom) {
  PairedDifference out{.figure = figure, .first = first, .second = second, .difference = plain_interval(value, standard_error, freedom)};
  out.standard_error = standard_error;
  out.degrees_of_freedom = freedom;
  out.p_value = student_two_sided(value / standard_error, freedom);
  return out;
}

struct Ranking {
  double auc = 0;
  std::vector<double> placement_of_row;  ///< DeLong's, by row of the tables
};

Ranking ranking_of(const LabelledScores& scores, std::size_t rows) {
  const std::vector<CurveStep> steps = curve_steps(scores.logits, scores.labels);
  const std::vector<double> sorted = placements(scores, steps);
  Ranking out{auc(steps), std::vector<double>(rows)};
  for (std::size_t i = 0; i < sorted.size(); ++i) out.placement_of_row[scores.rows[i]] = sorted[i];
  return out;
}

/// Whether two models put all samples in the same order: then nothing speaks for a difference.
bool same_order(const Ranking& a, const Ranking& b) { return a.placement_of_row == b.placement_of_row; }

/// What one more lens of exponential scores, as in auc_interval, adds to the variance of a mean placement.
double one_more_lens(double auc, double groups) {
  const double shrunk = (groups * std::min(auc, 1 - auc) + .25) / (groups + .5);
  return .5 * shrunk / (groups * (groups + 1));
}

PairedDifference auc_difference(const LabelledScores& scores, const std::vector<Ranking>& rankings, std::size_t first, std::size_t second) {
  if (same_order(rankings[first], rankings[second])) return {.figure = "auc", .first = first, .second = second};
  std::vector<double> values;
  for (const std::size_t row : scores.rows)
    values.push_back(rankings[first].placement_of_row[row] - rankings[second].placement_of_row[row]);
  Spread spread = spread_of_class_means(scores, values);
  const double fewest = std::min(spread.groups[0], spread.groups[1]);
  const double one_more = std::max(one_more_lens(rankings[first].auc, fewest), one_more_lens(rankings[second].auc, fewest));
  spread.of_class[1] += one_more;
  return difference_of("auc", first, second, rankings[first].auc - rankings[second].auc, std::sqrt(spread.variance + one_more),
                       degrees_of_freedom(spread.of_class, spread.groups));
}

std::vector<double> weighted_figures(const LensSteps& steps, RowWeights weights) {
  const std::vector<WeightedStep> counts = steps.counts(weights);
  std::vector<double> out{steps.average_precision(counts)};
  for (const double rate : compared_rates) out.push_back(LensSteps::tpr(counts, rate));
  return out;
}

double std_of_difference(const std::vector<std::vector<double>>& draws, std::size_t a, std::size_t b) {
  double mean = 0;
  double squares = 0;
  const auto n = static_cast<double>(draws.size());
  for (const auto& draw : draws) mean += (draw[a] - draw[b]) / n;
  for (const auto& draw : draws) squares += (draw[a] - draw[b] - mean) * (draw[a] - draw[b] - mean);
  return std::sqrt(squares / std::max(1.0, n - 1));
}

std::vector<PairedDifference> every_pair(std::size_t models, auto difference) {
  std::vector<PairedDifference> family;
  for (std::size_t first = 0; first < models; ++first)
    for (std::size_t second = first + 1; second < models; ++second) family.push_back(difference(first, second));
  adjust_p_values(family);
  return family;
}

}  // namespace

void adjust_p_values(std::span<PairedDifference> family) {
  std::vector<std::size_t> order(family.size());
  for (std::size_t i = 0; i < order.size(); ++i) order[i] = i;
  std::sort(order.begin(), order.end(), [&](std::size_t a, std::size_t b) { return family[a].p_value < family[b].p_value; });
  double largest = 0;
  for (std::size_t i = 0; i < order.size(); ++i) {
    largest = std::max(largest, std::min(1.0, static_cast<double>(order.size() - i) * family[order[i]].p_value));
    family[order[i]].adjusted_p_value = largest;
  }
}

std::vector<PairedDifference> paired_differences(const std::vector<Scores>& models, const EvaluationOptions& options, Progress& progress) {
  if (models.size() < 2) return {};
  const std::vector<LabelledScores> aligned = align(models);
  std::vector<Ranking> rankings;
  for (const LabelledScores& scores : aligned) rankings.push_back(ranking_of(scores, models[0].size()));
  std::vector<PairedDifference> out =
      every_pair(models.size(), [&](std::size_t first, std::size_t second) { return auc_difference(aligned[0], rankings, first, second); });

  const std::vector<LensSteps> steps{aligned.begin(), aligned.end()};
  const auto figures = [&](std::size_t model, RowWeights weights) { return weighted_figures(steps[model], weights); };
  const std::vector<std::vector<double>> draws = paired_bootstrap(aligned, options.bootstrap_draws, options.seed, figures, progress);
  std::vector<std::vector<double>> values;
  const std::vector<std::uint16_t> once(aligned[0].size(), 1);
  for (const LensSteps& of_model : steps) values.push_back(weighted_figures(of_model, once));
  const auto groups = static_cast<double>(groups_with_lens(aligned[0]));
  const double one_more = 1 / ((groups + 2) * (groups + 2));  // a lens that one model finds and the other does not (Agresti & Min 2005)
  for (std::size_t f = 0; f < bootstrapped_figures.size(); ++f) {
    const auto family = every_pair(models.size(), [&](std::size_t first, std::size_t second) {
      if (same_order(rankings[first], rankings[second]))
        return PairedDifference{.figure = bootstrapped_figures[f], .first = first, .second = second};
      const double std_dev = std_of_difference(draws, first * bootstrapped_figures.size() + f, second * bootstrapped_figures.size() + f);
      const double variance = std_dev * std_dev * groups / std::max(1.0, groups - 1) + one_more;
      return difference_of(bootstrapped_figures[f], first, second, values[first][f] - values[second][f], std::sqrt(variance),
                           std::max(1.0, groups - 1));
    });
    out.insert(out.end(), family.begin(), family.end());
  }
  return out;
}

std::string in_words(const PairedDifference& d, const std::vector<std::string>& names) {
  const bool first_better = d.difference.value > 0;
  const std::string& better = names.at(first_better ? d.first : d.second);
  const std::string& worse = names.at(first_better ? d.second : d.first);
  if (d.adjusted_p_value < .05)
    return fmt::format("{}: {} is better than {} by {:.3g} (95% interval {:.3g} to {:.3g}).", d.figure, better, worse,
                       std::abs(d.difference.value), first_better ? d.difference.low : -d.difference.high,
                       first_better ? d.difference.high : -d.difference.low);
  return fmt::format("{}: these samples cannot tell {} from {} (difference {:.3g}, 95% interval {:.3g} to {:.3g}).", d.figure,
                     names.at(d.first), names.at(d.second), d.difference.value, d.difference.low, d.difference.high);
}

}  // namespace lensfind::evaluate
