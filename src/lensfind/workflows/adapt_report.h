#pragma once

#include <filesystem>

#include "lensfind/evaluate/scores.h"
#include "lensfind/workflows/adapt.h"

namespace lensfind::workflows {

/// AUC and average precision of two tables of scores of the same labelled samples, and their paired differences (second minus first), as
/// `compare` gives them.
void judge_gain(const evaluate::Scores& before, const evaluate::Scores& after, std::uint64_t seed, StepRow& row);

/// A step is kept where the AUC rises, and not where it stays or falls.
bool is_gain(const StepRow& row);

/// A row as adapt.json holds it, and back.
Value to_json_value(const StepRow& row);
StepRow step_row(const Value& value);

/// "0.765 -> 0.856: +0.091 (0.032 to 0.150)", or why there is none.
std::string gain_text(const StepRow& row);

/// Writes adapt.json, adapt.csv and adapt.md into a folder. `about`: what was adapted, with what.
void write_adapt_report(const std::filesystem::path& folder, const AdaptOptions& options, const AdaptResult& result, const Value& settings);

}  // namespace lensfind::workflows
