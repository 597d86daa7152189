#pragma once

#include <string>
#include <unordered_map>
#include <vector>

#include "lensfind/evaluate/intervals.h"
#include "lensfind/evaluate/selection.h"
#include "lensfind/inspect/export.h"
#include "lensfind/inspect/merge.h"

namespace lensfind::inspect {

/// What the finder and then people do with the injected lenses in one range of a property.
struct WholeWay {
  std::string property;  ///< a column of the truth; "all"
  double low = 0, high = 0;
  int lenses = 0;    ///< how many were injected
  int found = 0;     ///< how many of these the finder finds: logit >= threshold
  int graded = 0;    ///< how many of the found were graded
  int accepted = 0;  ///< how many of the graded people take for lenses
  evaluate::Estimate finder, people, together;
};

/// Which graded objects people take for lenses: those whose median grade counts as a lens.
std::unordered_map<std::string, bool> accepted_by_people(const Merged& merged);

/// Completeness of finder and people together: found / lenses times accepted / graded. People see what the finder found, and of that as
/// much as was mixed in (a random part of it). The interval is that of the product of the two Jeffreys posteriors. All lenses come first,
/// then at most `bins` ranges of about equally many lenses for each column of the truth.
std::vector<WholeWay> whole_way(const evaluate::Scores& scores, const evaluate::Truth& truth, double threshold,
                                const std::unordered_map<std::string, bool>& accepted, std::size_t bins = 4);

/// property,low,high,lenses,found,graded,accepted, then finder, people and completeness with _low and _high.
ResultTable whole_way_table(const std::vector<WholeWay>& rows);

}  // namespace lensfind::inspect
