#include "lensfind/workflows/model_evaluation.h"

#include <algorithm>
#include <ctime>
#include <set>
#include <unordered_map>

#include <fmt/chrono.h>
#include <fmt/format.h>

#include "lensfind/base/error.h"
#include "lensfind/base/version.h"
#include "lensfind/evaluate/target.h"
#include "lensfind/model/model.h"
#include "lensfind/model/seen.h"
#include "lensfind/model/shared_objects.h"
#include "lensfind/score/engine.h"
#include "lensfind/score/scorer.h"

namespace lensfind::workflows {
namespace {

std::optional<int> kept_epoch(const Value& provenance) {
  const Value* epoch = provenance.find("kept_epoch");
  if (!epoch || !epoch->is_integer()) return std::nullopt;
  return static_cast<int>(epoch->as_integer());
}

/// Targets are reached on validation: the data under test choose no threshold.
std::vector<evaluate::ReachedTarget> reach_targets(const std::filesystem::path& model, const ModelEvaluationOptions& options) {
  if (options.targets.empty()) return {};
  const std::filesystem::path validation = model / "validation.csv";
  if (!std::filesystem::exists(validation)) {
    throw Error{fmt::format("{} has no validation.csv to choose a threshold on", model.string()),
                "--target goes with a model folder that `lensfind train` or `lensfind calibrate` made"};
  }
  if (!options.prevalence) throw Error{"--target needs the prevalence that it is meant for", "give --prevalence, for instance 0.001"};
  const evaluate::Scores scores = evaluate::read_scores(validation);
  std::vector<evaluate::ReachedTarget> reached;
  for (const std::string& target : options.targets) {
    reached.push_back(evaluate::reach_target(scores, evaluate::parse_target(target), *options.prevalence, "validation"));
  }
  return reached;
}

}  // namespace

ModelEvaluation::ModelEvaluation(ModelEvaluationOptions options, Progress& progress, const StopFlag& stop)
    : options_{std::move(options)}, progress_{progress}, stop_{stop} {}

void ModelEvaluation::load_for(const image::ImageShape& wanted, const std::vector<std::string>& bands) {
  if (loaded_for_ == wanted && loaded_bands_ == bands) return;
  data_ = dataset::load_dataset(options_.data, {.split = options_.split, .wanted = wanted, .bands = bands, .threads = options_.threads},
                                progress_, stop_);
  loaded_for_ = wanted;
  loaded_bands_ = bands;
  for (const std::string& note : data_.notes) notes_.push_back(note);
  if (!data_.rejected.empty()) {
    notes_.push_back(fmt::format("{} cutouts were set aside, the first: {}: {}", data_.rejected.size(), data_.rejected.front().input,
                                 data_.rejected.front().reason));
  }
}

void ModelEvaluation::look_for_shared_objects(const std::filesystem::path& model, const std::string& name) {
  const model::SharedObjects by_model = model::shared_with_model(data_, model), by_split = model::shared_with_other_split(data_);
  const auto note = [&](const model::SharedObjects& shared, const std::string& where) {
    if (shared.cutouts == 0) return;
    notes_.push_back(
        fmt::format("{} of these {} cutouts show galaxies that {}, by the column `group` (the first: {}): figures on them say "
                    "little about other galaxies",
                    shared.cutouts, data_.size(), where, shared.first));
  };
  note(by_model, name + " was made with");
  if (by_model.cutouts == 0)
    note(by_split, fmt::format("stand in the {} part too",
                               name_of(data_.split == dataset::Split::test ? dataset::Split::train : dataset::Split::test)));
}

void ModelEvaluation::look_for_seen(const std::filesystem::path& model, const std::string& name) {
  const model::SeenAmong seen = model::seen_among(data_, model::read_seen(model));
  if (seen.all() == 0) return;
  if (options_.refuse_seen && seen.training + seen.validation > 0) {
    throw Error{
        fmt::format("{}: {} saw {} of these {} cutouts before, {}", options_.data.string(), name, seen.all(), data_.size(), seen.text()),
        "give labelled cutouts that it never saw, for instance --split test"};
  }
  notes_.push_back(fmt::format("{} saw {} of these {} cutouts before, {}: figures on them say nothing about others", name, seen.all(),
                               data_.size(), seen.text()));
}

evaluate::CascadeCut ModelEvaluation::let_student_cut(const score::Scorer& scorer, evaluate::Scores& scores) {
  const auto student = score::open_engine(scorer.student_onnx, {.precision = score::Precision::f32, .threads = options_.threads});
  const evaluate::Scores students = score::score_dataset(*student, scorer, data_, {}, progress_, stop_);
  const model::Cascade& cascade = *scorer.cascade;
  std::vector<evaluate::TwoLogits> both;
  for (std::size_t i = 0; i < scores.size(); ++i) {
    const double cut_by = students[i].logit;
    evaluate::Score& row = scores[i];
    if (row.label != Label::unknown) both.push_back({.student = cut_by, .teacher = row.logit, .lens = row.label == Label::lens});
    const std::optional<double> prevalence = scorer.prevalence(options_.prevalence);
    const bool passes = cascade.passes(cut_by);
    row.logit = static_cast<double>(passes ? cascade.seen(row.logit) : cascade.cut_off(cut_by));
    row.probability = passes ? scorer.probability(row.logit, prevalence) : scorer.student_probability(cut_by, prevalence);
  }
  return evaluate::evaluate_cut(both, cascade.threshold, cascade.cut);
}

void ModelEvaluation::settle_size(score::Scorer& scorer) {
  load_for({score::network_of(scorer).shape.bands, 0, 0}, scorer.band_names);
  score::settle_size(scorer, std::min(data_.shape.height, data_.shape.width));
}

report::ReportModel ModelEvaluation::score(const std::filesystem::path& model, const std::string& name) {
  score::Scorer scorer = score::open_scorer(model, options_.onnx);
  if (scorer.any_size) settle_size(scorer);
  notes_.insert(notes_.end(), scorer.notes.begin(), scorer.notes.end());
  auto engine = score::open_engine(scorer, {.precision = score::Precision::f32, .threads = options_.threads});
  if (options_.average_symmetries && !scorer.average_symmetries) engine = score::average_over_symmetries(std::move(engine));
  load_for(engine->shape(), scorer.band_names);
  look_for_seen(model, name.empty() ? model.string() : name);
  look_for_shared_objects(model, name.empty() ? model.string() : name);

  report::ReportModel result{.name = name};
  result.scores = score::score_dataset(*engine, scorer, data_, options_.prevalence, progress_, stop_);
  if (const std::string changed = relabel_scores(result.scores, options_.relabel); !changed.empty()) notes_.push_back(changed);
  if (scorer.cascade) result.evaluation.cascade = let_student_cut(scorer, result.scores);
  return result;
}

report::ReportModel ModelEvaluation::evaluate(const std::filesystem::path& model, const std::string& name) {
  std::vector<evaluate::ReachedTarget> targets = reach_targets(model, options_);  // before the long part, since one may be refused
  report::ReportModel result = score(model, name);
  evaluate::EvaluationOptions evaluation{.seed = options_.seed, .bootstrap_draws = options_.bootstrap_draws};
  add_prevalence(options_.prevalence, evaluation);
  if (options_.prevalence) result.survey_prevalence = *options_.prevalence;
  if (model::is_model_folder(model)) {
    const model::Model trained = model::load_model(model);
    evaluation.thresholds = trained.thresholds;
    result.calibration = trained.calibration;
    if (trained.calibration) evaluation.stated_prevalence = options_.prevalence.value_or(trained.calibration->prevalence);
    result.provenance = trained.provenance;
    result.kept_epoch = kept_epoch(trained.provenance);
    if (std::filesystem::exists(model / "history.csv")) result.history = model::read_history(model / "history.csv");
  }
  result.targets = std::move(targets);
  for (const evaluate::ReachedTarget& target : result.targets) evaluation.thresholds.push_back(target.point);
  if (options_.allow_one_class && evaluate::only_class(result.scores)) {
    result.one_class = evaluate::evaluate_one_class(result.scores, evaluation.thresholds);
    return result;
  }
  const std::optional<evaluate::CascadeCut> cascade = result.evaluation.cascade;
  result.evaluation = evaluate::evaluate(result.scores, evaluation, progress_);
  result.evaluation.cascade = cascade;
  return result;
}

void add_prevalence(const std::optional<double>& prevalence, evaluate::EvaluationOptions& options) {
  auto& all = options.prevalences;
  if (prevalence && std::find(all.begin(), all.end(), *prevalence) == all.end()) all.push_back(*prevalence);
}

std::string relabel_scores(evaluate::Scores& scores, const std::filesystem::path& relabel, const evaluate::ScoreColumns& columns) {
  if (relabel.empty()) return "";
  const evaluate::Relabelled changed = evaluate::relabel(scores, relabel, columns);
  return fmt::format("{}: {} cutouts became lenses, {} non-lenses, {} unlabelled; {} of its ids are not here", relabel.string(),
                     changed.to_lens, changed.to_non_lens, changed.to_unknown, changed.unmatched);
}

report::CutoutSource cutouts_of(const dataset::Dataset& data) {
  std::unordered_map<std::string, std::int64_t> positions;
  for (std::size_t i = 0; i < data.samples.size(); ++i) positions.emplace(data.samples[i].id, static_cast<std::int64_t>(i));
  return [&data, positions = std::move(positions)](const std::string& id) -> std::optional<image::Image> {
    const auto found = positions.find(id);
    if (found == positions.end()) return std::nullopt;
    image::Image image{data.shape};
    data.pixels.read(found->second, image.values());
    return image;
  };
}

std::vector<std::string> model_names(const std::vector<std::filesystem::path>& models) {
  std::vector<std::filesystem::path> full;
  for (const auto& model : models) full.push_back(std::filesystem::weakly_canonical(model));
  for (int parts = 1; parts < 16; ++parts) {
    std::vector<std::string> names;
    for (const auto& path : full) {
      std::filesystem::path name;
      const auto length = std::distance(path.begin(), path.end());
      for (auto part = std::next(path.begin(), std::max<std::ptrdiff_t>(0, length - parts)); part != path.end(); ++part) name /= *part;
      names.push_back(name.string());
    }
    if (std::set<std::string>{names.begin(), names.end()}.size() == names.size()) return names;
  }
  throw Error{"a model is named twice", "name each model once"};
}

Value evaluation_provenance(const ModelEvaluationOptions& options, const dataset::Dataset& data) {
  const std::time_t now = std::time(nullptr);
  return empty_object()
      .set("lensfind", version())
      .set("date", fmt::format("{:%Y-%m-%dT%H:%M:%SZ}", fmt::gmtime(now)))
      .set("data", std::filesystem::weakly_canonical(options.data).string())
      .set("part", name_of(data.split))
      .set("data_fingerprint", data.fingerprint)
      .set("cutouts", data.size())
      .set("set_aside", data.rejected.size())
      .set("seed", static_cast<std::int64_t>(options.seed));
}

}  // namespace lensfind::workflows
