#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "lensfind/base/fields.h"
#include "lensfind/base/progress.h"
#include "lensfind/dataset/dataset.h"
#include "lensfind/report/report.h"
#include "lensfind/score/scorer.h"

namespace lensfind::workflows {

/// How `evaluate` and `compare` look at models.
struct ModelEvaluationOptions {
  std::filesystem::path data;
  dataset::Split split = dataset::Split::test;
  std::optional<double> prevalence;  ///< of the probabilities, and one more line of at_prevalence
  bool average_symmetries = false;
  network::OnnxChoice onnx;          ///< where a model is somebody's .onnx and leaves one
  std::vector<std::string> targets;  ///< "purity=.5": thresholds chosen on the model's validation.csv
  std::filesystem::path relabel;     ///< corrected labels (id,label); empty: none
  bool refuse_seen = false;          ///< data on which a model was trained or its epoch chosen are an error, not a note
  bool allow_one_class = false;      ///< lenses or non-lenses alone are no error: what they tell stands in ReportModel::one_class
  std::uint64_t seed = 0;
  int bootstrap_draws = 1000;
  int threads = 0;

  static void describe(auto& field) {
    field(&ModelEvaluationOptions::data, "data", any().taking("DIR"),
          "labelled cutouts: a folder in the DeepLense layout, stacks, or a CSV (path,label,group)");
    field(&ModelEvaluationOptions::split, "split", any(), "which part of the data");
    field(&ModelEvaluationOptions::prevalence, "prevalence", inside(0, 1).taking("P"), "fraction of lenses in the survey that is meant");
    field(&ModelEvaluationOptions::targets, "targets", any().as("--target").taking("TARGET"),
          "purity=.5, recall=.9, fpr=1e-3 or candidates=1000 (of 10^6): a threshold for it at --prevalence; may be given again");
    field(&ModelEvaluationOptions::relabel, "relabel", any().taking("FILE"),
          "corrected labels (id,label), as people gave them to the best-scored; says what changed");
    field(&ModelEvaluationOptions::bootstrap_draws, "bootstrap_draws", between(0, 1000000).as("--bootstrap").taking("N"),
          "draws for the interval of the average precision; 0: none, which leaves it at 0 to 1");
    field(&ModelEvaluationOptions::onnx, "onnx", any(), "what is taken of somebody's .onnx");
    field(&ModelEvaluationOptions::average_symmetries, "average_symmetries", any().as("--tta"),
          "average the eight rotations and reflections of each cutout");
  }
};

/// Evaluates models one after the other on the same labelled cutouts, which are loaded once for each shape that a model wants.
class ModelEvaluation {
 public:
  /// Keeps references to `progress` and `stop`.
  ModelEvaluation(ModelEvaluationOptions options, Progress& progress, const StopFlag& stop = never_stop());

  /// Labelled scores of the data, with the corrected labels, by a model folder or an .onnx file. Notes, or refuses, data with which the
  /// model was made.
  report::ReportModel score(const std::filesystem::path& model, const std::string& name = "");

  /// Scores the data with a model folder or an .onnx file and evaluates it at the thresholds that the model brings. Throws Error where the
  /// data hold no lens or no non-lens, unless that is allowed; Stopped.
  report::ReportModel evaluate(const std::filesystem::path& model, const std::string& name);

  [[nodiscard]] const dataset::Dataset& data() const { return data_; }
  /// What the user should know: set-aside cutouts, data the model was trained on, assumptions about an .onnx.
  [[nodiscard]] const std::vector<std::string>& notes() const { return notes_; }

 private:
  /// Of a network that takes any size: that of the data.
  void settle_size(score::Scorer& scorer);
  void load_for(const image::ImageShape& wanted, const std::vector<std::string>& bands);
  /// Gives what a cascade's student cuts off the logit that scoring would give it; says what is lost by that.
  evaluate::CascadeCut let_student_cut(const score::Scorer& scorer, evaluate::Scores& scores);
  void look_for_seen(const std::filesystem::path& model, const std::string& name);
  void look_for_shared_objects(const std::filesystem::path& model, const std::string& name);

  ModelEvaluationOptions options_;
  Progress& progress_;
  const StopFlag& stop_;
  dataset::Dataset data_;
  image::ImageShape loaded_for_;
  std::vector<std::string> loaded_bands_;
  std::vector<std::string> notes_;
};

/// Adds the fraction of lenses that the user means to those that every evaluation is given for.
void add_prevalence(const std::optional<double>& prevalence, evaluate::EvaluationOptions& options);

/// Corrects labels by a table and says what that changed; empty path: nothing, and an empty text.
std::string relabel_scores(evaluate::Scores& scores, const std::filesystem::path& relabel, const evaluate::ScoreColumns& columns = {});

/// The pixels of a data set by id. Keeps a reference to `data`.
report::CutoutSource cutouts_of(const dataset::Dataset& data);

/// Short names for models: the last part of each path, with as many parent folders before it as tell them apart.
std::vector<std::string> model_names(const std::vector<std::filesystem::path>& models);

/// Version, time, seed, data and its fingerprint.
Value evaluation_provenance(const ModelEvaluationOptions& options, const dataset::Dataset& data);

}  // namespace lensfind::workflows
