#include "lensfind/evaluate/bootstrap.h"

#include <algorithm>
#include <cmath>
#include <limits>

#include <tbb/enumerable_thread_specific.h>
#include <tbb/parallel_for.h>

#include "lensfind/base/random.h"
#include "lensfind/evaluate/ranking.h"

namespace lensfind::evaluate {
namespace {

/// The groups that hold a lens, and the others.
struct Strata {
  std::vector<std::uint32_t> with_lens, without;
};

std::size_t group_of(const LabelledScores& scores, std::size_t row) {
  return scores.groups.empty() ? row : static_cast<std::size_t>(scores.groups[row]);
}

Strata strata_of(const LabelledScores& scores) {
  std::vector<bool> has_lens(static_cast<std::size_t>(scores.group_count));
  for (std::size_t i = 0; i < scores.size(); ++i)
    if (scores.labels[i] == Label::lens) has_lens[group_of(scores, i)] = true;
  Strata strata;
  for (std::size_t g = 0; g < has_lens.size(); ++g)
    (has_lens[g] ? strata.with_lens : strata.without).push_back(static_cast<std::uint32_t>(g));
  return strata;
}

void draw_groups(const std::vector<std::uint32_t>& stratum, RandomStream& random, std::vector<std::uint16_t>& weights) {
  for (std::size_t i = 0; i < stratum.size(); ++i) ++weights[stratum[random.below(stratum.size())]];
}

}  // namespace

std::vector<std::vector<double>> paired_bootstrap(std::span<const LabelledScores> models, int draws, std::uint64_t seed,
                                                  const BootstrapFigures& figures, Progress& progress) {
  struct Buffers {
    std::vector<std::uint16_t> of_group, of_row;
  };
  const Strata strata = strata_of(models[0]);
  std::vector<std::vector<double>> values(static_cast<std::size_t>(draws));
  tbb::enumerable_thread_specific<Buffers> buffers;
  progress.start("bootstrap", draws, "draws");
  tbb::parallel_for(std::size_t{0}, values.size(), [&](std::size_t draw) {
    Buffers& own = buffers.local();
    own.of_group.assign(static_cast<std::size_t>(models[0].group_count), 0);
    RandomStream random{seed, Purpose::bootstrap, draw};
    draw_groups(strata.with_lens, random, own.of_group);
    draw_groups(strata.without, random, own.of_group);
    for (const LabelledScores& scores : models) {
      if (!scores.groups.empty()) {
        own.of_row.resize(scores.size());
        for (std::size_t i = 0; i < scores.size(); ++i) own.of_row[i] = own.of_group[group_of(scores, i)];
      }
      const std::vector<double> of_model = figures(scores, scores.groups.empty() ? own.of_group : own.of_row);
      values[draw].insert(values[draw].end(), of_model.begin(), of_model.end());
    }
    progress.advance(1);
  });
  progress.finish();
  return values;
}

std::int64_t groups_with_lens(const LabelledScores& scores) { return static_cast<std::int64_t>(strata_of(scores).with_lens.size()); }

double weighted_average_precision(const LabelledScores& scores, RowWeights weights) {
  double sum = 0;
  std::int64_t true_positives = 0;
  std::int64_t selected = 0;
  std::int64_t gained = 0;
  for (std::size_t i = 0; i < scores.size(); ++i) {
    const std::int64_t weight = weights[i];
    selected += weight;
    if (scores.labels[i] == Label::lens) gained += weight;
    if (gained == 0 || (i + 1 < scores.size() && scores.logits[i + 1] == scores.logits[i])) continue;
    true_positives += gained;
    sum += static_cast<double>(gained) * static_cast<double>(true_positives) / static_cast<double>(selected);
    gained = 0;
  }
  return true_positives > 0 ? sum / static_cast<double>(true_positives) : std::numeric_limits<double>::quiet_NaN();
}

Figure average_precision_interval(const LabelledScores& scores, double value, int draws, std::uint64_t seed, Progress& progress) {
  const auto figures = [](const LabelledScores& s, RowWeights weights) {
    return std::vector<double>{weighted_average_precision(s, weights)};
  };
  const auto values = paired_bootstrap({&scores, 1}, draws, seed, figures, progress);
  double mean = 0;
  double squares = 0;
  for (const auto& v : values) mean += v[0] / static_cast<double>(draws);
  for (const auto& v : values) squares += (v[0] - mean) * (v[0] - mean) / static_cast<double>(draws - 1);
  const Strata strata = strata_of(scores);
  const auto lens_groups = static_cast<double>(strata.with_lens.size());
  const auto other_groups = static_cast<double>(std::max<std::size_t>(1, strata.without.size()));
  if (lens_groups < 2 || draws < 2) return {value, 0, 1};
  return shrunken_logit_interval(value, {0, squares * lens_groups / (lens_groups - 1)}, {other_groups, lens_groups}, 0);
}

}  // namespace lensfind::evaluate
