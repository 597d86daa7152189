#include "lensfind/train/recipe.h"

#include <algorithm>
#include <array>
#include <string_view>

#include "lensfind/base/settings_file.h"
#include "lensfind/train/recipe_assignments.h"

namespace lensfind::train {

namespace fs = std::filesystem;

namespace {

void check(const Recipe& recipe, const std::string& origin) {
  if (recipe.outputs == 1 && recipe.loss == LossKind::softmax) {
    throw Error{origin + ": `loss`: softmax needs two outputs", "set outputs = 2, or loss = \"bce\""};
  }
  if (recipe.copies > 0 && recipe.uses(Imbalance::copies) && recipe.augmentation.empty()) {
    throw Error{origin + ": `imbalance`: copies without any augmentation would repeat the same pixels",
                "name at least one step in `augmentation`"};
  }
  static_cast<void>(dataset::Augmentation{recipe.augmentation});  // its names and ranges
}

bool leaves_black(const dataset::AugmentationStep& step) {
  const bool moves = step.name == "rotate" || step.name == "shift" || step.name == "scale" || step.name == "shift_scale_rotate";
  return (moves && step.border == image::Border::zero) || std::ranges::any_of(step.one_of, leaves_black);
}

/// Whether a step changes the seeing or the noise.
bool changes_quality(const dataset::AugmentationStep& step) {
  constexpr std::array<std::string_view, 5> names{"psf_mismatch", "noise_injection", "blur", "gaussian_blur", "noise"};
  return std::ranges::find(names, step.name) != names.end() || std::ranges::any_of(step.one_of, changes_quality);
}

}  // namespace

bool Recipe::uses(Imbalance kind) const { return std::find(imbalance.begin(), imbalance.end(), kind) != imbalance.end(); }

network::Preprocessing Recipe::preprocessing(bool sky_is_subtracted) const {
  using Steps = network::Preprocessing;
  Steps steps;
  if (scaling == ScalingChoice::minmax || (scaling == ScalingChoice::automatic && !sky_is_subtracted))
    steps.scaling = Steps::Scaling::minmax;
  if (scaling == ScalingChoice::noise || (scaling == ScalingChoice::automatic && sky_is_subtracted)) steps.scaling = Steps::Scaling::noise;
  const bool is_noise = steps.scaling == Steps::Scaling::noise;
  if (stretch == StretchChoice::sqrt || (stretch == StretchChoice::automatic && !is_noise)) steps.stretch = Steps::Stretch::sqrt;
  if (stretch == StretchChoice::asinh || (stretch == StretchChoice::automatic && is_noise)) steps.stretch = Steps::Stretch::asinh;
  return steps;
}

Recipe read_recipe(const std::string& path_or_name, const std::vector<fs::path>& folders, const std::vector<std::string>& overrides) {
  const fs::path path = find_settings({"recipe"}, path_or_name, folders);
  Recipe recipe;
  read_fields(read_toml(path), recipe, path.string());
  assign(recipe, overrides);
  dataset::rename_former_steps(recipe.augmentation);
  check(recipe, path.string());
  return recipe;
}

std::vector<std::string> recipe_warnings(const Recipe& recipe) {
  std::vector<std::string> found;
  if (recipe.imbalance.size() > 1) {
    found.emplace_back(
        "imbalance is compensated more than once, so that uncalibrated scores are no probabilities; `imbalance` usually names one way");
  }
  if (recipe.uses(Imbalance::copies) && std::ranges::any_of(recipe.augmentation, leaves_black)) {
    found.emplace_back(
        "`copies` changes lenses alone, and border = \"zero\" leaves them black corners by which the network can tell them; set border = "
        "\"reflect\"");
  }
  const bool rate_falls = recipe.schedule == ScheduleKind::cosine || recipe.schedule == ScheduleKind::one_cycle;
  if (rate_falls && recipe.patience > 0 && recipe.patience < recipe.epochs) {
    found.emplace_back("`patience` may stop the run before the schedule has lowered the learning rate; patience = 0 lets it end");
  }
  if (recipe.ema_decay > 0 && recipe.keep == KeepRule::last && recipe.schedule == ScheduleKind::plateau) {
    found.emplace_back("with keep = \"last\" a plateau schedule may end far from the best epoch");
  }
  if (recipe.condition == Condition::quality && std::ranges::any_of(recipe.augmentation, changes_quality)) {
    found.emplace_back(
        "condition = \"quality\" tells the network the seeing and the noise as they are before augmentation, and steps that blur or add "
        "noise "
        "change them: leave out psf_mismatch, noise_injection, blur, gaussian_blur and noise");
  }
  return found;
}

}  // namespace lensfind::train
