#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "lensfind/base/fields.h"
#include "lensfind/base/progress.h"
#include "lensfind/base/ranks.h"
#include "lensfind/dataset/dataset.h"
#include "lensfind/model/history.h"
#include "lensfind/model/seen.h"
#include "lensfind/train/recipe.h"

namespace lensfind::train {

/// What `lensfind train` is told.
struct TrainOptions {
  Recipe recipe;
  /// As load_dataset takes it; of its parts only `train` where it has them. Or `simulate:SURVEY`: cutouts that are drawn anew every epoch,
  /// by recipe.simulate.
  std::filesystem::path data;
  std::vector<std::filesystem::path> survey_folders;  ///< where that SURVEY is looked for by name
  std::vector<std::filesystem::path> model_folders;   ///< where the recipe's initial_weights are looked for by name
  std::filesystem::path out;                          ///< the model folder that is made (docs/files.md)
  image::ImageShape wanted = {};                      ///< of the cutouts, as load_dataset takes it
  std::optional<double> pixel_scale_arcsec;           ///< of the cutouts; none: what simulation.toml or FITS headers beside them say
  /// A scores table (id,logit): the highest-scoring non-lenses of `data`, or of `mine_images` where that is named, fill mined_fraction of
  /// each batch; empty: none.
  std::filesystem::path mine;
  std::filesystem::path mine_images;  ///< a pool that is not in `data`: whatever it does not label as lenses is taken for non-lenses
  bool resume = false;                ///< go on with the run in `out`, to the same end as if it had never stopped
  bool overwrite = false;             ///< replace what is in `out`
  bool allow_bad = false;             ///< train although more than 1% of the cutouts were set aside
  std::string device = "auto";        ///< auto, cpu or cuda
  int threads = 0;                    ///< 0: all cores
  Ranks* ranks = nullptr;             ///< processes that train this network together, each on its part of every batch; the first one writes
  double checkpoint_seconds = 60;     ///< a checkpoint is written at the first batch after so many seconds; 0: at every batch
  /// A teacher's logits for every sample of the data: the network learns these instead of the labels, and from samples without a label too
  /// (distillation, Hinton et al. 2015). Empty: the labels are what is learnt.
  std::function<std::vector<double>(const dataset::Dataset&)> teacher;
  /// Cutouts that other models than the recipe's initial_weights have seen whose word this run takes, as its teacher's: what one was
  /// trained on is not held out.
  model::SeenCutouts seen;

  static void describe(auto& field) {
    using T = TrainOptions;
    field(&T::data, "data", any().taking("DIR"),
          "labelled cutouts: a folder in the DeepLense layout, or a CSV (path,label,group); or simulate:SURVEY (an installed survey or a "
          "TOML "
          "file): cutouts drawn anew every epoch, by the recipe's table [simulate]");
    field(&T::out, "out", any().taking("RUN"), "model folder to make");
    field(&T::mine, "mine", any().taking("SCORES"),
          "a scores.csv of DIR, or of --mine-images: the highest-scoring non-lenses fill the recipe's mined_fraction of each batch");
    field(&T::mine_images, "mine_images", any().taking("POOL"),
          "what SCORES scored, where it is not DIR: a folder, stack or CSV; all but what it labels as lenses counts as non-lenses");
    field(&T::pixel_scale_arcsec, "pixel_scale_arcsec", positive().as("--pixel-scale").in("arcsec"),
          "of the cutouts, where neither simulation.toml nor FITS headers say it: `score` brings others to it");
    field(&T::resume, "resume", any(), "go on with what is in the folder");
    field(&T::overwrite, "overwrite", any(), "replace what is in the folder");
    field(&T::allow_bad, "allow_bad", any(), "train although more than 1% of the cutouts were set aside");
    field(&T::device, "device", choices({"auto", "cpu", "cuda"}), "where to compute");
    field(&T::checkpoint_seconds, "checkpoint_seconds", at_least(0).as("--checkpoint-every").in("seconds"),
          "how often to save what --resume goes on from; 0: at every batch");
  }
};

struct TrainResult {
  std::vector<model::EpochRecord> history;
  int kept_epoch = 0;  ///< the one whose weights the model has
  std::int64_t train_lenses = 0, train_nonlenses = 0;
  std::int64_t validation_lenses = 0, validation_nonlenses = 0;
  std::string calibrated_on;          ///< what calibration and thresholds come from, or why there are none
  std::vector<std::string> warnings;  ///< what a reader of the figures must know; Progress::warn has told each too
};

/// Trains a network and leaves a model folder. Nothing is made where recipe, data or device are at fault: those throw Error first. A line
/// an epoch goes to Progress::line. Throws Stopped after the batch under way when `stop` becomes true, leaving a run that `resume` goes on
/// with, and Error with the batch's ids where the loss is not finite.
TrainResult train(const TrainOptions& options, Progress& progress = no_progress(), const StopFlag& stop = never_stop());

}  // namespace lensfind::train
