#include "lensfind/score/run_json.h"

namespace lensfind::score {

Value to_json_value(const RunSummary& summary) {
  return empty_object()
      .set("table", summary.table.string())
      .set("rejected_table", summary.rejected_table.string())
      .set("inputs", summary.inputs)
      .set("scored", summary.scored)
      .set("rejected", summary.rejected)
      .set("passed_over", summary.passed_over)
      .set("seconds", summary.seconds)
      .set("images_per_second", summary.images_per_second)
      .set("engine", summary.engine)
      .set("precision_reason", summary.precision_reason)
      .set("prevalence", summary.prevalence ? Value{*summary.prevalence} : Value{})
      .set("readings", to_json_value(summary.readings));
}

}  // namespace lensfind::score
