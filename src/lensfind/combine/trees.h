#pragma once

#include <array>
#include <cstdint>
#include <span>
#include <vector>

#include "lensfind/combine/finder_scores.h"

namespace lensfind::combine {

/// A tree of depth 2 over finders' scores whose value never falls where a score rises.
struct MonotoneTree {
  struct Split {
    int finder = -1;       ///< -1: no split, everything goes left
    double threshold = 0;  ///< scores at or above it go right
  };
  std::array<Split, 3> splits;  ///< the root's, its left child's, its right child's
  std::array<double, 4>
      leaves{};  ///< probability of a lens where both classes are as frequent: left-left, left-right, right-left, right-right

  [[nodiscard]] double operator()(std::span<const double> scores) const;
};

/// The mean of many such trees, each grown on another draw of the objects (bagging: Breiman 1996) without any gradient.
struct MonotoneTrees {
  std::vector<MonotoneTree> trees;

  /// ln(p / (1 - p)) of the mean probability p; within a leaf of all trees scores are ordered by their mean, which counts a thousandth.
  [[nodiscard]] double operator()(std::span<const double> scores) const;
};

/// Grows the trees on scores that are log likelihood ratios. A split lessens the Gini impurity most, each class counting half, among 64
/// quantiles of one finder that the node draws (of half of the finders, rounded up); a right side has at least the left side's
/// probability, and the children of a root stay on their sides of the middle between its two probabilities (as in LightGBM's basic
/// constraint), which makes the whole tree monotone. A side holds at least a fiftieth of the weight. Groups are drawn with Poisson weights
/// (Oza & Russell 2001). The same for the same seed.
MonotoneTrees grow_trees(const LabelledRows& rows, int trees, std::uint64_t seed);

}  // namespace lensfind::combine
