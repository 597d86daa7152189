#include <fmt/format.h>

#include "lensfind/cli/command.h"
#include "lensfind/cli/console.h"
#include "lensfind/workflows/ensemble.h"

namespace lensfind::cli {
namespace {

std::string with_interval(const evaluate::Estimate& difference) {
  return fmt::format("{:+.4f} ({:+.4f} to {:+.4f})", difference.value, difference.low, difference.high);
}

void say_choice(Console& console, const workflows::EnsembleChoice& choice) {
  console.say(fmt::format("judged on {} lenses and {} non-lenses, {}; average precision, and differences with 95% intervals:",
                          with_commas(choice.lenses), with_commas(choice.nonlenses), choice.judged_on));
  for (std::size_t i = 0; i < choice.members.size(); ++i) console.say(fmt::format("  member {:<12} {:.4f}", i + 1, choice.members[i]));
  for (const workflows::JudgedCombination& way : choice.ways)
    console.say(fmt::format("  {:<19} {:.4f}   over the mean logit {}   over the best member {}", name_of(way.combine),
                            way.average_precision, with_interval(way.over_mean), with_interval(way.over_member)));
  console.say(fmt::format("  best: {} (the simplest whose interval against the highest holds 0)", name_of(choice.best)));
}

}  // namespace

int ensemble_command(const std::vector<std::string>& words) {
  workflows::EnsembleOptions options;
  CommonArguments common;
  Arguments arguments{"ensemble",
                      "Several models as one: a model folder whose ONNX file holds all of them. How their logits are combined is chosen on "
                      "labelled cutouts that none was fitted to, where there are such."};
  arguments.models(options.members, "model folders or installed models, two or more, of the same bands and size");
  arguments.fields(options);
  arguments.require({"--out"});
  common.declare(arguments, true);
  arguments.parse(words);
  options.seed = common.seed_or_zero();
  options.threads = use_threads(common.threads);

  Console console{common};
  const workflows::EnsembleResult result = workflows::make_ensemble_folder(options, console.progress(), stop_flag());
  for (const std::string& note : result.notes) console.progress().warn(note);
  if (result.choice) say_choice(console, *result.choice);
  const model::Model& ensemble = result.model;
  console.say(fmt::format("{}: {} members, combined by `{}`{}", options.out.string(), options.members.size(), name_of(ensemble.combine),
                          ensemble.calibration ? "" : "; not calibrated yet: `lensfind calibrate` gives it probabilities and thresholds"));
  Value said = model::to_json_value(ensemble, options.out).set("out", options.out.string());
  if (result.choice) said.set("choice", workflows::to_json_value(*result.choice));
  console.result(std::move(said));
  return 0;
}

}  // namespace lensfind::cli
