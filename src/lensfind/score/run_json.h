#pragma once

#include "lensfind/base/value.h"
#include "lensfind/score/run.h"

namespace lensfind::score {

/// What a run did, as JSON: its tables, counts, times, engine, prevalence and readings.
Value to_json_value(const RunSummary& summary);

}  // namespace lensfind::score
