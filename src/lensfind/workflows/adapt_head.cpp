#include "lensfind/workflows/adapt_head.h"

#include <algorithm>
#include <cmath>

#include "lensfind/base/error.h"
#include "lensfind/dataset/logistic.h"
#include "lensfind/image/symmetry.h"
#include "lensfind/workflows/train_library.h"

namespace lensfind::workflows {
namespace {

/// The own logit stands so much larger in the table than it is that the ridge does not feel its weight.
constexpr double logit_scale = 100;

struct Standard {
  std::vector<double> mean, std_dev;
};

Standard standard_of(const train::HeadFeatures& features, const std::vector<std::size_t>& rows) {
  const std::size_t columns = features.columns;
  Standard out{std::vector<double>(columns, 0), std::vector<double>(columns, 0)};
  const auto count = static_cast<double>(rows.size());
  for (const std::size_t row : rows)
    for (std::size_t c = 0; c < columns; ++c) out.mean[c] += features.values[row * columns + c] / count;
  for (const std::size_t row : rows)
    for (std::size_t c = 0; c < columns; ++c) out.std_dev[c] += std::pow(features.values[row * columns + c] - out.mean[c], 2) / count;
  for (double& value : out.std_dev) value = value > 0 ? std::sqrt(value) : 1;
  return out;
}

/// The last layer's weight (outputs, columns) and bias (outputs) become those of logit = own_weight x own logit + weights x inputs + bias.
void replace_head(network::Weights& weights, const network::Node& head, double own_weight, const std::vector<double>& of_inputs,
                  double bias) {
  std::vector<float>& weight = weights.at(head.parameters[0].name).values;
  std::vector<float>& biases = weights.at(head.parameters[1].name).values;
  const std::size_t columns = of_inputs.size(), outputs = biases.size();
  for (std::size_t output = 0; output < outputs; ++output) {
    // z(lens) - z(non-lens) of two outputs: half of the correction each.
    const double part = outputs == 1 ? 1 : output == 1 ? .5 : -.5;
    for (std::size_t c = 0; c < columns; ++c) {
      float& value = weight[output * columns + c];
      value = static_cast<float>(own_weight * static_cast<double>(value) + part * of_inputs[c]);
    }
    biases[output] = static_cast<float>(own_weight * static_cast<double>(biases[output]) + part * bias);
  }
}

}  // namespace

bool HeadFit::is_possible(const network::Graph& graph) {
  const network::Node& head = graph.nodes.back();
  return head.operation == network::Operation::linear && head.parameters.size() == 2 && graph.outputs <= 2;
}

HeadFit::HeadFit(const AdaptBench& bench, const network::Weights& weights) : bench_{bench}, weights_{weights} {
  for (const std::int64_t i : bench.all_labelled()) {
    const float target = bench.images.targets[static_cast<std::size_t>(i)];
    if (target == 0 || target == 1) samples_.push_back(i);
  }
  const train::ChosenSamples samples{bench.images.data, samples_};
  logits_ = train_library().logits_of(bench.network(weights), samples, bench.options.threads, image::d4_elements);
  features_ = train_library().head_features(bench.network(weights), samples, image::d4_elements, bench.options.threads);
}

network::Weights HeadFit::fitted(const std::vector<std::int64_t>& on, double ridge) const {
  std::vector<std::size_t> rows;
  std::vector<char> positive;
  for (std::size_t row = 0; row < samples_.size(); ++row) {
    if (!std::ranges::binary_search(on, samples_[row])) continue;
    rows.push_back(row);
    positive.push_back(bench_.images.targets[static_cast<std::size_t>(samples_[row])] == 1 ? 1 : 0);
  }
  if (std::ranges::count(positive, 1) == 0 || std::ranges::count(positive, 0) == 0)
    throw Error{"the labels to fit are all of one class", "label more of the other"};
  const std::size_t columns = features_.columns;
  const Standard standard = standard_of(features_, rows);
  dataset::FeatureTable table{columns + 1, {}};
  for (const std::size_t row : rows) {
    for (std::size_t c = 0; c < columns; ++c)
      table.values.push_back((features_.values[row * columns + c] - standard.mean[c]) / standard.std_dev[c]);
    table.values.push_back(logit_scale * logits_[row]);
  }
  const dataset::LogisticModel model = dataset::fit_logistic(table, positive, ridge);
  std::vector<double> of_inputs;
  double bias = model.intercept;
  for (std::size_t c = 0; c < columns; ++c) {
    of_inputs.push_back(model.weights[c] / standard.std_dev[c]);
    bias -= of_inputs.back() * standard.mean[c];
  }
  network::Weights out = weights_;
  replace_head(out, bench_.model.graph.nodes.back(), logit_scale * model.weights.back(), of_inputs, bias);
  return out;
}

}  // namespace lensfind::workflows
