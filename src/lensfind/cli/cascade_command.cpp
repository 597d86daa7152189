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
  Arguments arguments{
      "cascade",
      "Trains a small student network on a model's logits and puts it before the model, its teacher: `score` then shows "
      "the teacher only what the student does not take for a non-lens. The data are best such that the teacher never saw; those "
      "without a label are learnt from too."};
  arguments.model_option(options.teacher, "--teacher", "a model folder, an .onnx file or an installed model's name", true);
  arguments.option(recipe, "--recipe", "R", "how the student is trained (default student)");
  arguments.fields(options);
  arguments.fields(options.student, {"out", "mine", "mine_images", "pixel_scale_arcsec"});
  arguments.require({"--data", "--out"});
  common.declare(arguments, true, true);
  arguments.parse(words);

  options.student.threads = use_threads(common.threads);
  options.student.recipe = workflows::train_library().read_recipe(recipe, data_folders("recipes"), common.set);
  options.student.survey_folders = data_folders("surveys");
  options.student.model_folders = data_folders("models");
  if (common.seed) options.student.recipe.seed = common.recipe_seed();
  options.own_scaling =
      std::ranges::any_of(common.set, [](const std::string& set) { return set.starts_with("scaling=") || set.starts_with("stretch="); });

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
