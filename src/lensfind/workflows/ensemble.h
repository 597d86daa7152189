#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "lensfind/base/fields.h"
#include "lensfind/base/progress.h"
#include "lensfind/dataset/dataset.h"
#include "lensfind/model/model.h"
#include "lensfind/workflows/ensemble_choice.h"

namespace lensfind::workflows {

struct EnsembleOptions {
  std::vector<std::filesystem::path> members;  ///< model folders, two or more, of the same bands and size
  std::filesystem::path out;                   ///< the model folder to make
  std::optional<network::Combine> combine;     ///< nothing: what is best on the validation data
  std::filesystem::path data;                  ///< labelled cutouts that no member saw; empty: the members' own validation
  dataset::Split split = dataset::Split::all;
  int folds = 5;
  int bootstrap_draws = 1000;
  std::uint64_t seed = 0;
  int threads = 0;         ///< 0: all cores
  bool overwrite = false;  ///< replace `out`

  static void describe(auto& field) {
    field(&EnsembleOptions::out, "out", any().taking("MODEL"), "model folder to make");
    field(&EnsembleOptions::combine, "combine", any(),
          "mean of the logits, of the calibrated ones, of the probabilities, or of weighted ones; default: what is best on the validation "
          "data, and logit without such");
    field(&EnsembleOptions::data, "data", any().taking("DIR"),
          "labelled cutouts that no member saw, to choose by; default: the validation cutouts that all members had in training");
    field(&EnsembleOptions::split, "split", any(), "which part of --data");
    field(&EnsembleOptions::folds, "folds", between(2, 100), "parts of the validation data: each is judged by what the others fitted");
    field(&EnsembleOptions::bootstrap_draws, "bootstrap_draws", between(100, 1000000).as("--bootstrap").taking("N"),
          "draws for the intervals of differences in average precision");
    field(&EnsembleOptions::overwrite, "overwrite", any(), "replace the folder");
  }
};

/// An ensemble as it was made.
struct EnsembleResult {
  model::Model model;
  std::optional<EnsembleChoice> choice;  ///< nothing: there was nothing to choose by
  std::vector<std::string> notes;        ///< why there was no choice; what the data are
};

/// Several models as one, model::make_ensemble(), as a model folder that was tried on a cutout before it got its name; seen.csv holds what
/// any member saw, and the cutouts by which it was chosen. With `data`, or where the members' runs held the same cutouts out of training
/// (validation.csv, the same data's fingerprint; a note says where these also chose members' epochs, which flatters), the combinations are
/// judged on these (choose_combination), the best is taken where `combine` names none, and the ensemble is calibrated on them. Throws Error
/// as make_ensemble(), for Combine::stacked without validation data, for data that a member was trained on, and where `out` exists without
/// `overwrite`; Stopped.
EnsembleResult make_ensemble_folder(const EnsembleOptions& options, Progress& progress = no_progress(),
                                    const StopFlag& stop = never_stop());

}  // namespace lensfind::workflows
