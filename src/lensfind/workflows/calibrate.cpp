#include "lensfind/workflows/calibrate.h"

#include <algorithm>
#include <optional>
#include <span>
#include <vector>

#include <fmt/format.h>

#include "lensfind/base/atomic_file.h"
#include "lensfind/base/error.h"
#include "lensfind/base/output_folder.h"
#include "lensfind/evaluate/choose.h"
#include "lensfind/model/onnx_model.h"
#include "lensfind/model/seen.h"
#include "lensfind/score/int8_ranges.h"
#include "lensfind/score/scorer.h"

namespace lensfind::workflows {
namespace {

void require_record(const std::filesystem::path& source, const model::Model& model, const model::SeenCutouts& seen) {
  const Value* made_by = model.provenance.find("made_by");
  if (!seen.empty() || !made_by || !made_by->is_string() || made_by->as_string() != "lensfind train") return;
  throw Error{fmt::format("{}: seen.csv is missing, so nobody can tell which cutouts it was trained on", source.string()),
              "copy the whole model folder, or train again"};
}

/// The calibration, where lenses score higher than non-lenses; else warns. Throws Error for too few.
std::optional<evaluate::Calibration> calibration_on(const evaluate::Scores& scores, const std::filesystem::path& data,
                                                    const std::string& named, Progress& progress) {
  std::optional<evaluate::Calibration> calibration = evaluate::fit_model_calibration(scores, named);
  if (calibration) return calibration;
  if (!evaluate::fit_calibration(scores, named))
    throw Error{fmt::format("{}: too few lenses to calibrate with", data.string()), "five lenses are the least, and one non-lens"};
  progress.warn(fmt::format(
      "{}: its lenses do not score higher than its non-lenses (are the labels turned round?): the model gets thresholds, but no "
      "probabilities",
      data.string()));
  return std::nullopt;
}

std::vector<evaluate::ReachedTarget> reach_all(const ModelEvaluationOptions& asked, const evaluate::Scores& scores,
                                               const std::string& chosen_on) {
  std::vector<evaluate::ReachedTarget> reached;
  for (const std::string& target : asked.targets)
    reached.push_back(evaluate::reach_target(scores, evaluate::parse_target(target), *asked.prevalence, chosen_on));
  return reached;
}

/// Of up to 512 of the cutouts, evenly spread over them; none where the network has no layer that can be computed in int8.
std::optional<model::Int8Ranges> int8_ranges_on(const dataset::Dataset& data, const network::OnnxNetwork& network,
                                                const std::filesystem::path& origin, int threads) {
  constexpr std::int64_t max_cutouts = 512;
  const std::int64_t count = std::min(data.size(), max_cutouts);
  const std::size_t values = data.shape.values();
  std::vector<float> cutouts(static_cast<std::size_t>(count) * values);
  for (std::int64_t i = 0; i < count; ++i)
    data.pixels.read(i * data.size() / count, std::span{cutouts}.subspan(static_cast<std::size_t>(i) * values, values));
  if (!score::has_int8_layers(network, origin)) return std::nullopt;
  return score::measure_int8_ranges(network, origin, {.threads = threads}, cutouts, static_cast<std::size_t>(count));
}

void write_folder(const CalibrateOptions& options, const model::Model& model, const evaluate::Scores& scores, const dataset::Dataset& data,
                  model::SeenCutouts seen, const std::filesystem::path& folder) {
  evaluate::write_scores(folder / "validation.csv", scores);
  for (const Hash128& pixels : data.any_rotation) model::add_seen(seen, pixels, model::SeenFor::calibration);
  model::write_seen(folder, seen);
  // The names of the objects with which it was made.
  if (const auto split_of_source = options.model / "split.csv"; std::filesystem::is_regular_file(split_of_source))
    write_file(folder / "split.csv", read_text(split_of_source));
  model::save_model(model, folder);
  score::check_model_runs(folder);
}

}  // namespace

CalibrateResult calibrate(const CalibrateOptions& options, Progress& progress, const StopFlag& stop) {
  if (!options.on.targets.empty() && !options.on.prevalence)
    throw Error{"a target needs the prevalence that it is meant for", "give --prevalence, for instance 0.001"};
  AtomicFolder folder{{.path = options.out,
                       .kind = FolderKind::model,
                       .command = "calibrate",
                       .overwrite = options.overwrite,
                       .inputs = {options.model, options.on.data}}};
  const bool is_folder = model::is_model_folder(options.model);
  CalibrateResult result;
  if (is_folder) result.model = model::load_model(options.model);
  model::refuse_cascade(result.model, "calibrate", options.model);
  model::SeenCutouts seen = model::read_seen(options.model);
  require_record(options.model, result.model, seen);

  ModelEvaluationOptions on = options.on;
  on.refuse_seen = true;
  on.prevalence.reset();  // it is the targets'; probabilities are at the calibration's own
  ModelEvaluation evaluation{on, progress, stop};
  evaluate::Scores scores = evaluation.score(options.model).scores;
  const dataset::Dataset& data = evaluation.data();
  // The data tell the size of a network that takes any.
  if (!is_folder) result.model = model::model_from_onnx(options.model, {on.onnx.output, data.shape.height});
  const std::string named = fmt::format("{} ({})", on.data.string(), name_of(data.split));
  result.model.calibration = calibration_on(scores, on.data, named, progress);
  result.model.thresholds = evaluate::choose_thresholds(scores, result.model.calibration, named);
  result.targets = reach_all(options.on, scores, named);
  for (const evaluate::ReachedTarget& target : result.targets) result.model.thresholds.push_back(target.point);
  if (const auto& calibration = result.model.calibration)
    for (evaluate::Score& row : scores) row.probability = calibration->probability(row.logit, calibration->prevalence);
  const network::Graph& graph = result.model.graph;
  // Of the file that is written here: one of an earlier version may name its layers in another way.
  const network::OnnxNetwork written{model::model_onnx(result.model), {graph.bands, graph.size, graph.outputs}, {}};
  result.model.int8_ranges = int8_ranges_on(data, written, options.model, options.on.threads);
  write_folder(options, result.model, scores, data, std::move(seen), folder.path());
  folder.commit();
  return result;
}

}  // namespace lensfind::workflows
