#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "lensfind/base/progress.h"
#include "lensfind/combine/rule.h"
#include "lensfind/evaluate/evaluation.h"

namespace lensfind::combine {

/// The fewest groups of lenses, and of non-lenses, among which a rule is chosen or fitted.
inline constexpr std::size_t min_groups = 10;

struct ChoiceOptions {
  RuleOptions rule;
  int folds = 5;
  int bootstrap_draws = 1000;
  int threads = 0;  ///< 0: all cores
};

/// Figures of one way to score the labelled objects, each object scored by a fit that had not seen it.
struct Judged {
  std::string name;             ///< a rule's or a finder's name, or "chosen"
  std::vector<double> outputs;  ///< a value a row
  double auc = 0, average_precision = 0;
  double tpr_at_fpr_1e_2 = 0;  ///< the highest TPR whose FPR does not exceed 1e-2
};

/// Log likelihood ratios of all rows, each from a rule fitted on the other folds (`fold` of each row, from 0).
std::vector<double> held_out_ratios(RuleKind kind, const LabelledRows& rows, const std::vector<int>& fold, const ChoiceOptions& options);

/// All rules under cross-validation, in the order of `all_rules`, and which one is taken: that of the highest average precision, or the
/// simplest whose paired 95% interval against that one includes 0.
struct RuleChoice {
  std::vector<Judged> rules;
  RuleKind kind = RuleKind::mean_logit;
};
RuleChoice choose_rule(const LabelledRows& rows, const ChoiceOptions& options);

/// What cross-validation says of combining these finders.
struct Study {
  RuleChoice choice;             ///< on all rows: the rule that is kept
  Judged chosen;                 ///< the choice itself under cross-validation: in each fold made on the other folds alone
  std::vector<RuleKind> picked;  ///< what it took there, one a fold
  std::vector<Judged> finders;   ///< each by itself
  std::size_t best_finder = 0;   ///< that of the highest average precision
  /// Of auc, average_precision and tpr_at_fpr_1e-2: each rule, and last the chosen, minus the plain mean, and minus the best finder.
  struct Gain {
    std::string name;
    std::vector<evaluate::PairedDifference> over_mean, over_finder;
  };
  std::vector<Gain> gains;
};

/// Judges all rules, the choice among them and the finders on the same rows. Throws Error with fewer than ten groups of either class.
Study study_rules(const LabelledRows& rows, const std::vector<std::string>& finders, const ChoiceOptions& options, Progress& progress);

}  // namespace lensfind::combine
