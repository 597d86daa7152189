#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

#include "lensfind/base/progress.h"
#include "lensfind/train/recipe.h"

namespace lensfind::train {

/// A recipe under the name by which its runs are known.
struct NamedRecipe {
  std::string name;
  Recipe recipe;
};

/// Reads `[NAME=]RECIPE[,KEY=VALUE...]`: "lensfind", "my/own.toml", "plain=lensfind,ema_decay=0,augmentation=[]". RECIPE is as read_recipe
/// takes it. `overrides` ("epochs=1") go on top, then the text's own. Commas inside brackets and quotes separate nothing. Without NAME it
/// is RECIPE without folder and suffix.
NamedRecipe parse_recipe(const std::string& text, const std::vector<std::filesystem::path>& folders,
                         const std::vector<std::string>& overrides = {});

/// A system that is the mean logit of others, seed by seed.
struct NamedEnsemble {
  std::string name;
  std::vector<std::string> members;  ///< names of recipes
};

/// Reads `NAME=A+B`. Throws Error for another form.
NamedEnsemble parse_ensemble(const std::string& text);

/// Several recipes, each trained with several seeds.
struct SeriesOptions {
  std::vector<NamedRecipe> recipes;
  std::vector<NamedEnsemble> ensembles;
  std::int64_t first_seed = 0;  ///< seed s is first_seed + s for all recipes; their own seeds do not count
  int seeds = 1;
  std::filesystem::path data;                                        ///< as TrainOptions
  std::vector<std::filesystem::path> survey_folders, model_folders;  ///< as TrainOptions
  std::filesystem::path out;                                         ///< model folders appear there as runs/NAME-seedS
  bool resume = false;  ///< leave finished runs, go on with a broken one; recipes may have been added since
  bool allow_bad = false;
  std::string device = "auto";
  int threads = 0;
};

/// One model of a series, trained or put together.
struct SeriesRun {
  std::string name;  ///< of the recipe or ensemble
  std::int64_t seed = 0;
  std::filesystem::path folder;
};

/// All models that a series leaves: recipe by recipe, then ensembles, each with its seeds in order. Throws Error for names that are given
/// twice or cannot be folders' names, and for ensembles of recipes that are not there.
std::vector<SeriesRun> plan_series(const SeriesOptions& options);

/// Trains what plan_series lists, seed by seed, so that every recipe has a model early. Says which run of how many is under way, and about
/// how long the rest will take. Throws Error before anything is trained where a resumed run began with another recipe, and where the data
/// changed between runs.
void train_series(const SeriesOptions& options, Progress& progress = no_progress(), const StopFlag& stop = never_stop());

}  // namespace lensfind::train
