#pragma once

#include <filesystem>
#include <vector>

#include "lensfind/base/fields.h"
#include "lensfind/base/progress.h"
#include "lensfind/evaluate/target.h"
#include "lensfind/model/model.h"
#include "lensfind/workflows/model_evaluation.h"

namespace lensfind::workflows {

struct CalibrateOptions {
  std::filesystem::path model;  ///< a model folder or anyone's .onnx
  std::filesystem::path out;    ///< the model folder to make
  bool overwrite = false;       ///< replace `out`
  /// The labelled cutouts, none of which the model was trained on. Targets are further thresholds, at `prevalence`, which they need.
  ModelEvaluationOptions on{.split = dataset::Split::all};

  static void describe(auto& field) {
    field(&CalibrateOptions::on, "on", any(), "the labelled cutouts");
    field(&CalibrateOptions::out, "out", any().taking("MODEL"), "model folder to make");
    field(&CalibrateOptions::overwrite, "overwrite", any(), "replace the folder");
  }
};

struct CalibrateResult {
  model::Model model;                            ///< as it stands in `out`; without calibration where lenses do not score higher
  std::vector<evaluate::ReachedTarget> targets;  ///< of those asked for, in their order
};

/// Gives a model probabilities and thresholds from labelled cutouts that it never saw, and leaves it as a model folder with validation.csv
/// (their scores) and seen.csv (their hashes beside those that the model saw before). Throws Error for a cascade, for cutouts that it was
/// trained on or that chose its epoch, for a trained model without seen.csv, for fewer than five lenses or no non-lens, for targets without
/// a prevalence and where `out` exists without `overwrite`; Stopped.
CalibrateResult calibrate(const CalibrateOptions& options, Progress& progress = no_progress(), const StopFlag& stop = never_stop());

}  // namespace lensfind::workflows
