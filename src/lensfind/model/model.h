#pragma once

#include <cmath>
#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "lensfind/base/fields.h"
#include "lensfind/base/value.h"
#include "lensfind/model/cascade.h"
#include "lensfind/network/graph.h"
#include "lensfind/network/onnx.h"
#include "lensfind/network/weights.h"

namespace lensfind::model {

/// Platt's calibration: s = slope logit + intercept is the log likelihood ratio of lens to non-lens (design/protocol.md, "Scores").
struct Calibration {
  double slope = 1;
  double intercept = 0;
  double prevalence = .5;   ///< v: the share of lenses among the samples it was fitted on
  std::int64_t lenses = 0;  ///< how many samples it was fitted on
  std::int64_t nonlenses = 0;
  std::string fitted_on;  ///< "a held-out half of validation", "validation (which also chose the epoch)", a data set's path

  [[nodiscard]] double log_likelihood_ratio(double logit) const { return slope * logit + intercept; }
  /// sigmoid(s + ln(p / (1 - p))), the probability of a lens where a share `prevalence_there` in (0, 1) of all objects are lenses.
  [[nodiscard]] double probability(double logit, double prevalence_there) const {
    return 1 / (1 + std::exp(-log_likelihood_ratio(logit)) * (1 - prevalence_there) / prevalence_there);
  }
  [[nodiscard]] double probability(double logit) const { return probability(logit, prevalence); }

  static void describe(auto& field) {
    field(&Calibration::slope, "slope", any(), "of the log likelihood ratio over the logit");
    field(&Calibration::intercept, "intercept", any(), "the log likelihood ratio at logit 0");
    field(&Calibration::prevalence, "prevalence", between(0, 1), "share of lenses among the samples it was fitted on");
    field(&Calibration::lenses, "lenses", at_least(0), "number of lenses it was fitted on");
    field(&Calibration::nonlenses, "nonlenses", at_least(0), "number of non-lenses it was fitted on");
    field(&Calibration::fitted_on, "fitted_on", any(), "which samples these were");
  }
};

/// A threshold on the logit, chosen beforehand: a candidate has logit >= threshold.
struct OperatingPoint {
  std::string name;       ///< "f1", "half", "fpr_1e-3"
  double threshold = 0;   ///< +inf: nothing is a candidate (null in model.json)
  std::string chosen_on;  ///< "validation"
};

/// What training leaves and scoring needs. On disk a folder: model.safetensors, model.onnx, model.json (design/architecture.md). An
/// ensemble, and a model made from somebody's ONNX file, has no weights of its own: the graph gives only its name ("ensemble", "onnx"),
/// bands, size and outputs.
struct Model {
  network::Graph graph;  ///< bands, size and outputs stand there
  network::Weights weights;
  std::vector<std::string> band_names;  ///< "g", "r", "i"; graph.bands of them
  network::Preprocessing preprocessing;
  std::optional<double> pixel_scale_arcsec;  ///< of the cutouts it was trained on; none: not recorded
  std::optional<double> zero_point;          ///< AB magnitude of one unit of their flux; none: not recorded
  std::optional<Calibration> calibration;
  std::vector<OperatingPoint> thresholds;
  std::optional<Cascade> cascade;     ///< all else is then the teacher's; the student's model folder is student/ in this one's
  Value provenance = empty_object();  ///< recipe, data fingerprint, seed, versions, split

  std::vector<std::filesystem::path> members;          ///< of an ensemble: their folders, absolute
  network::Combine combine = network::Combine::logit;  ///< of an ensemble
  std::string onnx;                                    ///< the bytes of model.onnx where it is not written from graph and weights

  /// Two outputs: z(lens) - z(non-lens) with the lens at index 1; one output: itself.
  [[nodiscard]] double logit(const float* outputs) const;
  /// Whether graph and weights are there, so that it can be trained further, drawn and exported anew.
  [[nodiscard]] bool has_network() const { return onnx.empty(); }
};

/// model.json's content without the weights, and back. Members of an ensemble are written relative to `folder`.
Value to_json_value(const Model& model, const std::filesystem::path& folder = {});
Model from_json_value(const Value& value, const std::filesystem::path& folder, const std::string& origin);

/// The bytes of model.onnx: raw pixels in, logits out; bands, scaling, calibration, thresholds and version in its metadata.
std::string model_onnx(const Model& model);

/// Writes model.safetensors (where there is a network), model.onnx and model.json into an existing folder, model.json last: a folder that
/// has it is whole.
void save_model(const Model& model, const std::filesystem::path& folder);

/// Reads a model folder; throws Error where something is missing or does not fit.
Model load_model(const std::filesystem::path& folder);

/// Throws Error where a model is a cascade and `command` takes no cascades; `origin` names it.
void refuse_cascade(const Model& model, const std::string& command, const std::filesystem::path& origin);

/// Whether `path` is a folder that holds a model.json.
bool is_model_folder(const std::filesystem::path& path);

/// A model of somebody's ONNX file (network::onnx_shape says what it may be), without calibration: `calibrate` can give it one.
Model model_from_onnx(const std::filesystem::path& path);

}  // namespace lensfind::model
