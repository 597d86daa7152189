#include <algorithm>
#include <cmath>

#include <fmt/format.h>

#include "lensfind/dataset/folds.h"
#include "lensfind/dataset/logistic.h"
#include "lensfind/image/symmetry.h"
#include "lensfind/workflows/adapt_steps.h"
#include "lensfind/workflows/train_library.h"

namespace lensfind::workflows {
namespace {

/// The labelled images are divided into folds so often, each time otherwise; an image's logit is the mean.
constexpr int divisions = 5;
/// The own logit stands so much larger in the table than it is that the ridge does not feel its weight.
constexpr double logit_scale = 100;

bool has_linear_head(const network::Graph& graph) {
  const network::Node& head = graph.nodes.back();
  return head.operation == network::Operation::linear && head.parameters.size() == 2 && graph.outputs <= 2;
}

/// A last layer as a correction of the given one: logit = own_weight x own logit + weights x inputs + bias.
struct Correction {
  double own_weight = 1;
  std::vector<double> weights;
  double bias = 0;
};

/// The network's weights with that last layer.
network::Weights corrected(network::Weights weights, const network::Node& head, const Correction& by) {
  std::vector<float>& weight = weights.at(head.parameters[0].name).values;  // (outputs, columns)
  std::vector<float>& biases = weights.at(head.parameters[1].name).values;
  const std::size_t columns = by.weights.size(), outputs = biases.size();
  for (std::size_t output = 0; output < outputs; ++output) {
    // z(lens) - z(non-lens) of two outputs: half of the correction each.
    const double part = outputs == 1 ? 1 : output == 1 ? .5 : -.5;
    for (std::size_t c = 0; c < columns; ++c) {
      float& value = weight[output * columns + c];
      value = static_cast<float>(by.own_weight * static_cast<double>(value) + part * by.weights[c]);
    }
    biases[output] = static_cast<float>(by.own_weight * static_cast<double>(biases[output]) + part * by.bias);
  }
  return weights;
}

/// What the last layer takes of the labelled images, and what it makes of it.
class LastLayer {
 public:
  LastLayer(const AdaptBench& bench, const network::Weights& weights) : bench_{bench}, samples_{bench.all_labelled()} {
    const train::ChosenSamples samples{bench.images.data, samples_};
    const auto look = [&](int views) {
      return Seen{train_library().head_features(bench.network(weights), samples, views, bench.options.threads),
                  train_library().logits_of(bench.network(weights), samples, bench.options.threads, views)};
    };
    learnt_ = look(image::d4_elements);
    judged_ = bench.views() == image::d4_elements ? learnt_ : look(bench.views());
  }

  /// Fitted to the certain labels of `on` (ascending): ridge-logistic, inputs standardised, by means over the symmetries of the square.
  [[nodiscard]] Correction fit(const std::vector<std::int64_t>& on) const;
  /// Of a sample as it is judged.
  [[nodiscard]] double logit(const Correction& by, std::int64_t sample) const {
    const std::size_t r = row(sample);
    double logit = by.own_weight * judged_.logits[r] + by.bias;
    for (std::size_t c = 0; c < by.weights.size(); ++c) logit += by.weights[c] * judged_.features.values[r * by.weights.size() + c];
    return logit;
  }

 private:
  struct Seen {
    train::HeadFeatures features;
    std::vector<double> logits;
  };
  [[nodiscard]] std::size_t row(std::int64_t sample) const {
    return static_cast<std::size_t>(std::ranges::lower_bound(samples_, sample) - samples_.begin());
  }

