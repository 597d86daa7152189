#pragma once

#include <string>
#include <unordered_map>
#include <vector>

#include "lensfind/evaluate/intervals.h"
#include "lensfind/evaluate/selection.h"

namespace lensfind::evaluate {

/// What the finder and then people do with the injected lenses in one range of a property.
struct WholeWay {
  std::string property;      ///< a column of the truth; "all"
  double low = 0, high = 0;  ///< low <= value < high; the last range also holds its upper edge
  int lenses = 0;            ///< how many were injected
  int found = 0;             ///< how many of these the finder finds: logit >= threshold
  int graded = 0;            ///< how many of the found were graded
  int accepted = 0;          ///< how many of the graded people take for lenses
  Estimate finder, people, together;
};

/// Completeness of finder and people together: found / lenses times accepted / graded. `accepted`: the ids that people graded, and whether
/// they take them for lenses. People see what the finder found, and of that as much as was mixed in (a random part of it). Intervals are
/// Jeffreys', lenses of one sky object counting effective_weight each; that of the product is of the product of the two posteriors. All
/// lenses come first, then at most `bins` ranges of about equally many lenses for each column of the truth.
std::vector<WholeWay> whole_way(const Scores& scores, const Truth& truth, double threshold,
                                const std::unordered_map<std::string, bool>& accepted, std::size_t bins = 4);

}  // namespace lensfind::evaluate
