#pragma once

#include <cmath>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "lensfind/base/value.h"
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
};

/// A threshold on the logit, chosen beforehand: a candidate has logit >= threshold.
struct OperatingPoint {
  std::string name;  ///< "f1", "half", "fpr_1e-3"
  double threshold = 0;
  std::string chosen_on;  ///< "validation"
};

/// What training leaves and scoring needs. On disk a folder: model.safetensors, model.onnx, model.json (design/architecture.md).
struct Model {
  network::Graph graph;  ///< bands, size and outputs stand there
  network::Weights weights;
  std::vector<std::string> band_names;  ///< "g", "r", "i"; graph.bands of them
  network::Preprocessing preprocessing;
  std::optional<Calibration> calibration;
  std::vector<OperatingPoint> thresholds;
  Value provenance = empty_object();  ///< recipe, data fingerprint, seed, versions, split

  /// Two outputs: z(lens) - z(non-lens) with the lens at index 1; one output: itself.
  [[nodiscard]] double logit(const float* outputs) const;
};

/// model.json's content without the weights, and back.
Value to_json_value(const Model& model);

/// Writes model.safetensors, model.onnx and model.json into an existing folder, model.json last: a folder that has it is whole.
void save_model(const Model& model, const std::filesystem::path& folder);

/// Reads a model folder; throws Error where something is missing or does not fit.
Model load_model(const std::filesystem::path& folder);

/// Whether `path` is a folder that holds a model.json.
bool is_model_folder(const std::filesystem::path& path);

}  // namespace lensfind::model
