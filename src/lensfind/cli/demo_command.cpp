#include <fmt/format.h>

#include "lensfind/cli/command.h"
#include "lensfind/cli/console.h"
#include "lensfind/cli/summary.h"
#include "lensfind/workflows/demo.h"

namespace lensfind::cli {

int demo_command(const std::vector<std::string>& words) {
  workflows::DemoOptions options;
  options.survey_folders = data_folders("surveys");
  options.recipe_folders = data_folders("recipes");
  options.model_folders = data_folders("models");
  CommonArguments common;
  Arguments arguments{"demo",
                      "The whole way once: simulates labelled cutouts and a small survey with lenses hidden in it, trains, evaluates, "
                      "scores the survey and writes the reports. A few minutes on 2 cores."};
  arguments.positional(options.out, "OUT", "folder to make (default demo)", false);
  arguments.flag(options.overwrite, "--overwrite", "replace OUT");
  common.declare(arguments, true);
  arguments.parse(words);
  options.seed = static_cast<std::uint64_t>(common.recipe_seed());
  options.threads = use_threads(common.threads);

  Console console{common};
  const workflows::DemoResult result = workflows::run_demo(options, console.progress(), stop_flag());
  const std::vector<std::string> commands = workflows::demo_commands(options);
  console.say(fmt::format("$ {}\na survey of {} galaxies with {} lenses hidden in it: {}", commands[0], with_commas(result.galaxies),
                          result.hidden, (options.out / "survey.npy").string()));
  console.say("\n$ " + commands[1]);
  say_training(console, result.training, options.out / "model");
  console.say("\n$ " + commands[2]);
  say_evaluation(console, result.evaluation.model);
  console.say("\n$ " + commands[3]);
  say_scores(console, result.scores, true);
  console.say(fmt::format("\n{} of the {} hidden lenses are among the {} best of {} galaxies.", result.found, result.hidden,
                          result.candidates, with_commas(result.galaxies)));
  console.say(fmt::format("Look at\n  {}   how good the model is\n  {}   the candidates, as a person would grade them",
                          result.evaluation.report.string(), result.page.string()));
  console.say(fmt::format(
      "Grade them yourself, with lenses and galaxies whose truth is known mixed in unseen\n"
      "  lensfind inspect {0}/scores.csv --images {0}/survey.npy --top 100 --controls {0}/cutouts --control-fraction 0.5 --open",
      options.out.string()));
  console.result(empty_object()
                     .set("out", options.out.string())
                     .set("hidden", result.hidden)
                     .set("found", result.found)
                     .set("candidates", result.candidates));
  return 0;
}

}  // namespace lensfind::cli
