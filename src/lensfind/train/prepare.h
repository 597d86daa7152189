#pragma once

#include <filesystem>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "lensfind/dataset/dataset.h"
#include "lensfind/dataset/split.h"
#include "lensfind/model/seen.h"
#include "lensfind/model/training_images.h"
#include "lensfind/network/graph.h"
#include "lensfind/network/preprocess.h"
#include "lensfind/network/weights.h"
#include "lensfind/train/loss.h"
#include "lensfind/train/pretrain_folder.h"
#include "lensfind/train/train.h"

namespace lensfind::train {

/// The samples in each split, indices ascending.
struct TrainingSplit {
  std::vector<std::int64_t> train;
  std::vector<std::int64_t> choosing;     ///< validation: their figures stand in the history and choose epoch and learning rate
  std::vector<std::int64_t> calibration;  ///< validation: calibration and thresholds come from them; may be the same samples
  std::string calibrated_on;              ///< says which

  [[nodiscard]] std::vector<std::int64_t> validation() const;  ///< both, ascending
};

/// Splits by the recipe: training and validation first. Where validation chooses something and has at least 50 lenses, half of it is held
/// out for calibration. Else all of it serves both ends. `before` is as split_by_group() takes it.
TrainingSplit split_samples(const Recipe& recipe, const std::vector<dataset::Sample>& samples,
                            std::span<const dataset::StoodIn> before = {});

/// Everything a run needs, checked before anything is written.
struct Prepared {
  Recipe recipe;
  std::filesystem::path beginning;       ///< the file or folder of the recipe's initial_weights; empty: untrained
  std::optional<Pretrained> pretrained;  ///< what `pretrain` left there; none: a file, or a model
  std::shared_ptr<FreshCutouts> fresh;   ///< what makes the cutouts of `--data simulate:SURVEY`; null: they are at hand
  dataset::Dataset data;
  model::SeenCutouts seen_before;  ///< what the model saw from which the first weights come, or a teacher
  TrainingSplit split;
  std::vector<std::int64_t> mined;      ///< hard negatives: of the training split, or of a pool, behind the samples of the data
  std::vector<float> targets;           ///< of each sample: the probability of a lens that is to be learnt; empty: the label
  std::string fingerprint;              ///< of data, hard negatives and targets: what a resumed run must find again
  Value mining_rounds{Value::Array{}};  ///< this one and those by which the first weights were made
  network::Preprocessing preprocessing;
  model::TrainingImages training_images;  ///< what the training split looks like
  std::vector<std::string> band_names;
  network::Graph graph;
  network::Weights initial;
  LossSettings loss;
  std::string device;  ///< "cpu" or "cuda"
  bool bf16 = false;
  int threads = 1;
  std::vector<std::string> warnings;
};

/// Loads and checks data, device and network. Throws Error for what is at fault, Stopped when `stop` becomes true.
Prepared prepare(const TrainOptions& options, Progress& progress, const StopFlag& stop);

/// Throws Error where the results of all layers of a network for one batch of `samples` cutouts do not fit into so much memory. A step
/// needs more than that.
void refuse_batch_beyond(double memory_bytes, const Recipe& recipe, const network::Graph& graph, std::int64_t samples);

/// How many of `samples` have this label.
std::int64_t count(const dataset::Dataset& data, const std::vector<std::int64_t>& samples, Label label);

}  // namespace lensfind::train
