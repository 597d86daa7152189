#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

#include "lensfind/base/value.h"
#include "lensfind/network/preprocess.h"
#include "lensfind/network/weights.h"

namespace lensfind::train {

/// One epoch of a pretraining, a line of RUN/history.csv.
struct PretrainEpoch {
  int epoch = 0;
  double loss = 0;               ///< mean over the epoch
  double feature_spread = 0;     ///< of what the last layer will take, after the epoch (train/pretrain_loss.h)
  double projection_spread = 0;  ///< of what the projector gives; 0 where there is none
  double learning_rate = 0;      ///< of the epoch's last step
  std::int64_t images = 0;
  double seconds = 0;

  bool operator==(const PretrainEpoch&) const = default;
};

/// history.csv: a line an epoch, with the names of the members as header. Written whole, read by names of columns.
void write_pretrain_history(const std::filesystem::path& path, const std::vector<PretrainEpoch>& history);
/// Throws Error where a column is missing or a cell is no number.
std::vector<PretrainEpoch> read_pretrain_history(const std::filesystem::path& path);

/// What a pretraining leaves.
struct Pretrained {
  std::string network;
  std::vector<std::string> bands;
  int size = 0;  ///< a side of the cutouts, pixels
  network::Preprocessing preprocessing;
  Value provenance;          ///< recipe, data, versions
  network::Weights encoder;  ///< all weights of the network but its last layer's
};

/// Whether `pretrain` made this folder, finished or not.
bool is_pretraining_folder(const std::filesystem::path& path);
/// Whether it is finished.
bool is_pretrained_folder(const std::filesystem::path& path);

/// Writes RUN/encoder.safetensors, then RUN/pretrain.json, which ends the run.
void write_pretrained(const std::filesystem::path& folder, const Pretrained& run);
/// Throws Error where the folder is unfinished or a file is damaged.
Pretrained read_pretrained(const std::filesystem::path& folder);

}  // namespace lensfind::train
