#include "lensfind/evaluate/repeated.h"

#include <algorithm>
#include <cmath>
#include <limits>

#include <fmt/format.h>

#include "lensfind/base/error.h"
#include "lensfind/evaluate/distributions.h"

namespace lensfind::evaluate {
namespace {

/// One figure of all runs: how each differs from the first, and the variance of each pair's difference over test samples.
struct EstimateOfRuns {
  std::string name;
  std::vector<double> above_first;
  std::vector<std::vector<double>> variance;
  double degrees_of_freedom = std::numeric_limits<double>::infinity();
};

std::vector<EstimateOfRuns> by_figure(const std::vector<PairedDifference>& pairs, std::size_t runs) {
  std::vector<EstimateOfRuns> figures;
  for (const PairedDifference& pair : pairs) {
    if (figures.empty() || figures.back().name != pair.figure) {
      figures.push_back({pair.figure, std::vector<double>(runs), std::vector<std::vector<double>>(runs, std::vector<double>(runs))});
    }
    EstimateOfRuns& figure = figures.back();
    if (pair.first == 0) figure.above_first[pair.second] = -pair.difference.value;
    figure.variance[pair.first][pair.second] = figure.variance[pair.second][pair.first] = pair.standard_error * pair.standard_error;
    // A contrast of several pairs is known no better than the worst of them.
    if (pair.standard_error > 0) figure.degrees_of_freedom = std::min(figure.degrees_of_freedom, pair.degrees_of_freedom);
  }
  return figures;
}

/// Variance over test samples of the mean of runs [a, a + seeds) minus that of [b, b + seeds).
double variance_of_contrast(const EstimateOfRuns& figure, std::size_t a, std::size_t b, std::size_t seeds) {
  const double fraction = 1 / static_cast<double>(seeds);
  const auto sum = [&](std::size_t rows, std::size_t columns) {
    double total = 0;
    for (std::size_t i = 0; i < seeds; ++i)
      for (std::size_t j = 0; j < seeds; ++j) total += figure.variance[rows + i][columns + j];
    return total * fraction * fraction;
  };
  return std::max(0.0, sum(a, b) - (sum(a, a) + sum(b, b)) / 2);
}

PairedDifference difference_of_means(const EstimateOfRuns& figure, std::size_t first, std::size_t second, std::size_t seeds) {
  const auto runs_of = [&](std::size_t recipe) { return std::span{figure.above_first}.subspan(recipe * seeds, seeds); };
  const OverSeeds a = over_seeds(runs_of(first)), b = over_seeds(runs_of(second));
  PairedDifference out{.figure = figure.name, .first = first, .second = second};
  const double of_samples = variance_of_contrast(figure, first * seeds, second * seeds, seeds);
  double variance = of_samples, spent = of_samples * of_samples / figure.degrees_of_freedom;
  if (seeds > 1) {
    for (const OverSeeds& recipe : {a, b}) {
      const double of_seeds = recipe.std_dev * recipe.std_dev / static_cast<double>(seeds);
      variance += of_seeds;
      spent += of_seeds * of_seeds / static_cast<double>(seeds - 1);
    }
  }
  out.difference = {a.mean - b.mean, a.mean - b.mean, a.mean - b.mean};
  if (variance == 0) return out;
  out.standard_error = std::sqrt(variance);
  out.degrees_of_freedom = variance * variance / spent;
  out.difference = plain_interval(a.mean - b.mean, out.standard_error, out.degrees_of_freedom);
  out.p_value = student_two_sided(out.difference.value / out.standard_error, out.degrees_of_freedom);
  return out;
}

}  // namespace

OverSeeds over_seeds(std::span<const double> values) {
  OverSeeds out{.runs = static_cast<int>(values.size()), .std_dev = std::numeric_limits<double>::quiet_NaN()};
  const auto [min, max] = std::minmax_element(values.begin(), values.end());
  out.min = *min;
  out.max = *max;
  for (const double value : values) out.mean += value / static_cast<double>(values.size());
  if (values.size() < 2) return out;
  double squares = 0;
  for (const double value : values) squares += (value - out.mean) * (value - out.mean);
  out.std_dev = std::sqrt(squares / static_cast<double>(values.size() - 1));
  return out;
}

std::vector<PairedDifference> repeated_differences(const std::vector<std::vector<Scores>>& runs, const EvaluationOptions& options,
                                                   Progress& progress) {
  if (runs.size() < 2) return {};
  const std::size_t seeds = runs.front().size();
  std::vector<Scores> all;
  for (const std::vector<Scores>& recipe : runs) {
    if (recipe.size() != seeds || seeds == 0)
      throw Error{fmt::format("recipes with {} and {} runs cannot be compared", seeds, recipe.size()), "train each with the same seeds"};
    all.insert(all.end(), recipe.begin(), recipe.end());
  }
  std::vector<PairedDifference> out;
  for (const EstimateOfRuns& figure : by_figure(paired_differences(all, options, progress), all.size())) {
    const std::size_t begin = out.size();
    for (std::size_t first = 0; first < runs.size(); ++first)
      for (std::size_t second = first + 1; second < runs.size(); ++second) out.push_back(difference_of_means(figure, first, second, seeds));
    adjust_p_values(std::span{out}.subspan(begin));
  }
  return out;
}

}  // namespace lensfind::evaluate
