#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "lensfind/base/progress.h"
#include "lensfind/dataset/dataset.h"
#include "lensfind/report/report.h"
#include "lensfind/score/scorer.h"

namespace lensfind::cli {

/// How `evaluate` and `compare` look at models.
struct ModelEvaluationOptions {
  std::filesystem::path data;
  Split split = Split::test;
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
};

/// Evaluates models one after the other on the same labelled cutouts, which are loaded once for each shape that a model wants.
class ModelEvaluation {
 public:
  ModelEvaluation(ModelEvaluationOptions options, Progress& progress);

  /// Labelled scores of the data, with the corrected labels, by a model folder or an .onnx file. Notes, or refuses, data with which the
  /// model was made.
  report::ReportModel score(const std::filesystem::path& model, const std::string& name = "");

  /// Scores the data with a model folder or an .onnx file and evaluates it at the thresholds that the model brings. Throws Error where the
  /// data hold no lens or no non-lens, unless that is allowed.
  report::ReportModel evaluate(const std::filesystem::path& model, const std::string& name);

  [[nodiscard]] const Dataset& data() const { return data_; }
  /// What the user should know: set-aside cutouts, data the model was trained on, assumptions about an .onnx.
  [[nodiscard]] const std::vector<std::string>& notes() const { return notes_; }

 private:
  /// Of a network that takes any size: that of the data.
  void settle_size(score::Scorer& scorer);
  void load_for(const ImageShape& wanted, const std::vector<std::string>& bands);
  /// Gives what a cascade's student cuts off the logit that scoring would give it; says what is lost by that.
  evaluate::CascadeCut let_student_cut(const score::Scorer& scorer, evaluate::Scores& scores);
  void look_for_seen(const std::filesystem::path& model, const std::string& name);
  void look_for_shared_objects(const std::filesystem::path& model, const std::string& name);

  ModelEvaluationOptions options_;
  Progress& progress_;
  Dataset data_;
  ImageShape loaded_for_;
  std::vector<std::string> loaded_bands_;
  std::vector<std::string> notes_;
};

/// Adds the fraction of lenses that the user means to those that every evaluation is given for.
void add_prevalence(const std::optional<double>& prevalence, evaluate::EvaluationOptions& options);

/// Corrects labels by a table and says what that changed; empty path: nothing, and an empty text.
std::string relabel_scores(evaluate::Scores& scores, const std::filesystem::path& relabel, const evaluate::ScoreColumns& columns = {});

/// The pixels of a data set by id. Keeps a reference to `data`.
report::CutoutSource cutouts_of(const Dataset& data);

/// Which truth table to look into, and over which two of its columns.
struct SelectionOptions {
  std::filesystem::path truth;       ///< CSV with `id`
  std::vector<std::string> columns;  ///< two; empty: Einstein radius and the first source magnitude, where the table has them
  bool asked = false;                ///< by the user: what is missing is an error then
};

/// What a truth table tells about a model at its threshold `f1`: completeness over two columns, and false positives by kind. Nothing where
/// there is no such table, or the model brings no threshold. Throws Error where it was asked for and cannot be had.
std::optional<report::SelectionFunction> selection_function(const SelectionOptions& options, const report::ReportModel& model);

/// Short names for models: the last part of each path, with as many parent folders before it as tell them apart.
std::vector<std::string> model_names(const std::vector<std::filesystem::path>& models);

/// Version, time, seed, data and its fingerprint.
Value evaluation_provenance(const ModelEvaluationOptions& options, const Dataset& data);

/// Writes `input,reason` of what was set aside; nothing where nothing was.
void write_rejected(const std::filesystem::path& path, const std::vector<Rejected>& rejected);

/// The command line as it could be given again.
std::string command_line(const std::string& command, const std::vector<std::string>& words);

}  // namespace lensfind::cli
