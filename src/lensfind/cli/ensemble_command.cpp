#include <fmt/format.h>

#include "lensfind/cli/command.h"
#include "lensfind/cli/console.h"
#include "lensfind/workflows/model_files.h"

namespace lensfind::cli {

int ensemble_command(const std::vector<std::string>& words) {
  workflows::EnsembleOptions options;
  CommonArguments common;
  Arguments arguments{"ensemble", "Several models as one: a model folder whose ONNX file holds all of them."};
  arguments.models(options.members, "model folders or installed models, two or more, of the same bands and size");
  arguments.fields(options);
  arguments.require({"--out"});
  common.declare(arguments);
  arguments.parse(words);

  Console console{common};
  const model::Model ensemble = workflows::make_ensemble_folder(options);
  console.say(fmt::format("{}: {} members, mean {}{}", options.out.string(), options.members.size(), name_of(options.combine),
                          ensemble.calibration ? "" : "; not calibrated yet: `lensfind calibrate` gives it probabilities and thresholds"));
  console.result(model::to_json_value(ensemble, options.out).set("out", options.out.string()));
  return 0;
}

}  // namespace lensfind::cli
