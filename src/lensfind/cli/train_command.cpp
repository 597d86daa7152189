#include <functional>
#include <memory>

#include <fmt/format.h>

#include "lensfind/cli/command.h"
#include "lensfind/cli/console.h"
#include "lensfind/cli/job.h"
#include "lensfind/cli/summary.h"
#include "lensfind/score/mpi.h"
#include "lensfind/workflows/train_library.h"

namespace lensfind::cli {
namespace {

/// A rank that fails must take the others with it: they would wait for it for ever. Told to stop, all stop at the same batch.
train::TrainResult as_rank(const Ranks* ranks, const std::function<train::TrainResult()>& work) {
  if (ranks == nullptr) return work();
  try {
    return work();
  } catch (const Stopped&) {
    if (is_first(ranks)) throw;
    return {};
  } catch (const std::exception& failure) {
    end_job(*ranks, failure, "start it again with --resume");
  }
}

}  // namespace

int train_command(const std::vector<std::string>& words) {
  train::TrainOptions options;
  CommonArguments common;
  std::string recipe;
  Arguments arguments{
      "train",
      "Trains a network by a recipe and leaves a model folder. Ctrl-C stops after the batch under way; --resume goes on to the same end as "
      "if the run had never stopped."};
  arguments.option(recipe, "--recipe", "R", "an installed recipe's name (demo, lensfind, study-resnet18, ...) or a TOML file", true);
  arguments.fields(options);
  arguments.require({"--data", "--out"});
  common.declare(arguments, true, true);
  arguments.footer("Fields of a recipe, with their defaults (the published study's); `--set epochs=5` changes one:\n" +
                   fields_help(list_fields<train::Recipe>()) +
                   "Fields of its table [simulate], for --data simulate:SURVEY; `--set simulate.lenses=6000`:\n" +
                   fields_help(list_fields<train::FreshSettings>()));
  arguments.parse(words);
  if (options.mine.empty() && !options.mine_images.empty()) throw Usage{"--mine-images goes with --mine SCORES"};

  const std::unique_ptr<Ranks> ranks = score::launched_with_mpi() ? score::join_mpi() : nullptr;
  options.ranks = ranks.get();
  options.threads = use_threads(ranks && common.threads == 0 ? threads_of_rank(score::mpi_ranks_here()) : common.threads);
  if (ranks && ranks->rank() > 0) common.quiet = true;
  options.survey_folders = data_folders("surveys");
  options.model_folders = data_folders("models");

  Console console{common};
  const train::TrainResult result = as_rank(ranks.get(), [&] {
    options.recipe = workflows::train_library().read_recipe(recipe, data_folders("recipes"), common.set);
    if (common.seed) options.recipe.seed = common.recipe_seed();
    return workflows::train_library().train(options, console.progress(), stop_flag());
  });
  if (ranks && ranks->rank() > 0) return 0;
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
