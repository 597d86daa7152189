#pragma once

#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "lensfind/base/fields.h"
#include "lensfind/base/value.h"
#include "lensfind/evaluate/intervals.h"
#include "lensfind/inspect/grade_files.h"
#include "lensfind/inspect/skill.h"

namespace lensfind::inspect {

enum class ConsensusMethod {
  automatic,    ///< SWAP where both classes have controls that were graded, else Dawid and Skene where three graders or more, else the mean
  swap,         ///< skills from controls
  dawid_skene,  ///< skills from the grades themselves
  mean          ///< no probability
};
constexpr auto enum_names(ConsensusMethod) {
  return names_of<ConsensusMethod>({{ConsensusMethod::automatic, "auto"},
                                    {ConsensusMethod::swap, "swap"},
                                    {ConsensusMethod::dawid_skene, "dawid-skene"},
                                    {ConsensusMethod::mean, "mean"}});
}

/// How grades are brought together.
struct MergeOptions {
  ConsensusMethod method = ConsensusMethod::automatic;
  ConsensusOptions consensus = {};
  double lens_from = .9;      ///< an object is settled as a lens where the low end of its interval is this or more ...
  double nonlens_below = .1;  ///< ... as a non-lens where the high end is this or less ...
  int min_grades = 2;         ///< ... and so many people graded it
  std::string scheme = {};    ///< only its grades; empty: that of most grades

  static void describe(auto& field) {
    using M = MergeOptions;
    field(&M::method, "method", any(),
          "how graders are weighed: by their grades of controls (swap), by each other (dawid-skene), not at all");
    field(&M::consensus, "consensus", any(), "how skill is found");
    field(&M::lens_from, "lens_from", inside(0, 1).taking("P"), "settled as a lens where the interval of its probability lies above");
    field(&M::nonlens_below, "nonlens_below", inside(0, 1).taking("P"), "settled as a non-lens where it lies below");
    field(&M::min_grades, "min_grades", between(1, 1000).taking("N"), "people who must have graded what is settled");
  }
};

/// What the graders say of an object.
struct MergedObject {
  GradedObject object;
  int grades = 0;
  double mean = 0, spread = 0;             ///< of the values; spread: standard deviation of the sample, NaN for one grade
  std::string grade;                       ///< the median, the lower of two
  std::string kind;                        ///< said most often
  std::optional<evaluate::Estimate> lens;  ///< probability of a lens
  Label settled = Label::unknown;
  std::string notes;                                       ///< "NAME: text; NAME: text"
  std::vector<std::pair<std::string, std::string>> given;  ///< grader and grade, in the order of names
};

/// What is known of a grader. Rates have Jeffreys' intervals.
struct GraderSummary {
  std::string grader;
  int grades = 0;                          ///< of candidates and controls, first showings
  double mean = 0;                         ///< value of the grades given to candidates; NaN: none
  double median_seconds = 0;               ///< a grade; NaN: not known
  evaluate::Estimate completeness;         ///< fraction of the lenses among the controls that got a grade which counts as a lens
  evaluate::Estimate false_positive_rate;  ///< fraction of the non-lenses that did
  evaluate::Estimate consistency;          ///< fraction of repeated showings that got the first one's grade
  int lens_controls = 0, nonlens_controls = 0, repeats = 0;
  Skill skill;  ///< counts of grades on the controls
};

/// Agreement of two graders on what both graded.
struct PairAgreement {
  std::string first, second;
  int shared = 0;
  double kappa = 0, quadratic_kappa = 0;
};

struct Merged {
  Scheme scheme;
  ConsensusMethod method = ConsensusMethod::mean;  ///< that was used
  double fraction = 0;                             ///< of lenses among the candidates; NaN with the mean
  std::vector<MergedObject> objects;               ///< that somebody graded; controls too, the surest lens first
  std::vector<GraderSummary> graders;
  std::vector<PairAgreement> pairs;
  double alpha_nominal = 0, alpha_ordinal = 0, alpha_interval = 0, fleiss = 0;
  std::vector<std::string> notes;
};

/// Throws Error where there are no grades, where the scheme asked for has none, or where SWAP has no controls of one class.
Merged merge_grades(const GradeSet& set, const MergeOptions& options = {});

/// Agreement, graders and counts, as `grades merge --json` prints them.
Value merged_value(const Merged& merged);

}  // namespace lensfind::inspect
