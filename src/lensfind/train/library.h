#pragma once

#include <string>

#include "lensfind/train/batch_feed.h"
#include "lensfind/train/fine_tune.h"
#include "lensfind/train/head_features.h"
#include "lensfind/train/pretrain.h"
#include "lensfind/train/series.h"
#include "lensfind/train/train.h"

namespace lensfind::train {

/// What a program calls of this room where it loads the room's shared library itself: with it comes libtorch, which takes a third of a
/// second to load that nothing but training should wait for. The library has one under the name library_symbol.
struct Library {
  decltype(&lensfind::train::read_recipe) read_recipe;
  decltype(&lensfind::train::train) train;
  decltype(&lensfind::train::parse_recipe) parse_recipe;
  decltype(&lensfind::train::parse_ensemble) parse_ensemble;
  decltype(&lensfind::train::plan_series) plan_series;
  decltype(&lensfind::train::train_series) train_series;
  decltype(&lensfind::train::open_batch_feed) open_batch_feed;
  decltype(&lensfind::train::fine_tune) fine_tune;
  decltype(&lensfind::train::refresh_norm_statistics) refresh_norm_statistics;
  decltype(&lensfind::train::logits_of) logits_of;
  decltype(&lensfind::train::head_features) head_features;
  std::string (*torch_version)();
  decltype(&lensfind::train::read_pretrain_recipe) read_pretrain_recipe;
  decltype(&lensfind::train::pretrain) pretrain;
};

constexpr const char* library_symbol = "lensfind_train_library";

}  // namespace lensfind::train
