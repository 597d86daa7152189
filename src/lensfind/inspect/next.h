#pragma once

#include <cstdint>
#include <string>
#include <unordered_set>
#include <vector>

#include "lensfind/base/fields.h"
#include "lensfind/inspect/candidate_list.h"
#include "lensfind/inspect/merge.h"
#include "lensfind/inspect/model_view.h"

namespace lensfind::inspect {

/// What is worth grading next.
enum class NextRule {
  highest,    ///< the best scores that nobody graded
  uncertain,  ///< graded ones whose probability is known worst, and with a model ungraded ones that it cannot decide about
  disagreed,  ///< graded ones about which people differ most, and with a model ungraded ones about which its members do
  unlike,     ///< ungraded ones that look least like what was graded, in the model's features
  random,     ///< ungraded ones at random: what the other rules are to be compared with
  mixed       ///< the first four in turn
};
constexpr auto enum_names(NextRule) {
  return names_of<NextRule>({{NextRule::highest, "highest"},
                             {NextRule::uncertain, "uncertain"},
                             {NextRule::disagreed, "disagreed"},
                             {NextRule::unlike, "unlike"},
                             {NextRule::random, "random"},
                             {NextRule::mixed, "mixed"}});
}

struct NextObject {
  std::string id;
  std::string why;  ///< "highest", "uncertain", "model-uncertain", "disagreed", "model-disagreed", "unlike", "random"
  bool operator==(const NextObject&) const = default;
};

struct NextOptions {
  NextRule rule = NextRule::mixed;
  std::size_t count = 100;
  int max_grades = 5;                             ///< what so many people graded is shown to no more
  std::string grader = {};                        ///< who will grade: what they graded is left out; empty: anybody
  const ModelView* model = nullptr;               ///< what a model says of the candidates; its logits come before those of the table
  std::unordered_set<std::string> left_out = {};  ///< ids that are never chosen: a fixed set's
  std::uint64_t seed = 0;                         ///< of `random`

  static void describe(auto& field) {
    using N = NextOptions;
    field(&N::rule, "rule", any().as("--by"),
          "which of them; mixed: in turn, all but random; unlike needs --model; random: what the others are to be compared with");
    field(&N::count, "count", at_least(1).as("--top").taking("K"), "how many");
    field(&N::max_grades, "max_grades", between(1, 1000).taking("N"), "what so many people graded is shown to no more");
    field(&N::grader, "grader", any().taking("NAME"), "who will grade: what they graded already is left out");
  }
};

/// At most `count` objects to grade next, each once, the most worthwhile first. Settled objects and controls are left out; what has been
/// graded by `max_grades` people or more too. `candidates` may be empty: then only graded objects and the model's are chosen from.
/// Throws Error where the rule needs a model and there is none.
std::vector<NextObject> choose_next(const Merged& merged, const std::vector<Listed>& candidates, const NextOptions& options);

}  // namespace lensfind::inspect
