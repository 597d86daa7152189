#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

#include "lensfind/base/fields.h"
#include "lensfind/dataset/augment.h"
#include "lensfind/network/onnx.h"
#include "lensfind/train/fresh_cutouts.h"

namespace lensfind::train {

enum class OptimiserKind { adamw, sgd };
constexpr auto enum_names(OptimiserKind) { return names_of<OptimiserKind>({{OptimiserKind::adamw, "adamw"}, {OptimiserKind::sgd, "sgd"}}); }
enum class ScheduleKind { plateau, cosine, one_cycle, constant };
constexpr auto enum_names(ScheduleKind) {
  return names_of<ScheduleKind>({{ScheduleKind::plateau, "plateau"},
                                 {ScheduleKind::cosine, "cosine"},
                                 {ScheduleKind::one_cycle, "one_cycle"},
                                 {ScheduleKind::constant, "constant"}});
}
enum class KeepRule { auc, study, average_precision, last };
constexpr auto enum_names(KeepRule) {
  return names_of<KeepRule>(
      {{KeepRule::auc, "auc"}, {KeepRule::study, "study"}, {KeepRule::average_precision, "average_precision"}, {KeepRule::last, "last"}});
}
enum class Imbalance { weight, sampler, copies };
constexpr auto enum_names(Imbalance) {
  return names_of<Imbalance>({{Imbalance::weight, "weight"}, {Imbalance::sampler, "sampler"}, {Imbalance::copies, "copies"}});
}
enum class LossKind { bce, softmax, focal };
constexpr auto enum_names(LossKind) {
  return names_of<LossKind>({{LossKind::bce, "bce"}, {LossKind::softmax, "softmax"}, {LossKind::focal, "focal"}});
}
/// automatic: `noise` for cutouts in flux whose sky is subtracted, so that its noise goes below 0, `minmax` for all others.
enum class ScalingChoice { automatic, none, minmax, noise };
constexpr auto enum_names(ScalingChoice) {
  return names_of<ScalingChoice>({{ScalingChoice::automatic, "auto"},
                                  {ScalingChoice::none, "none"},
                                  {ScalingChoice::minmax, "minmax"},
                                  {ScalingChoice::noise, "noise"}});
}
/// automatic: `asinh` after scaling by noise, `sqrt` after any other.
enum class StretchChoice { automatic, none, sqrt, asinh };
constexpr auto enum_names(StretchChoice) {
  return names_of<StretchChoice>(
      {{StretchChoice::automatic, "auto"}, {StretchChoice::none, "none"}, {StretchChoice::sqrt, "sqrt"}, {StretchChoice::asinh, "asinh"}});
}
/// What a network is told beside pixels. quality: seeing and noise of each band, by FiLM (network/film.h).
enum class Condition { none, quality };
constexpr auto enum_names(Condition) { return names_of<Condition>({{Condition::none, "none"}, {Condition::quality, "quality"}}); }
enum class Normalise { bands, none };
constexpr auto enum_names(Normalise) { return names_of<Normalise>({{Normalise::bands, "bands"}, {Normalise::none, "none"}}); }
enum class Precision { automatic, f32, bf16 };
constexpr auto enum_names(Precision) {
  return names_of<Precision>({{Precision::automatic, "auto"}, {Precision::f32, "f32"}, {Precision::bf16, "bf16"}});
}

/// How a network is trained: what a recipes/*.toml holds (docs/recipes.md). The defaults are the published study's.
struct Recipe {
  std::string network = "resnet18";
  int outputs = 2;
  std::string initial_weights;
  std::vector<std::string> freeze;
  std::vector<std::string> bands;
  int epochs = 15;
  int batch = 32;

  OptimiserKind optimiser = OptimiserKind::adamw;
  double rate = 1e-4;
  double weight_decay = 1e-4;
  bool decay_norms = true;
  double momentum = .9;
  double clip_norm = 0;

  ScheduleKind schedule = ScheduleKind::plateau;
  double plateau_factor = .1;
  int plateau_patience = 3;
  double warmup_epochs = 0;
  int patience = 5;
  KeepRule keep = KeepRule::auc;

  std::vector<Imbalance> imbalance{Imbalance::copies, Imbalance::weight};
  double positive_weight = 16.575;
  double lens_fraction = .25;
  int copies = 9;
  double mined_fraction = .25;
  std::int64_t mined = 1000;

  LossKind loss = LossKind::bce;
  double focal_gamma = 2;
  double label_smoothing = 0;
  double temperature = 4;

  std::vector<dataset::AugmentationStep> augmentation;
  ScalingChoice scaling = ScalingChoice::minmax;
  StretchChoice stretch = StretchChoice::none;
  Normalise normalise = Normalise::bands;
  Condition condition = Condition::none;

  double dropout = 0;
  double drop_path = 0;
  double ema_decay = 0;
  Precision precision = Precision::f32;
  double validation_fraction = .1;
  FreshSettings simulate;
  std::int64_t seed = 0;

  [[nodiscard]] bool uses(Imbalance kind) const;

  /// Scaling and stretch as they are meant for cutouts in flux whose sky is subtracted, or for others.
  [[nodiscard]] network::Preprocessing preprocessing(bool sky_is_subtracted) const;