  const AdaptBench& bench_;
  std::vector<std::int64_t> samples_;  ///< ascending
  Seen learnt_, judged_;
};

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

Correction LastLayer::fit(const std::vector<std::int64_t>& on) const {
  std::vector<std::size_t> rows;
  std::vector<char> positive;
  for (const std::int64_t sample : on) {
    const float target = bench_.images.targets[static_cast<std::size_t>(sample)];
    if (target != 0 && target != 1) continue;  // doubtful
    rows.push_back(row(sample));
    positive.push_back(target == 1 ? 1 : 0);
  }
  const std::size_t columns = learnt_.features.columns;
  const Standard standard = standard_of(learnt_.features, rows);
  dataset::FeatureTable table{columns + 1, {}};
  for (const std::size_t r : rows) {
    for (std::size_t c = 0; c < columns; ++c)
      table.values.push_back((learnt_.features.values[r * columns + c] - standard.mean[c]) / standard.std_dev[c]);
    table.values.push_back(logit_scale * learnt_.logits[r]);
  }
  const dataset::LogisticModel model = dataset::fit_logistic(table, positive, bench_.options.ridge);
  Correction out{.own_weight = logit_scale * model.weights.back(), .weights = {}, .bias = model.intercept};
  for (std::size_t c = 0; c < columns; ++c) {
    out.weights.push_back(model.weights[c] / standard.std_dev[c]);
    out.bias -= out.weights.back() * standard.mean[c];
  }
  return out;
}

/// Mean logits of the labelled images over several divisions into folds, each by fits that saw nothing of the image's fold.
std::vector<double> over_divisions(const AdaptBench& bench, const LastLayer& layer) {
  std::vector<dataset::Sample> labelled;
  for (const std::int64_t i : bench.images.labelled) labelled.push_back(bench.images.data.samples[static_cast<std::size_t>(i)]);
  std::vector<double> means(labelled.size(), 0);
  for (int division = 0; division < divisions; ++division) {
    AdaptBench divided = bench;
    // The first is the one that all steps have.
    if (division > 0)
      divided.folds = dataset::folds_by_group(labelled, bench.fold_count, bench.options.seed + static_cast<std::uint64_t>(division));
    for (int fold = 0; fold < divided.fold_count; ++fold) {
      if (bench.stop) throw Stopped{"stopped in the step `head`", "start it again with --resume"};
      const Correction fitted = layer.fit(divided.outside_fold(fold));
      for (std::size_t i = 0; i < means.size(); ++i)
        if (divided.folds[i] == fold) means[i] += layer.logit(fitted, bench.images.labelled[i]) / divisions;
    }
  }
  return means;
}

}  // namespace

Tried adapt_head(const AdaptBench& bench, const Adapted& before) {
  if (!bench.judges()) return not_possible("there are no labels");
  if (!has_linear_head(bench.model.graph)) return not_possible("the network does not end with a linear layer");
  const network::Node& head = bench.model.graph.nodes.back();
  Tried tried;
  const LastLayer layer{bench, before.weights};
  tried.after.weights = corrected(before.weights, head, layer.fit(bench.all_labelled()));
  tried.after.held_out.resize(bench.folds.size());
  for (int fold = 0; fold < bench.fold_count; ++fold) {
    // Where the folds begin with weights of their own, these have seen the others' images: there is one division.
    const network::Weights& from = before.without(fold);
    const LastLayer own = before.of_fold.empty() ? layer : LastLayer{bench, from};
    const Correction fitted = own.fit(bench.outside_fold(fold));
    for (std::size_t i = 0; i < bench.folds.size(); ++i)
      if (bench.folds[i] == fold) tried.after.held_out[i] = own.logit(fitted, bench.images.labelled[i]);
    tried.after.of_fold.push_back(corrected(from, head, fitted));
  }
  if (before.of_fold.empty()) tried.after.held_out = over_divisions(bench, layer);
  tried.after.raw = tried.after.held_out;
  tried.note = fmt::format("ridge {:g}{}", bench.options.ridge,
                           before.of_fold.empty() ? fmt::format("; mean logits of {} divisions into folds", divisions) : "");
  tried.settings.set("ridge", bench.options.ridge).set("divisions", before.of_fold.empty() ? divisions : 1);
  return tried;
}

}  // namespace lensfind::workflows
