#pragma once

#include <filesystem>
#include <vector>

#include "lensfind/evaluate/scores.h"
#include "lensfind/model/model.h"
#include "lensfind/train/prepare.h"
#include "lensfind/train/train.h"

namespace lensfind::train {

/// One line for an epoch: losses, AUC, average precision, images a second.
std::string epoch_line(const model::EpochRecord& epoch, int epochs);

/// What a run knows of its samples, by logits of the validation samples in the order of Sides::validation(): the calibrated model (its
/// weights are still missing) and the rows of validation.csv.
struct Outcome {
  model::Model model;
  evaluate::Scores validation;
  std::string calibrated_on;  ///< or why there is no calibration
};
Outcome evaluate_outcome(const Prepared& run, const std::vector<double>& validation_logits);

/// Provenance for model.json: recipe, data, seed, split, versions.
Value provenance(const Prepared& run, const std::filesystem::path& data, int kept_epoch, const std::string& calibrated_on);

}  // namespace lensfind::train