  static void describe(auto& field);
};

/// The recipe in a file, or of that name (`demo` for FOLDER/demo.toml) in the first of `folders` that has it, with `overrides` ("epochs=1")
/// on top. Throws Error for an unknown name, key or value, naming the nearest known one.
Recipe read_recipe(const std::string& path_or_name, const std::vector<std::filesystem::path>& folders,
                   const std::vector<std::string>& overrides = {});

/// What in a recipe is allowed but hardly meant, a sentence each: two ways of compensating imbalance at once, a key without effect.
std::vector<std::string> recipe_warnings(const Recipe& recipe);

void Recipe::describe(auto& field) {
  field(&Recipe::network, "network", any(), "one of `lensfind networks`");
  field(&Recipe::outputs, "outputs", between(1, 2), "logits of the network: 2 (non-lens, lens) or 1 (bce and focal only)");
  field(&Recipe::initial_weights, "initial_weights", any(),
        "a .safetensors file, model folder, installed model or folder of `pretrain` to start from; empty: untrained. A head of another "
        "size is "
        "not taken");
  field(&Recipe::freeze, "freeze", any(), "parameters whose names begin so are not trained, and their batch norms keep their statistics");
  field(&Recipe::bands, "bands", any(), "names of the bands, in order; empty: g, r, i for three, else band1, band2, ...");
  field(&Recipe::epochs, "epochs", between(1, 100000), "passes over the training data, at most");
  field(&Recipe::batch, "batch", between(2, 65536), "cutouts a step");

  field(&Recipe::optimiser, "optimiser", any(), "AdamW (Loshchilov & Hutter 2019) or SGD with Nesterov momentum");
  field(&Recipe::rate, "rate", positive(), "learning rate; the highest of the schedule");
  field(&Recipe::weight_decay, "weight_decay", between(0, 1000), "decoupled for adamw, added to the gradient for sgd");
  field(&Recipe::decay_norms, "decay_norms", any(), "whether norms' weights and all biases decay too");
  field(&Recipe::momentum, "momentum", between(0, .9999), "of sgd");
  field(&Recipe::clip_norm, "clip_norm", between(0, 1000000000), "longest gradient, longer ones are shortened to it; 0: any length");

  field(&Recipe::schedule, "schedule", any(), "how the learning rate goes");
  field(&Recipe::plateau_factor, "plateau_factor", between(0, 1), "plateau: the rate's factor where the validation loss stands still");
  field(&Recipe::plateau_patience, "plateau_patience", between(0, 100000).in("epochs"),
        "plateau: how many epochs it may stand still before");
  field(&Recipe::warmup_epochs, "warmup_epochs", between(0, 100000),
        "epochs of linear rise to the rate; one_cycle: of its rise, 0 for 30%");
  field(&Recipe::patience, "patience", between(0, 100000),
        "stops after so many epochs in which neither validation loss nor AUC improved; 0: never");
  field(&Recipe::keep, "keep", any(),
        "which epoch's weights are kept: that of the best validation AUC, the last at which validation loss or AUC improved, that of the "
        "best validation average precision, or the last");

  field(&Recipe::imbalance, "imbalance", any(), "how rare lenses are made up for; [] for not at all");
  field(&Recipe::positive_weight, "positive_weight", between(0, 1000000000),
        "weight: of a lens in the loss; 0: non-lenses over lenses of the training side");
  field(&Recipe::lens_fraction, "lens_fraction", between(.001, .999), "sampler: fraction of lenses in each batch", "lens_share");
  field(&Recipe::copies, "copies", between(1, 1000),
        "copies: augmented copies of each training lens beside itself, made once; nothing else is augmented");

  field(&Recipe::mined_fraction, "mined_fraction", between(.001, .9), "with --mine: fraction of hard negatives in each batch",
        "mined_share");
  field(&Recipe::mined, "mined", at_least(1), "with --mine: how many of the highest-scoring non-lenses are hard negatives");

  field(&Recipe::loss, "loss", any(), "binary cross-entropy of one-hot outputs, cross-entropy of softmax, or focal loss (Lin et al. 2017)");
  field(&Recipe::focal_gamma, "focal_gamma", between(0, 100), "focal: exponent; 0 is bce");
  field(&Recipe::label_smoothing, "label_smoothing", between(0, .999), "part of each target that is spread over both classes");

  field(&Recipe::temperature, "temperature", positive(),
        "of a cascade's student: what its teacher's logits are divided by before it learns them");

  field(&Recipe::augmentation, "augmentation", any(), "steps, in order: tables with name, probability, range, ...");
  field(&Recipe::scaling, "scaling", any(),
        "of raw pixels: none; minmax: each band of each cutout to [0, 1]; noise: each divided by 30 times its scatter from pixel to pixel; "
        "auto: noise where the cutouts' sky is subtracted, so that its noise goes below 0, else minmax");
  field(&Recipe::stretch, "stretch", any(), "of scaled pixels; auto: asinh after scaling by noise, else sqrt");
  field(&Recipe::normalise, "normalise", any(), "by mean and standard deviation of each band over the training side, or not");

  field(&Recipe::condition, "condition", any(),
        "what the network is told beside pixels; quality: the seeing of each band, where tables or headers say it, and its noise, which is "
        "measured");

  field(&Recipe::dropout, "dropout", between(0, .9), "probability that a feature before the last layer is dropped (timm's drop_rate)");
  field(&Recipe::drop_path, "drop_path", between(0, .9),
        "probability that a cutout passes by the last residual branch; from 0 it grows with the depth (timm's drop_path_rate)");
  field(&Recipe::ema_decay, "ema_decay", between(0, .999999),
        "weight average: fraction of the old average kept a step, the average is what is validated and kept; 0: none");
  field(&Recipe::precision, "precision", any(),
        "of convolutions and matrix products in training; auto: bf16 where processor and network gain from it");
  field(&Recipe::validation_fraction, "validation_fraction", between(.01, .9), "fraction of the samples that chooses epoch and thresholds");
  field(&Recipe::simulate, "simulate", any(), "what `--data simulate:SURVEY` draws");
  field(&Recipe::seed, "seed", at_least(0), "of the split, first weights, order, augmentation and dropout");
}

}  // namespace lensfind::train
