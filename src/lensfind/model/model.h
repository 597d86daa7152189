#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "lensfind/base/value.h"
#include "lensfind/evaluate/calibration.h"
#include "lensfind/model/cascade.h"
#include "lensfind/model/int8_ranges.h"
#include "lensfind/model/training_images.h"
#include "lensfind/network/graph.h"
#include "lensfind/network/onnx.h"
#include "lensfind/network/weights.h"

namespace lensfind::model {

/// Fraction of lenses among the galaxies that a survey looks at, where nothing else is known: a few in 10^4 to 10^3.
constexpr double usual_survey_prevalence = 1e-3;

/// What training leaves and scoring needs. On disk it is a folder: model.safetensors, model.onnx, model.json (docs/files.md). An ensemble,
/// and a model made from somebody's ONNX file, has no weights of its own. Its graph gives only its name ("ensemble", "onnx"), bands, size
/// and outputs.
struct Model {
  network::Graph graph;  ///< bands, size and outputs stand there
  network::Weights weights;
  std::vector<std::string> band_names;  ///< "g", "r", "i"; graph.bands of them
  network::Preprocessing preprocessing;
  std::optional<double> pixel_scale_arcsec;  ///< of the cutouts it was trained on; none: not recorded
  std::optional<double> zero_point;          ///< AB magnitude of one unit of their flux; none: not recorded
  std::optional<evaluate::Calibration> calibration;
  std::vector<evaluate::OperatingPoint> thresholds;
  double survey_prevalence = usual_survey_prevalence;  ///< in (0, 1): the prevalence for which `score` gives probabilities where the user
                                                       ///< says nothing
  std::optional<TrainingImages> training_images;       ///< none: what it was trained on is not known
  std::optional<Int8Ranges> int8_ranges;               ///< of its layers, for scoring in int8; none: not measured
  std::optional<Cascade> cascade;     ///< all else is then the teacher's, and the student's model folder is student/ in this one's
  Value provenance = empty_object();  ///< recipe, data fingerprint, seed, versions, split

  std::vector<std::filesystem::path> members;          ///< of an ensemble: their folders, absolute
  network::Combine combine = network::Combine::logit;  ///< of an ensemble
  bool average_symmetries = false;  ///< its logit is the mean over the eight symmetries of the square: `score` takes all of them
  bool packed = false;              ///< on disk: weights of 16 bits and no model.onnx, which is made when it is needed (packed())
  std::string onnx;                 ///< the bytes of model.onnx where it is not written from graph and weights

  /// Of two outputs z(lens) - z(non-lens), with the lens at index 1. Of one output that output.
  [[nodiscard]] double logit(const float* outputs) const;
  /// Whether graph and weights are there, so that it can be trained further, drawn and exported anew.
  [[nodiscard]] bool has_network() const { return onnx.empty(); }
};

/// Operating points as model.json lists them, and back; an infinite threshold is null.
Value to_json_value(const std::vector<evaluate::OperatingPoint>& thresholds);
std::vector<evaluate::OperatingPoint> operating_points(const Value& list);

/// model.json's content without the weights, and back. Members of an ensemble are written relative to `folder`.
Value to_json_value(const Model& model, const std::filesystem::path& folder = {});
Model from_json_value(const Value& value, const std::filesystem::path& folder, const std::string& origin);

/// The bytes of model.onnx: raw pixels in, logits out, of the cutouts as they are. Bands, scaling, calibration, thresholds and version are
/// in its metadata.
std::string model_onnx(const Model& model);

/// The same for others' programs, which know nothing of `average_symmetries`: the file itself takes the mean where the model does. Throws
/// Error where a model that does has no network of its own.
std::string exported_onnx(const Model& model);

/// Writes model.safetensors (where there is a network), model.onnx and model.json into an existing folder. model.json comes last: a folder
/// that has it is whole.
void save_model(const Model& model, const std::filesystem::path& folder);

/// The model with its weights rounded to 16 bits, so that save_model() writes a quarter of the bytes: what ships. Throws Error for one
/// without a network of its own, and for weights that 16 bits do not hold.
Model packed(Model model);

/// Reads a model folder. Throws Error where something is missing or does not fit.
Model load_model(const std::filesystem::path& folder);

/// Throws Error where a model is a cascade and `command` takes no cascades; `origin` names it.
void refuse_cascade(const Model& model, const std::string& command, const std::filesystem::path& origin);

/// Whether `path` is a folder that holds a model.json.
bool is_model_folder(const std::filesystem::path& path);

}  // namespace lensfind::model
