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
/// MacGibbon 2006), which is faster; figures are computed from shares of the classes, so that their totals need not be exact.
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
  const auto weight_of = [&](std::size_t begin, std::size_t end) {
    return std::accumulate(weights.begin() + static_cast<std::ptrdiff_t>(begin), weights.begin() + static_cast<std::ptrdiff_t>(end),
                           std::uint32_t{0});
  };
  std::int64_t lenses = 0;
  std::vector<std::size_t> ends;  // of the ties in which lenses stand
  std::vector<std::int64_t> gains;
  for (std::size_t i = 0; i < scores.size(); ++i) {
    if (scores.labels[i] != Label::lens) continue;
    std::int64_t gained = 0;
    const double logit = scores.logits[i];
    for (; i < scores.size() && scores.logits[i] == logit; ++i) gained += scores.labels[i] == Label::lens ? weights[i] : 0;
    ends.push_back(i--);
    gains.push_back(gained);
    lenses += gained;
  }
  const std::int64_t nonlenses = weight_of(0, scores.size()) - lenses;
  if (lenses == 0) return std::numeric_limits<double>::quiet_NaN();
  // A false positive weighs so much that the classes keep the sizes they have in the table.
  const double balance = nonlenses == 0 ? 0
                                        : static_cast<double>(scores.nonlenses) / static_cast<double>(nonlenses) *
                                              static_cast<double>(lenses) / static_cast<double>(scores.lenses);
  double sum = 0;
  std::int64_t selected = 0;
  std::int64_t true_positives = 0;
  for (std::size_t step = 0; step < ends.size(); ++step) {
    selected += weight_of(step == 0 ? 0 : ends[step - 1], ends[step]);
    true_positives += gains[step];
    const auto tp = static_cast<double>(true_positives);
    if (gains[step] > 0) sum += static_cast<double>(gains[step]) * tp / (tp + balance * static_cast<double>(selected - true_positives));
  }
  return sum / static_cast<double>(lenses);
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
