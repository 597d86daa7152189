#include "lensfind/score/precision.h"

#include <algorithm>
#include <cmath>
#include <exception>

#include <fmt/format.h>

#include "lensfind/base/error.h"
#include "lensfind/network/lens_logit.h"

namespace lensfind::score {
namespace {

constexpr std::size_t trial_size = 128;
constexpr int max_inputs_tried = 4096;  // of inputs, where most cannot be read

/// (n, bands, height, width), n at most trial_size: the first inputs that can be read.
std::vector<float> first_cutouts(const cutouts::InputOptions& inputs) {
  const image::ImageShape shape = inputs.wanted;
  std::vector<float> cutouts;
  cutouts::InputStream stream{inputs};
  image::Image image{shape};
  for (int tries = 0; tries < max_inputs_tried && cutouts.size() < trial_size * shape.values(); ++tries) {
    const std::optional<cutouts::Input> input = stream.next();
    if (!input) break;
    try {
      cutouts::read_input(*input, image.view());
      cutouts.insert(cutouts.end(), image.values().begin(), image.values().end());
    } catch (const std::exception&) {
      continue;  // it is set aside by name when its turn comes
    }
  }
  return cutouts;
}

std::string trial_text(std::size_t count) { return count == 1 ? "cutout" : fmt::format("{} cutouts", count); }

double sigmoid(double x) { return 1 / (1 + std::exp(-x)); }

}  // namespace

double largest_probability_change(Engine& exact, Engine& rounded, const Scorer& scorer, std::span<const float> cutouts, std::size_t count) {
  const std::vector<float> a = exact.run(cutouts, count);
  const std::vector<float> b = rounded.run(cutouts, count);
  const auto width = static_cast<std::size_t>(exact.outputs());
  const auto probability = [&](const std::vector<float>& outputs, std::size_t i) {
    const double logit = network::lens_logit(std::span<const float>{outputs}.subspan(i, width));
    return sigmoid(scorer.calibration ? scorer.calibration->log_likelihood_ratio(logit) : logit);
  };
  double max = 0;
  for (std::size_t i = 0; i < a.size(); i += width) {
    const double change = std::abs(probability(a, i) - probability(b, i));
    if (!(change <= max)) max = change;  // a NaN counts as large
    if (std::isnan(max)) return 1;
  }
  return max;
}

ChosenEngine choose_precision(const Scorer& scorer, cutouts::InputOptions inputs, EngineOptions options) {
  options.precision = Precision::f32;
  std::unique_ptr<Engine> exact = open_engine(scorer, options);
  if (!processor_has_bf16()) return {std::move(exact), Precision::f32, "f32: this processor has no bf16"};
  inputs.wanted = exact->shape();
  const std::vector<float> cutouts = first_cutouts(inputs);
  const std::size_t count = cutouts.size() / exact->shape().values();
  if (count == 0) return {std::move(exact), Precision::f32, "f32: there was no readable cutout to try bf16 on"};
  options.precision = Precision::bf16;
  std::unique_ptr<Engine> rounded = open_engine(scorer, options);
  const double change = largest_probability_change(*exact, *rounded, scorer, cutouts, count);
  if (change <= max_probability_change) {
    return {std::move(rounded), Precision::bf16,
            fmt::format("bf16: on the first {} no probability moves by more than {:.1g} from f32", trial_text(count), change)};
  }
  return {std::move(exact), Precision::f32,
          fmt::format("f32: with bf16 a probability of the first {} moves by {:.2g}", trial_text(count), change)};
}

}  // namespace lensfind::score
