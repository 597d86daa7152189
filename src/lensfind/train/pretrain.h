#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

#include "lensfind/base/fields.h"
#include "lensfind/base/progress.h"
#include "lensfind/train/pretrain_folder.h"
#include "lensfind/train/pretrain_recipe.h"

namespace lensfind::train {

/// What `lensfind pretrain` is told.
struct PretrainOptions {
  PretrainRecipe recipe;
  /// Cutouts of one shape, each as load_dataset takes it; labels are passed over, and of parts only `train` is looked at. Or one
  /// `simulate:SURVEY`.
  std::vector<std::filesystem::path> data;
  std::vector<std::filesystem::path> survey_folders;  ///< where that SURVEY is looked for by name
  std::filesystem::path out;                          ///< the folder that is made (docs/files.md)
  bool resume = false;                                ///< go on with the run in `out`, to the same end as if it had never stopped
  bool overwrite = false;                             ///< replace what is in `out`
  bool allow_bad = false;                             ///< go on although more than 1% of the cutouts were set aside
  std::string device = "auto";                        ///< auto, cpu or cuda
  int threads = 0;                                    ///< 0: all cores
  double checkpoint_seconds = 60;                     ///< a checkpoint is written at the first batch after so many seconds

  static void describe(auto& field) {
    using P = PretrainOptions;
    field(&P::data, "data", any().taking("UNLABELLED"),
          "cutouts, labelled or not: folders, stacks or CSVs as `train` takes them, all of one shape (of a labelled set the training part "
          "alone, without its labels); or simulate:SURVEY: cutouts drawn anew every epoch");
    field(&P::out, "out", any().taking("RUN"), "folder to make, from which `train --set initial_weights=RUN` begins");
    field(&P::resume, "resume", any(), "go on with what is in the folder");
    field(&P::overwrite, "overwrite", any(), "replace what is in the folder");
    field(&P::allow_bad, "allow_bad", any(), "go on although more than 1% of the cutouts were set aside");
    field(&P::device, "device", choices({"auto", "cpu", "cuda"}), "where to compute");
    field(&P::checkpoint_seconds, "checkpoint_seconds", at_least(0).as("--checkpoint-every").in("seconds"),
          "how often to save what --resume goes on from; 0: at every batch");
  }
};

struct PretrainResult {
  std::vector<PretrainEpoch> history;
  std::int64_t cutouts = 0;           ///< of an epoch
  std::vector<std::string> warnings;  ///< Progress::warn has told each too
};

/// Pretrains a network on cutouts without labels and leaves a folder from which `train` begins. Nothing is made where recipe, data or
/// device are at fault: those throw Error first. A line an epoch goes to Progress::line. Throws Stopped after the batch under way when
/// `stop` becomes true, leaving a run that `resume` goes on with, and Error where the loss is not finite or the network has collapsed: all
/// cutouts' projections point the same way (spread under collapsed_spread; under narrow_spread it warns).
PretrainResult pretrain(const PretrainOptions& options, Progress& progress = no_progress(), const StopFlag& stop = never_stop());

constexpr double collapsed_spread = .01, narrow_spread = .1;

}  // namespace lensfind::train
