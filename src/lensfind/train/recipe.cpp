#include "lensfind/train/recipe.h"

#include <algorithm>

#include <fmt/format.h>
#include <fmt/ranges.h>

namespace lensfind::train {

namespace fs = std::filesystem;

namespace {

std::vector<std::string> recipes_in(const std::vector<fs::path>& folders) {
  std::vector<std::string> names;
  for (const fs::path& folder : folders) {
    std::error_code absent;
    for (const fs::directory_entry& entry : fs::directory_iterator{folder, absent}) {
      if (entry.path().extension() == ".toml") names.push_back(entry.path().stem().string());
    }
  }
  std::sort(names.begin(), names.end());
  return names;
}

fs::path find_recipe(const std::string& path_or_name, const std::vector<fs::path>& folders) {
  if (fs::is_regular_file(path_or_name)) return path_or_name;
  for (const fs::path& folder : folders) {
    const fs::path candidate = folder / (path_or_name + ".toml");
    if (fs::is_regular_file(candidate)) return candidate;
  }
  const std::vector<std::string> names = recipes_in(folders);
  const std::string near = nearest_name(path_or_name, names);
  throw Error{fmt::format("{}: neither a recipe file nor an installed recipe's name", path_or_name),
              near.empty() ? fmt::format("the installed recipes are {}", fmt::join(names, ", ")) : fmt::format("did you mean `{}`?", near)};
}

void check(const Recipe& recipe, const std::string& origin) {
  if (recipe.outputs == 1 && recipe.loss == LossKind::softmax) {
    throw Error{origin + ": `loss`: softmax needs two outputs", "set outputs = 2, or loss = \"bce\""};
  }
  if (recipe.copies > 0 && recipe.uses(Imbalance::copies) && recipe.augmentation.empty()) {
    throw Error{origin + ": `imbalance`: copies without any augmentation would repeat the same pixels",
                "name at least one step in `augmentation`"};
  }
  static_cast<void>(Augmentation{recipe.augmentation});  // its names and ranges
}

bool leaves_black(const AugmentationStep& step) {
  const bool moves = step.name == "rotate" || step.name == "shift" || step.name == "scale" || step.name == "shift_scale_rotate";
  return (moves && step.border == Border::zero) || std::ranges::any_of(step.one_of, leaves_black);
}

}  // namespace

bool Recipe::uses(Imbalance kind) const { return std::find(imbalance.begin(), imbalance.end(), kind) != imbalance.end(); }

Recipe read_recipe(const std::string& path_or_name, const std::vector<fs::path>& folders, const std::vector<std::string>& overrides) {
  const fs::path path = find_recipe(path_or_name, folders);
  Recipe recipe;
  read_fields(read_toml(path), recipe, path.string());
  for (const std::string& assignment : overrides) set_field(recipe, assignment);
  rename_former_steps(recipe.augmentation);
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
  return found;
}

}  // namespace lensfind::train
