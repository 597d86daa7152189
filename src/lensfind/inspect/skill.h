#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "lensfind/base/fields.h"
#include "lensfind/base/label.h"
#include "lensfind/evaluate/intervals.h"
#include "lensfind/inspect/agreement.h"
#include "lensfind/inspect/scheme.h"

namespace lensfind::inspect {

/// How often a grader gave each grade to lenses and to non-lenses. Counts may be expectations.
struct Skill {
  std::vector<double> of_lenses, of_nonlenses;  ///< a level of values(), the lowest first
};

/// Values of a scheme and the level of each. Levels count from 0, the lowest first.
class Levels {
 public:
  explicit Levels(std::vector<double> ascending) : values_{std::move(ascending)} {}
  [[nodiscard]] std::size_t count() const { return values_.size(); }
  [[nodiscard]] std::size_t of(double value) const;
  [[nodiscard]] const std::vector<double>& values() const { return values_; }

 private:
  std::vector<double> values_;
};

/// What each grader said of the objects whose truth is known, one entry a grader of the ballots. `truths` are the objects'.
std::vector<Skill> skills_on(const Ballots& ballots, std::span<const Label> truths, const Levels& levels);

/// What the consensus assumes.
struct ConsensusOptions {
  /// How many controls of each class the assumption weighs that a grader gives lenses and non-lenses the same grades. So someone who was
  /// never tested moves nothing (SWAP: Marshall et al. 2016, MNRAS 455, 1171).
  double doubt = 2;
  double fraction = 0;  ///< of lenses among the objects before anybody graded them; 0: found from the grades
  int draws = 400;      ///< of skills, for the intervals
  std::uint64_t seed = 0;

  static void describe(auto& field) {
    field(&ConsensusOptions::fraction, "fraction", Range{.min = 0, .max = 1, .below_max = true}.taking("P"),
          "fraction of lenses among the objects before anybody graded them; 0: found from the grades");
    field(&ConsensusOptions::doubt, "doubt", inside(0, 1e6).taking("N"), "how many controls of a class it takes to trust a grader half");
  }
};

/// What the graders say together, weighed by their skill.
struct Consensus {
  std::vector<evaluate::Estimate> lens;  ///< an object each: probability that it is a lens, with an interval for what is not known of the
                                         ///< skills; where nobody graded it, the fraction
  std::vector<Skill> skills;             ///< a grader each
  double fraction = 0;                   ///< of lenses among the objects that were graded and are no controls
};

/// SWAP: skills from the objects whose truth is known, then Bayes' rule for each object. Its odds are the prior odds times the product of
/// P(grade | lens) / P(grade | non-lens) of its graders, taken as independent. Objects of known truth are treated alike, but by the skills
/// of their graders on the other controls, and do not enter the fraction.
Consensus swap_consensus(const Ballots& ballots, std::span<const Label> truths, const Levels& levels, const ConsensusOptions& options = {});

/// Dawid & Skene (1979, Appl. Stat. 28, 20): skills and probabilities together, by expectation and maximisation from the mean grades.
/// Objects of known truth keep it. Needs no controls, but at least three graders who err independently.
Consensus dawid_skene(const Ballots& ballots, std::span<const Label> truths, const Levels& levels, const ConsensusOptions& options = {});

}  // namespace lensfind::inspect
