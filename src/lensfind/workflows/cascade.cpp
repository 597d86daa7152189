#include "lensfind/workflows/cascade.h"

#include <algorithm>
#include <cmath>
#include <unordered_map>

#include <fmt/format.h>

#include "lensfind/base/atomic_file.h"
#include "lensfind/base/error.h"
#include "lensfind/base/output_folder.h"
#include "lensfind/evaluate/choose.h"
#include "lensfind/evaluate/evaluation.h"
#include "lensfind/evaluate/scores.h"
#include "lensfind/model/model.h"
#include "lensfind/model/onnx_model.h"
#include "lensfind/model/seen.h"
#include "lensfind/score/scorer.h"
#include "lensfind/workflows/train_library.h"

namespace lensfind::workflows {
namespace {

namespace fs = std::filesystem;

constexpr const char* teacher_scores = "teacher.csv";
constexpr const char* finding_point = "fpr_1e-3";

model::Model load_teacher(const fs::path& path) {
  model::Model teacher = model::is_model_folder(path) ? model::load_model(path) : model::model_from_onnx(path);
  model::refuse_cascade(teacher, "cascade --teacher", path);
  return teacher;
}

/// What stretches and scales the teacher's pixels suits its student too.
void take_scaling(const model::Model& teacher, train::Recipe& recipe) {
  if (!teacher.has_network() && teacher.members.empty()) return;
  const network::Preprocessing& steps =
      teacher.has_network() ? teacher.preprocessing : model::load_model(teacher.members.front()).preprocessing;
  recipe.scaling = value_named<train::ScalingChoice>(name_of(steps.scaling));
  recipe.stretch = value_named<train::StretchChoice>(name_of(steps.stretch));
}

Output output_of(const CascadeOptions& options) {
  return {.path = options.out,
          .kind = FolderKind::model,
          .command = "cascade",
          .overwrite = options.student.overwrite,
          .resume = options.student.resume,
          .inputs = {options.teacher, options.student.data}};
}

/// Where the student could not begin, nothing is left of the folder.
void train_student(const CascadeOptions& options, const train::TrainOptions& student, GrowingFolder& folder, Progress& progress,
                   const StopFlag& stop) {
  folder.begin(progress);
  try {
    train_library().train(student, progress, stop);
  } catch (const Error&) {
    if (!options.student.resume && !fs::exists(student.out)) folder.give_up();
    throw;
  }
}

/// The teacher's logits of the data; kept in a table, because a student that is trained already is not asked for them again.
std::vector<double> ask_teacher(const CascadeOptions& options, const dataset::Dataset& data, Progress& progress, const StopFlag& stop) {
  const score::Scorer scorer = score::open_scorer(options.teacher);
  const auto engine = score::open_engine(scorer, {.threads = options.student.threads, .cache_folder = score::default_cache_folder()});
  const evaluate::Scores scores = score::score_dataset(*engine, scorer, data, {}, progress, stop);
  fs::create_directories(options.out);
  evaluate::write_scores(options.out / teacher_scores, scores);
  std::vector<double> logits;
  for (const evaluate::Score& row : scores) logits.push_back(row.logit);
  return logits;
}

struct BothScores {
  evaluate::Scores teacher, student;  ///< of the same samples, which did not train the student
  double lowest = 0;                  ///< teacher logit of all data

