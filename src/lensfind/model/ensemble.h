#pragma once

#include <filesystem>
#include <optional>
#include <vector>

#include "lensfind/model/model.h"

namespace lensfind::model {

/// What was fitted on validation data to combine members, and what their combined logit means.
struct FittedCombination {
  std::vector<double> slopes, intercepts;  ///< of Combine's s, one a member; not of Combine::logit
  evaluate::Calibration calibration;       ///< of the combined logit
};

/// Makes one model of several. Its model.onnx holds them all and gives one logit (n, 1).
/// - Combine::logit: the mean of the members' logits, as in the study. It has no calibration until `calibrate` gives it one.
/// - Combine::probability: with p the mean of the members' calibrated probabilities at the prevalence v of the first member's calibration,
///   the logit is ln(p / (1 - p)). Its calibration (slope 1, intercept -ln(v / (1 - v))) gives p back at v. Every member must be calibrated
///   for it.
/// - Combine::calibrated: the mean of the members' log likelihood ratios by their own calibrations, which all must have. It has no
///   calibration until `calibrate` gives it one.
/// - Combine::stacked: only with `fitted`.
/// With `fitted` its numbers stand for the members' calibrations, and the ensemble has its calibration.
/// Throws Error for fewer than two members, members that are ensembles or ONNX files themselves, or members whose bands or sizes differ.
Model make_ensemble(const std::vector<std::filesystem::path>& folders, network::Combine combine,
                    const std::optional<FittedCombination>& fitted = {});

}  // namespace lensfind::model
