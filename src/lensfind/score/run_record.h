#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "lensfind/base/value.h"
#include "lensfind/cutouts/inputs.h"
#include "lensfind/score/engine.h"
#include "lensfind/score/scorer.h"

namespace lensfind::score {

/// What must be the same when a run is taken up again, and what its chunks need to become a table. It is kept as run.json beside them.
struct RunRecord {
  std::string model;   ///< fingerprint
  std::string engine;  ///< description
  std::string precision;
  model::Int8Ranges int8_ranges = {};  ///< of int8: the same for all who share the run; of other precisions without layers
  std::optional<double> prevalence;
  std::int64_t inputs = 0;
  std::string input_list;  ///< fingerprint
  std::string reading;     ///< how pixels are read: bands, scales, rules
  std::int64_t chunk = 0;
  Value about;  ///< what the table will say of itself (about.h), except for what is counted in the end
  std::optional<model::TrainingImages> training_images;  ///< of the model
  std::vector<std::string> columns;                      ///< behind id, logit and probability

  [[nodiscard]] std::int64_t chunks() const { return (inputs + chunk - 1) / chunk; }
};

/// As run.json has it, and back.
Value to_json_value(const RunRecord& record);
/// Throws Error that names `origin` where it is no record.
RunRecord run_record(const Value& value, const std::string& origin);

/// The ranges that such a record holds; without layers where it has none.
model::Int8Ranges int8_ranges_of(const Value& record);

/// Throws Error that says what has changed where an unfinished run was begun with another record. It names `folder`.
void check_same_run(const Value& begun, const RunRecord& now, const std::filesystem::path& folder);

/// The same for a finished run with its table `table`. What computed it, and in which chunks, no longer matters.
void check_same_finished_run(const Value& finished, const RunRecord& now, const std::filesystem::path& table);

}  // namespace lensfind::score