  [[nodiscard]] std::vector<evaluate::TwoLogits> logits() const {
    std::vector<evaluate::TwoLogits> both;
    for (std::size_t i = 0; i < student.size(); ++i)
      both.push_back({.student = student[i].logit, .teacher = teacher[i].logit, .lens = student[i].label == Label::lens});
    return both;
  }
};

BothScores read_scores(const fs::path& out) {
  const evaluate::Scores all = evaluate::read_scores(out / teacher_scores);
  std::unordered_map<std::string, const evaluate::Score*> by_id;
  BothScores both{.student = evaluate::read_scores(out / model::student_folder / "validation.csv")};
  both.lowest = all.empty() ? 0 : all.front().logit;
  for (const evaluate::Score& row : all) {
    by_id.emplace(row.id, &row);
    both.lowest = std::min(both.lowest, row.logit);
  }
  for (const evaluate::Score& row : both.student) {
    const auto found = by_id.find(row.id);
    if (found == by_id.end())
      throw Error{fmt::format("{}: holds no score of {}", (out / teacher_scores).string(), row.id), "begin again with --overwrite"};
    both.teacher.push_back(*found->second);
  }
  return both;
}

/// Where the teacher finds a lens: its own operating point, or the same one on these samples.
double finding_threshold(const model::Model& teacher, const BothScores& both) {
  const auto of = [](const std::vector<evaluate::OperatingPoint>& points) {
    const auto found = std::ranges::find(points, finding_point, &evaluate::OperatingPoint::name);
    return found == points.end() ? std::nan("") : found->threshold;
  };
  double threshold = of(teacher.thresholds);
  if (!std::isfinite(threshold)) threshold = of(evaluate::choose_thresholds(both.teacher, {}, "validation"));
  if (std::isfinite(threshold)) return threshold;
  throw Error{"the teacher finds no lens at a false-positive rate of 1e-3",
              "a cascade needs a teacher that finds some, and data that hold them"};
}

double slope_of(const model::Model& teacher, const model::Model& student) {
  const bool both = teacher.calibration && student.calibration;
  const double slope = both ? student.calibration->slope / teacher.calibration->slope : 1;
  return slope > 0 && std::isfinite(slope) ? slope : 1;
}

void write_evaluation(const CascadeOptions& options, const evaluate::CascadeCut& cut) {
  Value meaning = empty_object();
  meaning.set("cascade", evaluate::cascade_definition)
      .set("intervals",
           "lost: the fraction of all such lenses below an order statistic of the student's logits, a Beta distribution, its mean and "
           "95%; passed: Jeffreys, 95%");
  write_file(options.out / "evaluation.json", to_json(empty_object()
                                                          .set("cascade", evaluate::to_json_value(cut))
                                                          .set("max_lost", options.max_lost)
                                                          .set("teacher", options.teacher.string())
                                                          .set("data", options.student.data.string())
                                                          .set("definitions", meaning)) +
                                                  "\n");
}

/// The teacher's folder with the cascade in it. model.json comes last: with it the folder is whole.
void write_folder(const CascadeOptions& options, model::Model teacher) {
  const fs::path student = options.out / model::student_folder;
  model::write_seen(options.out, model::merge_seen(model::read_seen(options.teacher), model::read_seen(student)));
  if (const fs::path validation = options.teacher / "validation.csv"; fs::exists(validation))
    write_file(options.out / "validation.csv", read_text(validation));
  teacher.provenance.set("cascade", empty_object()
                                        .set("teacher", options.teacher.string())
                                        .set("data", options.student.data.string())
                                        .set("student", model::load_model(student).provenance));
  model::save_model(teacher, options.out);
}

}  // namespace

evaluate::CascadeCut make_cascade(const CascadeOptions& options, Progress& progress, const StopFlag& stop) {
  if (options.student.recipe.condition == train::Condition::quality)
    throw Error{
        "the student's recipe says condition = \"quality\": the cascade reads pixels in its teacher's unit of flux, and the student "
        "would know the noise in that of its own training",
        "leave it out; the teacher may be told the image quality"};
  model::Model teacher = load_teacher(options.teacher);
  GrowingFolder folder{output_of(options)};
  train::TrainOptions student = options.student;
  student.out = options.out / model::student_folder;
  student.overwrite = false;
  student.resume = options.student.resume && fs::exists(student.out);
  student.wanted = {teacher.graph.bands, teacher.graph.size, teacher.graph.size};
  student.recipe.bands = teacher.band_names;
  if (!options.own_scaling) take_scaling(teacher, student.recipe);
  // The cut is chosen on what the student holds out: where the teacher was trained on it, it would find these lenses more easily than
  // others.
  student.seen = model::read_seen(options.teacher);
  student.teacher = [&](const dataset::Dataset& data) { return ask_teacher(options, data, progress, stop); };
  train_student(options, student, folder, progress, stop);

  const BothScores both = read_scores(options.out);
  const double threshold = finding_threshold(teacher, both);
  const evaluate::CascadeCut cut = evaluate::choose_cut(both.logits(), threshold, options.max_lost);
  teacher.cascade = {.cut = cut.cut,
                     .floor = std::min(both.lowest, threshold),
                     .slope = slope_of(teacher, model::load_model(student.out)),
                     .threshold = threshold,
                     .max_lost = options.max_lost,
                     .lenses = cut.lenses,
                     .lost = cut.lost.value,
                     .lost_low = cut.lost.low,
                     .lost_high = cut.lost.high,
                     .passed = cut.passed.value,
                     .passed_low = cut.passed.low,
                     .passed_high = cut.passed.high};
  write_evaluation(options, cut);
  write_folder(options, std::move(teacher));
  folder.complete();
  return cut;
}

}  // namespace lensfind::workflows
