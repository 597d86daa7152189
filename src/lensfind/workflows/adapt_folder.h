#pragma once

#include <optional>

#include "lensfind/workflows/adapt_steps.h"

namespace lensfind::workflows {

/// What a step left in OUT/steps/STEP, so that a resumed run need not do it again.
struct FinishedStep {
  StepRow row;
  Value settings;
  Adapted after;  ///< what goes on from here, whether the step was kept or not
};

/// Writes a step; `fingerprint` is of all that went before.
void save_step(const std::filesystem::path& folder, const FinishedStep& step, const std::string& fingerprint);
/// Nothing where it is not whole, or was made from something else.
std::optional<FinishedStep> load_step(const std::filesystem::path& folder, const std::string& fingerprint);

/// Of the model, the images, their labels and what is asked for: what a resumed run must find again.
std::string fingerprint_of(const AdaptBench& bench);

/// Makes the adapted model: weights, calibration and thresholds from held-out logits, what the images look like, where it comes from.
model::Model adapted_model(const AdaptBench& bench, const Adapted& state, const Value& steps);

/// Writes the model folder's files beside the report; model.json comes last. `before`: what adaptation began with. held_out.csv
/// (id,label,group,fold,before,after) holds the logits on which the whole was judged.
void write_adapted(const std::filesystem::path& out, const AdaptBench& bench, const Adapted& before, const Adapted& state,
                   const model::Model& model);

}  // namespace lensfind::workflows
