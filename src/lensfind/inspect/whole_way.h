#pragma once

#include <string>
#include <unordered_map>
#include <vector>

#include "lensfind/evaluate/whole_way.h"
#include "lensfind/inspect/export.h"
#include "lensfind/inspect/merge.h"

namespace lensfind::inspect {

/// Which graded objects people take for lenses: those whose median grade counts as a lens.
std::unordered_map<std::string, bool> accepted_by_people(const Merged& merged);

/// property,low,high,lenses,found,graded,accepted, then finder, people and completeness with _low and _high.
ResultTable whole_way_table(const std::vector<evaluate::WholeWay>& rows);

}  // namespace lensfind::inspect
