#include <fmt/format.h>

#include "lensfind/base/output_folder.h"
#include "lensfind/cli/command.h"
#include "lensfind/cli/console.h"
#include "lensfind/model/ensemble.h"
#include "lensfind/model/seen.h"
#include "lensfind/score/scorer.h"

namespace lensfind::cli {

int ensemble_command(const std::vector<std::string>& words) {
  std::vector<std::filesystem::path> members;
  std::filesystem::path out;
  std::string combine = "logit";
  bool overwrite = false;
  CommonArguments common;
  Arguments arguments{"ensemble", "Several models as one: a model folder whose ONNX file holds all of them."};
  arguments.models(members, "model folders or installed models, two or more, of the same bands and size");
  arguments.option(out, "--out", "MODEL", "model folder to make", true);
  arguments.choice(combine, "--combine", {"logit", "probability"}, "mean of the logits, or of the calibrated probabilities");
  arguments.flag(overwrite, "--overwrite", "replace the folder");
  common.declare(arguments);
  arguments.parse(words);

  Console console{common};
  AtomicFolder folder{{.path = out, .kind = FolderKind::model, .command = "ensemble", .overwrite = overwrite, .inputs = members}};
  const model::Model ensemble = model::make_ensemble(members, combine == "logit" ? network::Combine::logit : network::Combine::probability);
  model::SeenCutouts seen;
  for (const auto& member : members) seen = model::merge_seen(std::move(seen), model::read_seen(member));
  model::write_seen(folder.path(), seen);
  model::save_model(ensemble, folder.path());
  score::check_model_runs(folder.path());
  folder.commit();
  console.say(fmt::format("{}: {} members, mean {}{}", out.string(), members.size(), combine,
                          ensemble.calibration ? "" : "; not calibrated yet: `lensfind calibrate` gives it probabilities and thresholds"));
  console.result(model::to_json_value(ensemble, out).set("out", out.string()));
  return 0;
}

}  // namespace lensfind::cli
