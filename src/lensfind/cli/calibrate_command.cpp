#include <optional>

#include <fmt/format.h>

#include "lensfind/base/atomic_file.h"
#include "lensfind/base/error.h"
#include "lensfind/base/output_folder.h"
#include "lensfind/cli/command.h"
#include "lensfind/cli/console.h"
#include "lensfind/cli/model_evaluation.h"
#include "lensfind/cli/onnx_arguments.h"
#include "lensfind/evaluate/choose.h"
#include "lensfind/evaluate/target.h"
#include "lensfind/model/onnx_model.h"
#include "lensfind/model/seen.h"
#include "lensfind/score/scorer.h"

namespace lensfind::cli {
namespace {

void require_record(const std::filesystem::path& source, const model::Model& model, const model::SeenCutouts& seen) {
  const Value* made_by = model.provenance.find("made_by");
  if (!seen.empty() || !made_by || !made_by->is_string() || made_by->as_string() != "lensfind train") return;
  throw Error{fmt::format("{}: seen.csv is missing, so nobody can tell which cutouts it was trained on", source.string()),
              "copy the whole model folder, or train again"};
}

std::vector<evaluate::ReachedTarget> reach_all(const std::vector<std::string>& targets, const evaluate::Scores& scores,
                                               const std::optional<double>& prevalence, const std::string& chosen_on) {
  std::vector<evaluate::ReachedTarget> reached;
  for (const std::string& target : targets)
    reached.push_back(evaluate::reach_target(scores, evaluate::parse_target(target), *prevalence, chosen_on));
  return reached;
}

}  // namespace

int calibrate_command(const std::vector<std::string>& words) {
  ModelEvaluationOptions options;
  std::filesystem::path source, out;
  std::string split = "all";
  std::vector<std::string> targets;
  std::optional<double> prevalence;
  bool overwrite = false;
  CommonArguments common;
  Arguments arguments{
      "calibrate",
      "Gives a model, or anyone's .onnx, probabilities and thresholds from labelled cutouts that it never saw. Those it was trained on are "
      "refused."};
  arguments.model(source, "a model folder, an .onnx file or an installed model's name");
  arguments.option(options.data, "--data", "DIR", "labelled cutouts", true);
  arguments.choice(split, "--split", {"test", "train", "all"}, "which split of the data");
  arguments.option(out, "--out", "MODEL", "model folder to make", true);
  arguments.option(prevalence, "--prevalence", "P", "fraction of lenses in the survey that a target is meant for");
  declare_onnx_choice(arguments, options.onnx);
  arguments.option(targets, "--target", "TARGET",
                   "purity=.5, recall=.9, fpr=1e-3 or candidates=1000 (of 10^6): one more threshold of the model; may be given again");
  arguments.flag(overwrite, "--overwrite", "replace the folder");
  common.declare(arguments);
  arguments.parse(words);
  if (!targets.empty() && !prevalence) throw Usage{"--target needs the --prevalence that it is meant for, for instance 0.001"};
  options.split = split_from_name(split);
  options.threads = use_threads(common.threads);
  options.refuse_seen = true;

  Console console{common};
  AtomicFolder folder{
      {.path = out, .kind = FolderKind::model, .command = "calibrate", .overwrite = overwrite, .inputs = {source, options.data}}};
  const bool is_folder = model::is_model_folder(source);
  model::Model model = is_folder ? model::load_model(source) : model::Model{};
  model::refuse_cascade(model, "calibrate", source);
  model::SeenCutouts seen = model::read_seen(source);
  require_record(source, model, seen);
  ModelEvaluation evaluation{options, console.progress()};
  evaluate::Scores scores = evaluation.score(source).scores;
  // The data tell the size of a network that takes any.
  if (!is_folder) model = model::model_from_onnx(source, {options.onnx.output, evaluation.data().shape.height});
  const std::string named = fmt::format("{} ({})", options.data.string(), split_name(evaluation.data().split));
  model.calibration = evaluate::fit_model_calibration(scores, named);
  if (!model.calibration) {
    if (!evaluate::fit_calibration(scores, named))
      throw Error{fmt::format("{}: too few lenses to calibrate with", options.data.string()),
                  "five lenses are the least, and one non-lens"};
    console.progress().warn(fmt::format(
        "{}: its lenses do not score higher than its non-lenses (are the labels turned round?): the model gets thresholds, but no "
        "probabilities",
        options.data.string()));
  }
  model.thresholds = evaluate::choose_thresholds(scores, model.calibration, named);
  const std::vector<evaluate::ReachedTarget> reached = reach_all(targets, scores, prevalence, named);
  for (const evaluate::ReachedTarget& target : reached) model.thresholds.push_back(target.point);
  for (evaluate::Score& row : scores) {
    if (model.calibration) row.probability = model.calibration->probability(row.logit, model.calibration->prevalence);
  }
  evaluate::write_scores(folder.path() / "validation.csv", scores);
  for (const Hash128& pixels : evaluation.data().any_rotation) model::add_seen(seen, pixels, model::SeenFor::calibration);
  model::write_seen(folder.path(), seen);
  // The names of the objects with which it was made.
  if (const auto split_of_source = source / "split.csv"; std::filesystem::is_regular_file(split_of_source))
    write_file(folder.path() / "split.csv", read_text(split_of_source));
  model::save_model(model, folder.path());
  score::check_model_runs(folder.path());
  folder.commit();

  if (const auto& fit = model.calibration)
    console.say(fmt::format("{}: log likelihood ratio = {:.4f} logit {:+.4f}, from {} lenses and {} non-lenses", out.string(), fit->slope,
                            fit->intercept, with_commas(fit->lenses), with_commas(fit->nonlenses)));
  for (const evaluate::OperatingPoint& point : model.thresholds)
    console.say(fmt::format("  threshold {:<10} {:.4f}", point.name, point.threshold));
  for (const evaluate::ReachedTarget& target : reached)
    console.say(fmt::format(
        "  {} at a prevalence of {:g}: purity {:.3g} ({:.3g} to {:.3g}), recall {:.3g} ({:.3g} to {:.3g}), {:.0f} ({:.0f} to {:.0f}) "
        "candidates of 10^6 objects",
        target.point.name, target.prevalence, target.purity.value, target.purity.low, target.purity.high, target.recall.value,
        target.recall.low, target.recall.high, target.candidates.value, target.candidates.low, target.candidates.high));
  console.result(model::to_json_value(model, out).set("out", out.string()));
  return 0;
}

}  // namespace lensfind::cli
