#pragma once

#include <string>
#include <vector>

#include "lensfind/inspect/candidate_list.h"
#include "lensfind/inspect/merge.h"

namespace lensfind::inspect {

/// What is worth grading next.
enum class NextRule {
  highest,    ///< the best scores that nobody graded
  uncertain,  ///< graded ones whose probability is known worst: the interval is widest where more grades could settle it
  disagreed,  ///< graded ones about which people differ most
  mixed       ///< the three in turn
};
constexpr auto enum_names(NextRule) {
  return names_of<NextRule>(
      {{NextRule::highest, "highest"}, {NextRule::uncertain, "uncertain"}, {NextRule::disagreed, "disagreed"}, {NextRule::mixed, "mixed"}});
}

struct NextObject {
  std::string id;
  std::string why;  ///< "highest", "uncertain", "disagreed"
};

/// At most `count` objects to grade next, each once, the most worthwhile first. Settled objects and controls are left out; what has been
/// graded by `max_grades` people or more too. `candidates` may be empty: then only graded objects are chosen from.
std::vector<NextObject> choose_next(const Merged& merged, const std::vector<Listed>& candidates, NextRule rule, std::size_t count,
                                    int max_grades);

}  // namespace lensfind::inspect
