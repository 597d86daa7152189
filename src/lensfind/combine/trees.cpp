#include "lensfind/combine/trees.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>
#include <optional>
#include <string_view>
#include <unordered_map>

#include "lensfind/base/random.h"

namespace lensfind::combine {
namespace {

constexpr std::size_t max_bins = 64;
constexpr double min_side = .02;                                // of the weight of all objects
constexpr std::uint64_t first_stream = std::uint64_t{1} << 32;  // of the bootstrap's, beyond those of intervals

/// Scores by the quantile in which they lie, each class counting half.
struct Binned {
  std::size_t rows = 0;
  std::vector<std::vector<double>> edges;       // of a finder: bin b holds scores from edges[b - 1] to below edges[b]
  std::vector<std::vector<std::uint8_t>> bins;  // of a finder: a row's
  std::vector<std::size_t> group;               // a row's
  std::size_t groups = 0;
};

std::vector<double> quantiles(const std::vector<double>& scores, const LabelledRows& rows) {
  std::vector<std::size_t> order(scores.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  std::sort(order.begin(), order.end(), [&](std::size_t a, std::size_t b) { return scores[a] < scores[b]; });
  const auto lenses = static_cast<double>(rows.lenses()), nonlenses = static_cast<double>(rows.size()) - lenses;
  std::vector<double> out;
  double below = 0;
  for (std::size_t i = 0; i < order.size(); ++i) {
    if (i > 0 && scores[order[i]] > scores[order[i - 1]] && below >= static_cast<double>(out.size() + 1) / max_bins)
      out.push_back(std::midpoint(scores[order[i - 1]], scores[order[i]]));
    below += .5 / (rows.lens[order[i]] ? lenses : nonlenses);
  }
  if (out.size() >= max_bins) out.resize(max_bins - 1);
  return out;
}

Binned binned(const LabelledRows& rows) {
  Binned out{.rows = rows.size()};
  for (std::size_t finder = 0; finder < rows.scores.columns; ++finder) {
    const std::vector<double> scores = column_of(rows.scores, finder);
    const std::vector<double>& edges = out.edges.emplace_back(quantiles(scores, rows));
    std::vector<std::uint8_t>& bins = out.bins.emplace_back();
    for (const double score : scores)
      bins.push_back(static_cast<std::uint8_t>(std::upper_bound(edges.begin(), edges.end(), score) - edges.begin()));
  }
  std::unordered_map<std::string_view, std::size_t> known;
  for (const std::string& group : rows.groups) out.group.push_back(known.try_emplace(group, known.size()).first->second);
  out.groups = known.size();
  return out;
}

/// Weight of either class, each class of all objects weighing 1/2.
struct Weight {
  double lenses = 0, nonlenses = 0;

  [[nodiscard]] double all() const { return lenses + nonlenses; }
  Weight& operator+=(const Weight& other) {
    lenses += other.lenses;
    nonlenses += other.nonlenses;
    return *this;
  }
};

Weight operator-(const Weight& a, const Weight& b) { return {a.lenses - b.lenses, a.nonlenses - b.nonlenses}; }

/// One tree on one draw of the objects.
class Grower {
 public:
  Grower(const LabelledRows& rows, const Binned& binned, RandomStream random) : binned_(binned), random_(random) {
    std::vector<double> drawn(binned.groups);
    for (double& weight : drawn) weight = static_cast<double>(random_.poisson(1));
    double lenses = 0, nonlenses = 0;
    for (std::size_t row = 0; row < rows.size(); ++row) (rows.lens[row] ? lenses : nonlenses) += drawn[binned.group[row]];
    smallest_ = {.25 / std::max(lenses, 1.0), .25 / std::max(nonlenses, 1.0)};
    for (std::size_t row = 0; row < rows.size(); ++row) {
      const double weight = drawn[binned.group[row]];
      if (weight == 0) continue;
      drawn_.push_back(row);
      weights_.push_back(rows.lens[row] ? Weight{.5 * weight / lenses, 0} : Weight{0, .5 * weight / nonlenses});
    }
  }

  MonotoneTree grow() {
    MonotoneTree tree;
    std::vector<std::size_t> all(drawn_.size());
    std::iota(all.begin(), all.end(), std::size_t{0});
    const Found root = best_split(all);
    if (!root.split) {
      tree.leaves.fill(probability(root.left));
      return tree;
    }
    set_split(tree.splits[0], root);
    const double middle = std::midpoint(probability(root.left), probability(root.right));
    std::vector<std::size_t> sides[2];
    for (const std::size_t i : all) sides[binned_.bins[root.finder][drawn_[i]] >= *root.split ? 1 : 0].push_back(i);
    for (const std::size_t side : {0u, 1u}) {
      const Found child = best_split(sides[side]);
      if (child.split) set_split(tree.splits[1 + side], child);
      const auto bounded = [&](const Weight& weight) {
        return side == 0 ? std::min(probability(weight), middle) : std::max(probability(weight), middle);
      };
      tree.leaves[2 * side] = bounded(child.left);
      tree.leaves[2 * side + 1] = child.split ? bounded(child.right) : tree.leaves[2 * side];
    }
    return tree;
  }

 private:
  struct Found {
    std::size_t finder = 0;
    std::optional<std::size_t> split;  // bins from it on go right
    Weight left, right;                // without a split all is left
  };

  /// Half an object of either class is added.
  [[nodiscard]] double probability(const Weight& weight) const {
    const double lenses = weight.lenses + smallest_.lenses, nonlenses = weight.nonlenses + smallest_.nonlenses;
    return lenses / (lenses + nonlenses);
  }

  void set_split(MonotoneTree::Split& split, const Found& found) const {
    split = {static_cast<int>(found.finder), binned_.edges[found.finder][*found.split - 1]};
  }

  std::vector<std::size_t> draw_finders() {
    std::vector<std::size_t> finders(binned_.bins.size());
    std::iota(finders.begin(), finders.end(), std::size_t{0});
    shuffle(finders, random_);
    finders.resize((finders.size() + 1) / 2);
    return finders;
  }

  Found best_split(const std::vector<std::size_t>& node) {
    Weight all;
    for (const std::size_t i : node) all += weights_[i];
    Found best{.left = all};
    double best_purity = 0;
    for (const std::size_t finder : draw_finders()) {
      std::array<Weight, max_bins> histogram{};
      for (const std::size_t i : node) histogram[binned_.bins[finder][drawn_[i]]] += weights_[i];
      Weight left;
      for (std::size_t bin = 1; bin <= binned_.edges[finder].size(); ++bin) {
        left += histogram[bin - 1];
        const Weight right = all - left;
        if (std::min(left.all(), right.all()) < min_side || probability(right) <= probability(left)) continue;
        const double purity = left.lenses * left.lenses / left.all() + right.lenses * right.lenses / right.all();
        if (purity <= best_purity) continue;
        best_purity = purity;
        best = {finder, bin, left, right};
      }
    }
    return best;
  }

  const Binned& binned_;
  RandomStream random_;
  Weight smallest_;
  std::vector<std::size_t> drawn_;  // rows that were drawn
  std::vector<Weight> weights_;     // theirs
};

}  // namespace

double MonotoneTree::operator()(std::span<const double> scores) const {
  const auto right = [&](const Split& split) {
    return split.finder >= 0 && scores[static_cast<std::size_t>(split.finder)] >= split.threshold;
  };
  const std::size_t side = right(splits[0]) ? 1 : 0;
  return leaves[2 * side + (right(splits[1 + side]) ? 1 : 0)];
}

double MonotoneTrees::operator()(std::span<const double> scores) const {
  double probability = 0, mean = 0;
  for (const MonotoneTree& tree : trees) probability += tree(scores) / static_cast<double>(trees.size());
  for (const double score : scores) mean += score / static_cast<double>(scores.size());
  return std::log(probability / (1 - probability)) + 1e-3 * mean;
}

MonotoneTrees grow_trees(const LabelledRows& rows, int trees, std::uint64_t seed) {
  const Binned of_rows = binned(rows);
  MonotoneTrees out;
  for (int tree = 0; tree < trees; ++tree) {
    const auto item = first_stream + static_cast<std::uint64_t>(tree);
    out.trees.push_back(Grower{rows, of_rows, RandomStream{seed, Purpose::bootstrap, item}}.grow());
  }
  return out;
}

}  // namespace lensfind::combine
