#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "lensfind/dataset/dataset.h"
#include "lensfind/network/graph.h"
#include "lensfind/network/preprocess.h"
#include "lensfind/train/fresh_cutouts.h"
#include "lensfind/train/pretrain.h"

namespace lensfind::train {

/// Everything that a pretraining needs, checked before anything is written.
struct PretrainPrepared {
  PretrainRecipe recipe;
  std::shared_ptr<FreshCutouts> fresh;  ///< what makes the cutouts of `simulate:SURVEY`; null: they are at hand
  dataset::Dataset data;                ///< its labels are never looked at
  dataset::Dataset again;               ///< of lens_pairs: the same scenes seen again; else empty
  std::vector<std::int64_t> samples;    ///< all of them
  std::vector<std::int64_t> watched;    ///< some, evenly spread, whose features tell whether the network collapses
  std::string fingerprint;              ///< of the data
  network::Preprocessing preprocessing;
  std::vector<std::string> band_names;
  network::Graph graph;
  std::string device;
  bool bf16 = false;
  int threads = 1;
  std::vector<std::string> warnings;
};

/// Loads and checks data, device and network. Throws Error for what is at fault, Stopped when `stop` becomes true.
PretrainPrepared prepare_pretraining(const PretrainOptions& options, Progress& progress, const StopFlag& stop);

}  // namespace lensfind::train
