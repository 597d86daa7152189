#include <fmt/format.h>

#include "lensfind/cli/command.h"
#include "lensfind/cli/console.h"
#include "lensfind/workflows/calibrate.h"

namespace lensfind::cli {
namespace {

void say_result(Console& console, const workflows::CalibrateResult& result, const std::filesystem::path& out) {
  if (const auto& fit = result.model.calibration)
    console.say(fmt::format("{}: log likelihood ratio = {:.4f} logit {:+.4f}, from {} lenses and {} non-lenses", out.string(), fit->slope,
                            fit->intercept, with_commas(fit->lenses), with_commas(fit->nonlenses)));
  for (const evaluate::OperatingPoint& point : result.model.thresholds)
    console.say(fmt::format("  threshold {:<10} {:.4f}", point.name, point.threshold));
  for (const evaluate::ReachedTarget& target : result.targets)
    console.say(fmt::format(
        "  {} at a prevalence of {:g}: purity {:.3g} ({:.3g} to {:.3g}), recall {:.3g} ({:.3g} to {:.3g}), {:.0f} ({:.0f} to {:.0f}) "
        "candidates of 10^6 objects",
        target.point.name, target.prevalence, target.purity.value, target.purity.low, target.purity.high, target.recall.value,
        target.recall.low, target.recall.high, target.candidates.value, target.candidates.low, target.candidates.high));
}

}  // namespace

int calibrate_command(const std::vector<std::string>& words) {
  workflows::CalibrateOptions options;
  CommonArguments common;
  Arguments arguments{
      "calibrate",
      "Gives a model, or anyone's .onnx, probabilities and thresholds from labelled cutouts that it never saw. Those it was trained on are "
      "refused."};
  arguments.model(options.model, "a model folder, an .onnx file or an installed model's name");
  arguments.fields(options, {"relabel", "bootstrap_draws", "average_symmetries"});
  arguments.require({"--data", "--out"});
  common.declare(arguments);
  arguments.parse(words);
  if (!options.on.targets.empty() && !options.on.prevalence)
    throw Usage{"--target needs the --prevalence that it is meant for, for instance 0.001"};
  options.on.threads = use_threads(common.threads);

  Console console{common};
  const workflows::CalibrateResult result = workflows::calibrate(options, console.progress(), stop_flag());
  say_result(console, result, options.out);
  console.result(model::to_json_value(result.model, options.out).set("out", options.out.string()));
  return 0;
}

}  // namespace lensfind::cli
