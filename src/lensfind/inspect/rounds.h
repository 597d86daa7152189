#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "lensfind/evaluate/intervals.h"
#include "lensfind/evaluate/scores.h"
#include "lensfind/inspect/export.h"
#include "lensfind/inspect/next.h"

namespace lensfind::inspect {

/// What a model was worth on the fixed set when a round began.
struct FixedResult {
  std::string set;  ///< 32 digits that tell the set's ids and labels from another's
  std::int64_t lenses = 0, nonlenses = 0;
  evaluate::Estimate auc;
  std::optional<evaluate::Estimate> change;  ///< of the AUC since the first round that has one, by the same lenses and non-lenses (DeLong's
                                             ///< paired test); none: this is the first
};

/// One round of active learning: a model, what it and people's grades chose to be graded next, and what was known by then.
struct Round {
  int number = 0;  ///< from 1
  std::string time, model, fingerprint, rule;
  std::int64_t chosen = 0;
  std::int64_t grades = 0;                 ///< that held when it began, of candidates
  std::int64_t lenses = 0, nonlenses = 0;  ///< candidates with a label by then: the median grade's
  std::optional<FixedResult> fixed;
};

/// What came of the objects that one reason chose in one round.
struct RoundYield {
  int round = 0;
  std::string why;
  std::int64_t chosen = 0, graded = 0, lenses = 0, nonlenses = 0;
  evaluate::Estimate fraction;  ///< of lenses among those with a label
};

/// A folder in which rounds are recorded: rounds.csv, round-001.csv (id,why) and, with a fixed set, round-001-fixed.csv (its scores).
class Rounds {
 public:
  /// Takes up the folder, or begins one. Throws Error where it is something else or damaged.
  explicit Rounds(std::filesystem::path folder);

  [[nodiscard]] const std::vector<Round>& rounds() const { return rounds_; }
  /// Compares the scores of a fixed set, all labelled, with those of the first round that has one. Throws Error where the set has another
  /// one's ids or labels than before: rounds on two sets cannot be compared.
  [[nodiscard]] FixedResult compare(const evaluate::Scores& fixed) const;
  /// Writes a round behind the others. `round.number` and `time` are filled in.
  void record(Round round, const std::vector<NextObject>& chosen, const evaluate::Scores* fixed);
  /// What came of all chosen objects, by the grades there are now.
  [[nodiscard]] std::vector<RoundYield> yields(const Merged& merged) const;

 private:
  [[nodiscard]] std::filesystem::path file(int round, const char* suffix) const;

  std::filesystem::path folder_;
  std::vector<Round> rounds_;
};

/// 32 digits that depend on ids and labels, not on their order or scores.
std::string name_of_set(const evaluate::Scores& scores);

/// round,why,chosen,graded,lenses,nonlenses,fraction,fraction_low,fraction_high.
ResultTable yield_table(const std::vector<RoundYield>& yields);

}  // namespace lensfind::inspect
