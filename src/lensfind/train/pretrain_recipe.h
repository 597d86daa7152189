#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

#include "lensfind/base/fields.h"
#include "lensfind/dataset/augment.h"
#include "lensfind/train/fresh_cutouts.h"
#include "lensfind/train/recipe.h"

namespace lensfind::train {

/// What a network learns from cutouts without labels.
/// - byol: two augmented views of a cutout are brought to the same features (BYOL, Grill et al. 2020, arXiv:2006.07733).
/// - lens_pairs: the same with two views that the renderer gives: one scene seen twice (FreshCutouts::View).
/// - masked: hidden blocks of a cutout are predicted from the rest (SimMIM, Xie et al. 2022, arXiv:2111.09886).
enum class PretrainMethod { byol, lens_pairs, masked };
constexpr auto enum_names(PretrainMethod) {
  return names_of<PretrainMethod>(
      {{PretrainMethod::byol, "byol"}, {PretrainMethod::lens_pairs, "lens_pairs"}, {PretrainMethod::masked, "masked"}});
}

/// How a network is pretrained: what RUN/pretrain.toml holds (docs/pretraining.md). By AdamW; the rate falls along half a cosine.
struct PretrainRecipe {
  PretrainMethod method = PretrainMethod::byol;
  std::string network = "resnet18";
  std::vector<std::string> bands;
  int epochs = 20;
  int batch = 64;

  double rate = 1e-3;
  double weight_decay = 1e-4;
  double warmup_epochs = 1;
  double clip_norm = 0;

  int hidden = 512;
  int projection = 128;
  double target_momentum = .99;
  double masked_fraction = .6;
  int block = 8;

  std::vector<dataset::AugmentationStep> augmentation;
  ScalingChoice scaling = ScalingChoice::automatic;
  StretchChoice stretch = StretchChoice::automatic;
  Normalise normalise = Normalise::bands;
  Precision precision = Precision::automatic;
  FreshSettings simulate;
  std::int64_t seed = 0;

  /// Whether two views of each cutout are compared.
  [[nodiscard]] bool is_of_pairs() const { return method != PretrainMethod::masked; }
  /// What batches, optimiser and schedule of a training take of it.
  [[nodiscard]] Recipe training() const;

  static void describe(auto& field);
};

/// The settings with which a method begins: its augmentation differs from method to method.
PretrainRecipe pretrain_recipe(PretrainMethod method);

/// A method's settings by its name, or those in a TOML file (whose `method` says what else it begins with), with `overrides` ("epochs=5",
/// "simulate.lenses=100") on top. Throws Error for an unknown name, key or value, naming the nearest known one.
PretrainRecipe read_pretrain_recipe(const std::string& path_or_name, const std::vector<std::string>& overrides = {});

void PretrainRecipe::describe(auto& field) {
  using R = PretrainRecipe;
  field(&R::method, "method", any(), "what is learnt; where a file says it, its other defaults are that method's");
  field(&R::network, "network", any(), "one of `lensfind networks`; the training that follows must take the same");
  field(&R::bands, "bands", any(), "names of the bands, in order; empty: as headers say, else g, r, i for three, else band1, band2, ...");
  field(&R::epochs, "epochs", between(1, 100000), "passes over the data");
  field(&R::batch, "batch", between(2, 65536), "cutouts a step; of pairs, so many pairs");
  field(&R::rate, "rate", positive(), "highest learning rate of AdamW; it falls to 0 along half a cosine");
  field(&R::weight_decay, "weight_decay", between(0, 1000), "decoupled; norms' weights and biases do not decay");
  field(&R::warmup_epochs, "warmup_epochs", between(0, 100000), "epochs of linear rise to the rate");
  field(&R::clip_norm, "clip_norm", between(0, 1000000000), "longest gradient, longer ones are shortened to it; 0: any length");
  field(&R::hidden, "hidden", between(2, 8192), "byol, lens_pairs: width within projector and predictor");
  field(&R::projection, "projection", between(2, 4096), "byol, lens_pairs: numbers a view is projected to");
  field(&R::target_momentum, "target_momentum", between(0, 1),
        "byol, lens_pairs: fraction of the target network's weights kept a step, at first; it rises to 1 along half a cosine");
  field(&R::masked_fraction, "masked_fraction", between(.01, .99), "masked: fraction of a cutout's blocks that is hidden");
  field(&R::block, "block", between(1, 256).in("pixels"), "masked: a side of a block; it divides the cutout's side");
  field(&R::augmentation, "augmentation", any(), "steps, in order, as a recipe of `train` has them; of pairs each view draws its own");
  field(&R::scaling, "scaling", any(), "of raw pixels, as in `train`, which takes it over where its own is auto");
  field(&R::stretch, "stretch", any(), "of scaled pixels, likewise");
  field(&R::normalise, "normalise", any(), "by mean and standard deviation of each band over the data, or not");
  field(&R::precision, "precision", any(), "of convolutions and matrix products; auto: bf16 where processor and network gain from it");
  field(&R::simulate, "simulate", any(), "what `--data simulate:SURVEY` draws");
  field(&R::seed, "seed", at_least(0), "of first weights, order, augmentation and hidden blocks");
}

}  // namespace lensfind::train
