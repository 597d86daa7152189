#include <fmt/format.h>

#include "lensfind/cli/command.h"
#include "lensfind/cli/console.h"
#include "lensfind/cli/summary.h"
#include "lensfind/workflows/train_library.h"

namespace lensfind::cli {

int train_command(const std::vector<std::string>& words) {
  train::TrainOptions options;
  CommonArguments common;
  std::string recipe;
  std::optional<double> checkpoint_seconds;
  Arguments arguments{
      "train",
      "Trains a network by a recipe and leaves a model folder. Ctrl-C stops after the batch under way; --resume goes on to the same end as "
      "if the run had never stopped."};
  arguments.option(recipe, "--recipe", "R", "an installed recipe's name (demo, lensfind, study-resnet18, ...) or a TOML file", true);
  arguments.option(options.data, "--data", "DIR", "labelled cutouts: a folder in the DeepLense layout, or a CSV (path,label,group)", true);
  arguments.option(options.out, "--out", "RUN", "model folder to make", true);
  arguments.option(
      options.mine, "--mine", "SCORES",
      "a scores.csv of DIR, or of --mine-images: the highest-scoring non-lenses fill the recipe's mined_fraction of each batch");
  arguments.option(
      options.mine_images, "--mine-images", "POOL",
      "what SCORES scored, where it is not DIR: a folder, stack or CSV; all but what it labels as lenses counts as non-lenses");
  arguments.option(options.pixel_scale_arcsec, "--pixel-scale", "ARCSEC",
                   "of the cutouts, where neither simulation.toml nor FITS headers say it: `score` brings others to it");
  arguments.flag(options.resume, "--resume", "go on with the run in RUN");
  arguments.flag(options.overwrite, "--overwrite", "replace RUN");
  arguments.flag(options.allow_bad, "--allow-bad", "train although more than 1% of the cutouts were set aside");
  arguments.choice(options.device, "--device", {"auto", "cpu", "cuda"}, "where to compute");
  arguments.option(checkpoint_seconds, "--checkpoint-every", "SECONDS", "how often to save what --resume goes on from (default 60)");
  common.declare(arguments, true, true);
  arguments.footer("Fields of a recipe, with their defaults (the published study's); `--set epochs=5` changes one:\n" +
                   fields_help(list_fields<train::Recipe>()));
  arguments.parse(words);
  if (options.pixel_scale_arcsec && !(*options.pixel_scale_arcsec > 0)) throw Usage{"--pixel-scale is above 0"};
  if (options.mine.empty() && !options.mine_images.empty()) throw Usage{"--mine-images goes with --mine SCORES"};

  options.checkpoint_seconds = checkpoint_seconds.value_or(options.checkpoint_seconds);
  if (!(options.checkpoint_seconds >= 0)) throw Usage{"--checkpoint-every: give seconds, 0 for every batch"};
  options.threads = use_threads(common.threads);
  options.recipe = workflows::train_library().read_recipe(recipe, data_folders("recipes"), common.set);
  if (common.seed) options.recipe.seed = common.recipe_seed();

  Console console{common};
  const train::TrainResult result = workflows::train_library().train(options, console.progress(), stop_flag());
  say_training(console, result, options.out);
  console.say(fmt::format("next: lensfind evaluate {} --data DIR --out REPORT", options.out.string()));
  Value history{Value::Array{}};
  for (const model::EpochRecord& epoch : result.history) {
    history.push_back(empty_object()
                          .set("epoch", epoch.epoch)
                          .set("train_loss", epoch.train_loss)
                          .set("validation_loss", epoch.validation_loss)
                          .set("validation_auc", epoch.validation_auc)
                          .set("validation_average_precision", epoch.validation_average_precision)
                          .set("images_per_second", static_cast<double>(epoch.images) / epoch.seconds));
  }
  console.result(empty_object().set("out", options.out.string()).set("kept_epoch", result.kept_epoch).set("history", history));
  return 0;
}

}  // namespace lensfind::cli
