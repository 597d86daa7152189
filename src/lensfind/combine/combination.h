#pragma once

#include <filesystem>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "lensfind/base/value.h"
#include "lensfind/combine/choice.h"
#include "lensfind/combine/finder_scores.h"
#include "lensfind/combine/rule.h"

namespace lensfind::combine {

/// How a finder's scores come to the scale on which its calibration is a line.
struct Scale {
  bool is_probability = false;     ///< all scores lay between 0 and 1: the scale is their logit, ln(p / (1 - p))
  double zero = 0, below_one = 0;  ///< what 0 counts as, and how far below 1 a 1 counts as (evaluate::ProbabilityScale)

  /// Throws Error for a score outside [0, 1] where scores are probabilities; `where` names it.
  [[nodiscard]] double operator()(double score, const std::string& where) const;
};

/// A finder of a combination.
struct Finder {
  std::string name;
  std::string column;  ///< of its table; empty: the usual ones (evaluate::read_score_table)
  Scale scale;
};

/// The rule of objects that have scores of these finders.
struct Subset {
  std::vector<std::size_t> finders;  ///< indices, ascending
  Rule rule;                         ///< its calibration is of scores that cross-validation held out
  std::int64_t lenses = 0, nonlenses = 0;
};

/// What `combine` leaves: one rule for objects that every finder scored, and one for each set of finders that an object may have scores of.
struct Combination {
  std::vector<Finder> finders;
  RuleKind kind = RuleKind::mean_logit;
  double prevalence = .5;       ///< fraction of lenses among the labelled objects
  std::vector<Subset> subsets;  ///< the first is of all finders
  Value about;                  ///< labels, figures, program: for people

  /// The largest subset whose finders all have scores (not NaN) of this object, the first of equally large ones; nothing without a score.
  [[nodiscard]] const Subset* subset_for(std::span<const double> scores) const;
};

/// Log likelihood ratio by a subset's rule from scores of all finders.
double log_likelihood_ratio(const Subset& subset, std::span<const double> scores);

/// Fits `kind` for all finders, and for each set of fewer: every set of up to five finders; of more, each finder by itself and all but one.
/// A set's rule sees every labelled object that its finders scored; a finder by itself keeps its order (mean_logit). Sets of fewer finders
/// with fewer than ten groups of either class are left out. Throws Error where all finders together have fewer than five lenses.
Combination fit_combination(const FinderScores& scores, std::vector<Finder> finders, RuleKind kind, const ChoiceOptions& options,
                            Progress& progress);

/// MODEL.json as docs/files.md spells it.
Value to_json_value(const Combination& combination);
/// Throws Error where the value is no combination, or of a later version.
Combination combination_from(const Value& value, const std::string& origin);

}  // namespace lensfind::combine
