#pragma once

#include <filesystem>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "lensfind/base/progress.h"
#include "lensfind/dataset/dataset.h"
#include "lensfind/evaluate/scores.h"
#include "lensfind/model/model.h"
#include "lensfind/score/engine.h"

namespace lensfind::score {

/// What scoring needs of a model beside its engine: where the network is and what its outputs mean.
struct Scorer {
  std::filesystem::path onnx;
  bool packed = false;                               ///< `onnx` is not there: it is made of the folder's weights
  network::OnnxChoice choice = {};                   ///< where somebody's .onnx leaves one
  bool any_size = false;                             ///< height and width are free: settle_size() comes before an engine is opened
  std::optional<evaluate::Calibration> calibration;  ///< none: no probabilities
  std::vector<std::string> band_names;               ///< empty: unknown
  std::string fingerprint;                           ///< of the networks' bytes, the calibration and the cascade
  std::optional<double> pixel_scale_arcsec;          ///< of the cutouts it was trained on, where known
  std::optional<double> zero_point;                  ///< AB magnitude of one unit of their flux, where known
  bool zero_point_may_lack = false;                  ///< of inputs: their flux is taken as it is then
  std::vector<std::string> notes = {};               ///< what was assumed about somebody else's .onnx
  std::optional<model::Cascade> cascade = {};        ///< then `onnx` is the teacher, and this the student before it:
  std::filesystem::path student_onnx = {};
  std::optional<evaluate::Calibration> student_calibration = {};
  std::vector<evaluate::OperatingPoint> thresholds = {};
  std::optional<model::TrainingImages> training_images = {};  ///< what it was trained on, where known
  network::Preprocessing::Scaling scaling = {};               ///< of each band of each cutout, inside the model
  std::optional<model::Int8Ranges> int8_ranges = {};          ///< of its layers, where it has measured them
  bool average_symmetries = false;                            ///< its logits are means over the symmetries of the square
  double survey_prevalence = model::usual_survey_prevalence;  ///< fraction of lenses in a survey, as the model states it

  /// The prevalence that an evaluation's probabilities are for: `asked`, or the one the calibration was fitted at; none without
  /// calibration.
  [[nodiscard]] std::optional<double> prevalence(std::optional<double> asked) const;
  /// The one that a survey's are for: `asked`, or what the model states; none without calibration.
  [[nodiscard]] std::optional<double> prevalence_in_survey(std::optional<double> asked) const;
  /// NaN without calibration.
  [[nodiscard]] double probability(double logit, std::optional<double> prevalence) const;
  /// Of a cutout that a cascade's student cut off, by the student's own logit. NaN without a calibration of both.
  [[nodiscard]] double student_probability(double student_logit, std::optional<double> prevalence) const;
};

/// From a model folder or an .onnx file, of which `choice` says what is to be taken. Throws Error where it is neither, or damaged.
Scorer open_scorer(const std::filesystem::path& model, const network::OnnxChoice& choice = {});

/// Sets the side of the cutouts of a network that takes any; said in a note.
void settle_size(Scorer& scorer, int size);

/// The scorer's network, of a cascade the teacher's.
network::OnnxNetwork network_of(const Scorer& scorer);

/// The engine of a scorer's network, of a cascade the teacher's. Averages over the symmetries where the model does.
std::unique_ptr<Engine> open_engine(const Scorer& scorer, EngineOptions options);

/// Opens a model folder as scoring does, and runs it on one cutout: what is made must work before it gets its name. Throws Error.
void check_model_runs(const std::filesystem::path& folder);

/// Of each of `count` cutouts that go through an engine, with their seeing as Engine::run_with_seeing() takes it.
std::vector<float> logits_of(Engine& engine, std::span<const float> cutouts, std::size_t count, std::span<const float> seeing = {});

/// Scores a data set, for evaluation: labels and groups are the samples', probabilities are at `prevalence` (default the calibration's).
/// Throws Error where the cutouts do not fit the engine or one has no finite logit; Stopped.
evaluate::Scores score_dataset(Engine& engine, const Scorer& scorer, const dataset::Dataset& data, std::optional<double> prevalence = {},
                               Progress& progress = no_progress(), const StopFlag& stop = never_stop());

}  // namespace lensfind::score
