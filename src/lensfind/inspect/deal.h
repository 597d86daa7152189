#pragma once

#include <span>
#include <string>
#include <vector>

#include "lensfind/inspect/merge.h"
#include "lensfind/inspect/next.h"

namespace lensfind::inspect {

/// How much a grade is expected to tell about an object that is a lens with probability `p`, in bits: the mutual information of grade and
/// class, between 0 (a grader who gives both classes the same grades) and 1. `of_lenses` and `of_nonlenses` are the chances of each level;
/// they add up to 1.
double expected_information(double p, std::span<const double> of_lenses, std::span<const double> of_nonlenses);

/// Who should see which: for each chosen object, in their order, the grader whose grade is expected to tell most of those who have not
/// graded it. Nobody gets more than an equal share, so the surest graders get what comes first. An empty text where all have graded it. The
/// skills are those on controls, `doubt` as in ConsensusOptions. Throws Error where the grades were not merged by skills on controls.
std::vector<std::string> deal(const Merged& merged, std::span<const NextObject> chosen, double doubt = 2);

}  // namespace lensfind::inspect
