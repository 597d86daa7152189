#pragma once

#include <functional>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "lensfind/base/enum_names.h"
#include "lensfind/network/graph.h"
#include "lensfind/network/preprocess.h"
#include "lensfind/network/weights.h"

namespace lensfind::network {

/// Key and text pairs for an ONNX file's metadata_props.
using OnnxMetadata = std::vector<std::pair<std::string, std::string>>;

/// Where the network has FiLM (film.h) there is a second input, "seeing" (n or 1, bands): FWHM in arcsec, NaN where it is not known. Its
/// default is not known, so that it may be left out; the noise is measured in the cutouts.
/// An ONNX model (opset 17, IR 8): input "cutouts" (n, bands, size, size) raw float32 pixels, output "logits" (n, outputs), batch size
/// free. Passes onnx's checker. `weights` must fit `graph` (check_weights). `metadata` goes into metadata_props.
/// `average_symmetries`: the outputs are means over the eight symmetries of the square, each of which the model computes.
std::string to_onnx(const Graph& graph, const Weights& weights, const Preprocessing& steps, const OnnxMetadata& metadata = {},
                    bool average_symmetries = false);

/// How the members of an ensemble become one logit, the simplest first. A member's score is s = slope logit + intercept.
enum class Combine {
  logit,        ///< the mean of their logits as they are
  calibrated,   ///< the mean of s, each member's log likelihood ratio
  probability,  ///< ln(p / (1 - p)) of the mean p of sigmoid(s)
  stacked,      ///< the mean of s, whose slopes are weights that logistic regression found
};
constexpr auto enum_names(Combine) {
  return names_of<Combine>({{Combine::logit, "logit"},
                            {Combine::calibrated, "calibrated"},
                            {Combine::probability, "probability"},
                            {Combine::stacked, "stacked"}});
}

/// One member of an ensemble.
struct EnsembleMember {
  std::reference_wrapper<const Graph> graph;
  std::reference_wrapper<const Weights> weights;
  std::reference_wrapper<const Preprocessing> steps;
  double slope = 1;
  double intercept = 0;
  bool average_symmetries = false;  ///< its logit is the mean over the eight symmetries of the square
};

/// All members as one ONNX model with output "logits" (n, 1). Throws Error for no member, or members whose bands or sizes differ.
std::string ensemble_to_onnx(std::span<const EnsembleMember> members, Combine combine, const OnnxMetadata& metadata = {});

/// A file of ours that takes the seeing, without the default for it, so that runtimes that compute with defaults as constants (OpenVINO)
/// ask for it; others as they are.
std::string with_seeing_open(const std::string& bytes);

/// What an ONNX model takes and gives.
struct OnnxShape {
  int bands = 0, size = 0, outputs = 0;
};

/// Reads input and output of anyone's ONNX model. Throws Error where it is damaged, or has another form than one float32 input (n, bands,
/// size, size) and a first output (n, 1), (n, 2) or (n); `origin` names the file.
OnnxShape onnx_shape(const std::string& bytes, const std::string& origin);

}  // namespace lensfind::network
