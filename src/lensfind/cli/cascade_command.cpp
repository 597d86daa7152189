#include <algorithm>

#include <fmt/format.h>

#include "lensfind/cli/command.h"
#include "lensfind/cli/console.h"
#include "lensfind/cli/summary.h"
#include "lensfind/evaluate/evaluation.h"
#include "lensfind/workflows/cascade.h"
#include "lensfind/workflows/train_library.h"

namespace lensfind::cli {

int cascade_command(const std::vector<std::string>& words) {
  workflows::CascadeOptions options;
  CommonArguments common;
  std::string recipe = "student";
  std::optional<double> max_lost;
  Arguments arguments{"cascade",
                      "Trains a small student network on a model's logits and puts it before the model, its teacher: `score` then shows "
                      "the teacher only what the student does not take for a non-lens."};
  arguments.model_option(options.teacher, "--teacher", "a model folder, an .onnx file or an installed model's name", true);
  arguments.option(options.student.data, "--data", "DIR",
                   "cutouts as `train` takes them, best such that the teacher never saw; those without a label are learnt from too", true);
  arguments.option(options.out, "--out", "MODEL", "model folder to make", true);
  arguments.option(recipe, "--recipe", "R", "how the student is trained (default student)");
  arguments.option(max_lost, "--max-lost", "FRACTION",
                   "of the lenses that the teacher finds at a false-positive rate of 1e-3, the student may lose so many (default 0.01)");
  arguments.flag(options.student.resume, "--resume", "go on with what is in MODEL");
  arguments.flag(options.student.overwrite, "--overwrite", "replace MODEL");
  arguments.flag(options.student.allow_bad, "--allow-bad", "train although more than 1% of the cutouts were set aside");
  arguments.choice(options.student.device, "--device", {"auto", "cpu", "cuda"}, "where the student is trained");
  common.declare(arguments, true, true);
  arguments.parse(words);

  options.max_lost = max_lost.value_or(options.max_lost);
  if (!(options.max_lost > 0 && options.max_lost < 1)) throw Usage{"--max-lost lies between 0 and 1"};
  options.student.threads = use_threads(common.threads);
  options.student.recipe = workflows::train_library().read_recipe(recipe, data_folders("recipes"), common.set);
  if (common.seed) options.student.recipe.seed = common.recipe_seed();
  options.own_scaling = std::ranges::any_of(common.set, [](const std::string& set) { return set.starts_with("scaling="); });

  Console console{common};
  const evaluate::CascadeCut cut = workflows::make_cascade(options, console.progress(), stop_flag());
  console.say(fmt::format("{}: the student loses {} of the lenses that the teacher finds (chosen on {} that it did not train on)",
                          options.out.string(), figure_text(cut.lost), with_commas(cut.lenses)));
  console.say(fmt::format("the teacher sees {} of the non-lenses", figure_text(cut.passed)));
  console.say(fmt::format("next: lensfind score {} INPUT --out scores.csv", options.out.string()));
  console.result(evaluate::to_json_value(cut).set("out", options.out.string()));
  return 0;
}

}  // namespace lensfind::cli
