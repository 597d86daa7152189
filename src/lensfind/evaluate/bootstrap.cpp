#include "lensfind/evaluate/bootstrap.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>
#include <numeric>

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

/// Poisson numbers of mean 1 from 32-bit words: a table over the highest byte answers all but 1 word in 40, the exact bounds answer the
/// rest.
class PoissonOne {
 public:
  PoissonOne() {
    double term = std::exp(-1.0);
    double sum = 0;
    for (std::size_t k = 0; k < bounds_.size(); ++k) {
      sum += term;
      bounds_[k] = static_cast<std::uint32_t>(std::min(sum * 0x1p32, 0x1p32 - 1));
      term /= static_cast<double>(k + 1);
    }
    for (std::uint32_t byte = 0; byte < table_.size(); ++byte) {
      const std::uint8_t first = search(byte << 24);
      table_[byte] = first == search((byte << 24) | 0xFFFFFF) ? first : unsure;
    }
  }
  std::uint8_t operator()(std::uint32_t word) const {
    const std::uint8_t number = table_[word >> 24];
    return number == unsure ? search(word) : number;
  }

 private:
  static constexpr std::uint8_t unsure = 255;
  [[nodiscard]] std::uint8_t search(std::uint32_t word) const {
    return static_cast<std::uint8_t>(std::upper_bound(bounds_.begin(), bounds_.end() - 1, word) - bounds_.begin());
  }
  std::array<std::uint32_t, 12> bounds_{};
  std::array<std::uint8_t, 256> table_{};
};

/// How often each group of a stratum is drawn. Of many groups the numbers are as good as independent (the Poisson bootstrap, Hanley &
/// MacGibbon 2006), which is faster; figures are computed from fractions of the classes, so that their totals need not be exact.
void draw_groups(const std::vector<std::uint32_t>& stratum, RandomStream& random, std::vector<std::uint16_t>& weights) {
  constexpr std::size_t many = 1000;
  static const PoissonOne poisson;
  if (stratum.size() >= many)
    for (const std::uint32_t group : stratum) weights[group] = poisson(random());
  else
    for (std::size_t i = 0; i < stratum.size(); ++i) ++weights[stratum[random.below(stratum.size())]];
}

}  // namespace

std::vector<std::vector<double>> paired_bootstrap(std::span<const LabelledScores> models, int draws, std::uint64_t seed,
                                                  const BootstrapEstimates& figures, Progress& progress) {
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
    for (std::size_t model = 0; model < models.size(); ++model) {
      const LabelledScores& scores = models[model];
      if (!scores.groups.empty()) {
        own.of_row.resize(scores.size());
        for (std::size_t i = 0; i < scores.size(); ++i) own.of_row[i] = own.of_group[group_of(scores, i)];
      }
      const std::vector<double> of_model = figures(model, scores.groups.empty() ? own.of_group : own.of_row);
      values[draw].insert(values[draw].end(), of_model.begin(), of_model.end());
    }
    progress.advance(1);
  });
  progress.finish();
  return values;
}

std::int64_t groups_with_lens(const LabelledScores& scores) { return static_cast<std::int64_t>(strata_of(scores).with_lens.size()); }

LensSteps::LensSteps(const LabelledScores& scores)
    : nonlenses_a_lens_{static_cast<double>(scores.nonlenses) / static_cast<double>(scores.lenses)} {
  for (std::size_t i = 0; i < scores.size(); ++i) {
    if (scores.labels[i] != Label::lens) continue;
    const double logit = scores.logits[i];
    for (; i < scores.size() && scores.logits[i] == logit; ++i)
      if (scores.labels[i] == Label::lens) lens_rows_.push_back(i);
    ties_.push_back({i--, lens_rows_.size()});
  }
}

std::vector<WeightedStep> LensSteps::counts(RowWeights weights) const {
  const auto weight_of = [&](std::size_t begin, std::size_t end) {
    return std::accumulate(weights.begin() + static_cast<std::ptrdiff_t>(begin), weights.begin() + static_cast<std::ptrdiff_t>(end),
                           std::uint32_t{0});
  };
  std::vector<WeightedStep> out;
  out.reserve(ties_.size() + 1);
  Tie before;
  WeightedStep sum;
  for (const Tie& tie : ties_) {
    std::int64_t lenses = 0;
    for (std::size_t i = before.lenses; i < tie.lenses; ++i) lenses += weights[lens_rows_[i]];
    sum.true_positives += lenses;
    sum.false_positives += weight_of(before.end, tie.end) - lenses;
    out.push_back(sum);
    before = tie;
  }
  sum.false_positives += weight_of(before.end, weights.size());
  out.push_back(sum);
  return out;
}

double LensSteps::average_precision(std::span<const WeightedStep> counts) const {
  const auto lenses = static_cast<double>(counts.back().true_positives);
  const auto nonlenses = static_cast<double>(counts.back().false_positives);
  if (lenses == 0) return std::numeric_limits<double>::quiet_NaN();
  const double weight_of_nonlens = nonlenses == 0 ? 0 : nonlenses_a_lens_ * lenses / nonlenses;
  double sum = 0;
  double before = 0;
  for (const WeightedStep& step : counts.first(counts.size() - 1)) {
    const auto tp = static_cast<double>(step.true_positives);
    if (tp > before) sum += (tp - before) * tp / (tp + weight_of_nonlens * static_cast<double>(step.false_positives));
    before = tp;
  }
  return sum / lenses;
}

double LensSteps::tpr(std::span<const WeightedStep> counts, double false_positive_rate) {
  const auto lenses = static_cast<double>(counts.back().true_positives);
  const auto nonlenses = static_cast<double>(counts.back().false_positives);
  const auto beyond = std::partition_point(counts.begin(), counts.end(), [&](const WeightedStep& step) {
    return static_cast<double>(step.false_positives) / nonlenses <= false_positive_rate;
  });
  return lenses == 0 || beyond == counts.begin() ? 0 : static_cast<double>((beyond - 1)->true_positives) / lenses;
}

Estimate average_precision_interval(const LabelledScores& scores, double value, int draws, std::uint64_t seed, Progress& progress) {
  const LensSteps steps{scores};
  const auto figures = [&](std::size_t, RowWeights weights) { return std::vector<double>{steps.average_precision(steps.counts(weights))}; };
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
