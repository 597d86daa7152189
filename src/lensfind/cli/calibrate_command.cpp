#include <fmt/format.h>

#include "lensfind/base/atomic_file.h"
#include "lensfind/base/error.h"
#include "lensfind/cli/command.h"
#include "lensfind/cli/console.h"
#include "lensfind/cli/model_evaluation.h"
#include "lensfind/evaluate/choose.h"
#include "lensfind/model/model.h"
#include "lensfind/model/seen.h"

namespace lensfind::cli {
namespace {

void require_record(const std::filesystem::path& source, const model::Model& model, const model::SeenCutouts& seen) {
  const Value* made_by = model.provenance.find("made_by");
  if (!seen.empty() || !made_by || !made_by->is_string() || made_by->as_string() != "lensfind train") return;
  throw Error{fmt::format("{}: seen.csv is missing, so nobody can tell which cutouts it was trained on", source.string()),
              "copy the whole model folder, or train again"};
}

}  // namespace

int calibrate_command(const std::vector<std::string>& words) {
  ModelEvaluationOptions options;
  std::filesystem::path source, out;
  std::string split = "all";
  bool overwrite = false;
  CommonArguments common;
  Arguments arguments{
      "calibrate",
      "Gives a model, or anyone's .onnx, probabilities and thresholds from labelled cutouts that it never saw. Those it was trained on are "
      "refused."};
  arguments.positional(source, "MODEL", "a model folder or an .onnx file");
  arguments.option(options.data, "--data", "DIR", "labelled cutouts", true);
  arguments.choice(split, "--split", {"test", "train", "all"}, "which part of the data");
  arguments.option(out, "--out", "MODEL", "model folder to make", true);
  arguments.flag(overwrite, "--overwrite", "replace the folder");
  common.declare(arguments);
  arguments.parse(words);
  options.part = part_from_name(split);
  options.threads = use_threads(common.threads);
  options.refuse_seen = true;

  Console console{common};
  AtomicFolder folder{out, overwrite};
  model::Model model = model::is_model_folder(source) ? model::load_model(source) : model::model_from_onnx(source);
  model::refuse_cascade(model, "calibrate", source);
  model::SeenCutouts seen = model::read_seen(source);
  require_record(source, model, seen);
  ModelEvaluation evaluation{options, console.progress()};
  const evaluate::Scores scores = evaluation.score(source).scores;
  const std::string named = fmt::format("{} ({})", options.data.string(), part_name(evaluation.data().part));
  model.calibration = evaluate::fit_calibration(scores, named);
  if (!model.calibration) {
    throw Error{fmt::format("{}: too few lenses to calibrate with", options.data.string()), "five lenses are the least, and one non-lens"};
  }
  model.thresholds = evaluate::choose_thresholds(scores, model.calibration, named);
  for (const Hash128& pixels : evaluation.data().hashes) model::add_seen(seen, pixels, model::SeenFor::calibration);
  model::write_seen(folder.path(), seen);
  model::save_model(model, folder.path());
  folder.commit();

  console.say(fmt::format("{}: log likelihood ratio = {:.4f} logit {:+.4f}, from {} lenses and {} non-lenses", out.string(),
                          model.calibration->slope, model.calibration->intercept, with_commas(model.calibration->lenses),
                          with_commas(model.calibration->nonlenses)));
  for (const model::OperatingPoint& point : model.thresholds)
    console.say(fmt::format("  threshold {:<10} {:.4f}", point.name, point.threshold));
  console.result(model::to_json_value(model, out).set("out", out.string()));
  return 0;
}

}  // namespace lensfind::cli
