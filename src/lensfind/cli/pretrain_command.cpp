#include <fmt/format.h>

#include "lensfind/cli/command.h"
#include "lensfind/cli/console.h"
#include "lensfind/workflows/train_library.h"

namespace lensfind::cli {
namespace {

constexpr const char* examples =
    "Two views of a survey's cutouts, turned, shifted, blurred and noisy, and then the few labels there are:\n"
    "  lensfind pretrain --recipe byol --data cutouts --out pretrained --set network=resnet18_half\n"
    "  lensfind train --recipe lensfind --data labelled.csv --out model \\\n"
    "    --set network=resnet18_half --set initial_weights=pretrained --set rate=3e-4\n"
    "Scenes that the simulator draws twice, under other seeing and noise, each with another source behind its lens:\n"
    "  lensfind pretrain --recipe lens_pairs --data simulate:hsc --out pretrained --set simulate.lenses=2000\n"
    "Hidden blocks:\n"
    "  lensfind pretrain --recipe masked --data cutouts --out pretrained --set masked_fraction=0.5\n"
    "RUN/history.csv has the loss by epoch and how far features of different cutouts point apart: near 0 the network has collapsed.\n"
    "docs/pretraining.md says what it gained, and where it gained nothing.\n\n";

Value value_of(const train::PretrainResult& result, const std::filesystem::path& out) {
  Value history{Value::Array{}};
  for (const train::PretrainEpoch& epoch : result.history) {
    history.push_back(empty_object()
                          .set("epoch", epoch.epoch)
                          .set("loss", epoch.loss)
                          .set("feature_spread", epoch.feature_spread)
                          .set("projection_spread", epoch.projection_spread)
                          .set("images_per_second", static_cast<double>(epoch.images) / epoch.seconds));
  }
  return empty_object().set("out", out.string()).set("cutouts", result.cutouts).set("history", history);
}

}  // namespace

int pretrain_command(const std::vector<std::string>& words) {
  train::PretrainOptions options;
  CommonArguments common;
  std::string recipe;
  Arguments arguments{
      "pretrain",
      "Pretrains a network on cutouts without labels and leaves a folder from which `train --set initial_weights=RUN` begins. Ctrl-C stops "
      "after the batch under way; --resume goes on to the same end as if the run had never stopped."};
  arguments.option(
      recipe, "--recipe", "R",
      "byol (two augmented views of a cutout), lens_pairs (one simulated scene seen twice), masked (hidden blocks), or a TOML file", true);
  arguments.fields(options);
  arguments.require({"--data", "--out"});
  common.declare(arguments, true, true);
  arguments.footer(std::string{examples} + "Fields of a recipe, with their defaults; `--set epochs=5` changes one:\n" +
                   fields_help(list_fields<train::PretrainRecipe>()) +
                   "`--set simulate.lenses=6000` sets a field of the table [simulate], which `lensfind train --help` lists.");
  arguments.parse(words);
  options.threads = use_threads(common.threads);
  options.survey_folders = data_folders("surveys");

  Console console{common};
  options.recipe = workflows::train_library().read_pretrain_recipe(recipe, common.set);
  if (common.seed) options.recipe.seed = common.recipe_seed();
  const train::PretrainResult result = workflows::train_library().pretrain(options, console.progress(), stop_flag());
  console.say(fmt::format("{}: {} after {} epochs of {} cutouts; loss {:.4f}", options.out.string(), options.recipe.network,
                          result.history.size(), result.cutouts, result.history.back().loss));
  console.say(fmt::format("next: lensfind train --recipe lensfind --set network={} --set initial_weights={} --data DIR --out MODEL",
                          options.recipe.network, options.out.string()));
  console.result(value_of(result, options.out));
  return 0;
}

}  // namespace lensfind::cli
