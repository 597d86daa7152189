#include "lensfind/train/pretrain_recipe.h"

#include <fmt/format.h>

#include "lensfind/base/settings_file.h"
#include "lensfind/train/recipe_assignments.h"

namespace lensfind::train {
namespace {

/// Two views of one cutout: what neither turning nor a survey's conditions change is what they have in common.
std::vector<dataset::AugmentationStep> views_of_a_cutout() {
  return {{.name = "d4"},
          {.name = "shift", .range = {.08}},
          {.name = "scale", .probability = .5, .range = {.15}},
          {.name = "gaussian_blur", .probability = .3, .range = {5}},
          {.name = "band_gain", .range = {.2}},
          {.name = "noise", .range = {.04}}};
}

/// Scenes that are seen twice differ in seeing, noise and source already.
std::vector<dataset::AugmentationStep> turned_and_shifted() { return {{.name = "d4"}, {.name = "shift", .range = {.06}}}; }

}  // namespace

PretrainRecipe pretrain_recipe(PretrainMethod method) {
  PretrainRecipe recipe;
  recipe.method = method;
  recipe.augmentation = method == PretrainMethod::byol ? views_of_a_cutout() : turned_and_shifted();
  return recipe;
}

PretrainRecipe read_pretrain_recipe(const std::string& path_or_name, const std::vector<std::string>& overrides) {
  const SettingsKind kind{"way of pretraining", all_names<PretrainMethod>()};
  const std::filesystem::path path = find_settings(kind, path_or_name, {});
  PretrainRecipe recipe;
  if (path.empty()) {
    recipe = pretrain_recipe(*find_named<PretrainMethod>(path_or_name));
  } else {
    const Value table = read_toml(path);
    PretrainRecipe named;
    read_fields(table, named, path.string());
    recipe = pretrain_recipe(named.method);
    read_fields(table, recipe, path.string());
  }
  const PretrainMethod method = recipe.method;
  assign(recipe, overrides);
  if (recipe.method != method)
    throw Error{fmt::format("--set method={}: the recipe is of {}", name_of(recipe.method), name_of(method)),
                fmt::format("give --recipe {}, which has settings of its own", name_of(recipe.method))};
  static_cast<void>(dataset::Augmentation{recipe.augmentation});  // its names and ranges
  return recipe;
}

Recipe PretrainRecipe::training() const {
  Recipe recipe;
  recipe.network = network;
  recipe.bands = bands;
  recipe.epochs = epochs;
  recipe.batch = batch;
  recipe.optimiser = OptimiserKind::adamw;
  recipe.rate = rate;
  recipe.weight_decay = weight_decay;
  recipe.decay_norms = false;
  recipe.clip_norm = clip_norm;
  recipe.schedule = ScheduleKind::cosine;
  recipe.warmup_epochs = warmup_epochs;
  recipe.imbalance = {};
  recipe.augmentation = augmentation;
  recipe.scaling = scaling;
  recipe.stretch = stretch;
  recipe.normalise = normalise;
  recipe.precision = precision;
  recipe.simulate = simulate;
  recipe.seed = seed;
  return recipe;
}

}  // namespace lensfind::train
