#include "lensfind/score/precision.h"

#include <algorithm>
#include <cmath>
#include <exception>

#include <fmt/format.h>

#include "lensfind/base/error.h"
#include "lensfind/network/lens_logit.h"
#include "lensfind/score/int8_ranges.h"

namespace lensfind::score {
namespace {

constexpr int max_inputs_tried = 4096;  // of inputs, where most cannot be read

/// (n, bands, height, width), n at most trial_cutouts: the first inputs that can be read.
std::vector<float> first_cutouts(const cutouts::InputOptions& inputs) {
  const image::ImageShape shape = inputs.wanted;
  std::vector<float> cutouts;
  cutouts::InputStream stream{inputs};
  image::Image image{shape};
  for (int tries = 0; tries < max_inputs_tried && cutouts.size() < trial_cutouts * shape.values(); ++tries) {
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

image::ImageShape shape_of(const network::OnnxShape& shape) { return {shape.bands, shape.size, shape.size}; }

/// bf16 where it may be, else f32: what int8 is measured against.
ChosenEngine choose_float(std::unique_ptr<Engine> exact, const Scorer& scorer, std::span<const float> cutouts, std::size_t count,
                          EngineOptions options) {
  if (!processor_has_bf16()) return {std::move(exact), Precision::f32, "f32: this processor has no bf16"};
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

bool has_ranges_of_its_weights(const Scorer& scorer, EngineOptions options) {
  options.choice = scorer.choice;
  return scorer.int8_ranges && ranges_fit(network_of(scorer), scorer.onnx, options, *scorer.int8_ranges);
}

/// `otherwise`, with the reason why it is not int8 behind its own; or int8.
ChosenEngine int8_if_good(ChosenEngine otherwise, const Scorer& scorer, std::span<const float> cutouts, std::size_t count,
                          const EngineOptions& options) {
  ChosenEngine int8;
  try {
    int8 = open_int8(scorer, cutouts, count, options);
  } catch (const Error& error) {
    otherwise.reason += fmt::format("; no int8: {}", error.what());
    return otherwise;
  }
  EngineOptions plain = options;
  plain.precision = Precision::f32;
  const double change = largest_probability_change(*open_engine(scorer, plain), *int8.engine, scorer, cutouts, count);
  if (!(change <= max_probability_change)) {
    otherwise.reason += fmt::format("; with int8 one moves by {:.2g}", change);
    return otherwise;
  }
  int8.reason = fmt::format("int8: on the first {} no probability moves by more than {:.1g} from f32", trial_text(count), change);
  return int8;
}

}  // namespace

Precision student_precision(Precision teacher) {
  if (teacher != Precision::int8) return teacher;
  return processor_has_bf16() ? Precision::bf16 : Precision::f32;
}

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

ChosenEngine choose_precision(const Scorer& scorer, std::span<const float> cutouts, std::size_t count, EngineOptions options,
                              bool try_int8) {
  options.precision = Precision::f32;
  ChosenEngine chosen = choose_float(open_engine(scorer, options), scorer, cutouts, count, options);
  // Where bf16 moves probabilities int8 does. Ranges of the model's own are the same in every run: what is chosen hangs on no clock.
  const bool may_be_good = chosen.precision == Precision::bf16 || !processor_has_bf16();
  if (!try_int8 || !may_be_good || !scorer.int8_ranges || count < trial_cutouts || !processor_has_vnni()) return chosen;
  if (!has_ranges_of_its_weights(scorer, options)) {
    chosen.reason += "; no int8: the ranges in model.json belong to other weights (`lensfind calibrate` measures them anew)";
    return chosen;
  }
  return int8_if_good(std::move(chosen), scorer, cutouts, count, options);
}

ChosenEngine choose_precision(const Scorer& scorer, cutouts::InputOptions inputs, EngineOptions options, bool try_int8) {
  const bool has_int8 = try_int8 && scorer.int8_ranges && processor_has_vnni();
  if (!processor_has_bf16() && !has_int8) return choose_precision(scorer, {}, 0, std::move(options), false);
  inputs.wanted = shape_of(network_of(scorer).shape);
  const std::vector<float> cutouts = first_cutouts(inputs);
  return choose_precision(scorer, cutouts, cutouts.size() / inputs.wanted.values(), std::move(options), try_int8);
}

ChosenEngine open_int8(const Scorer& scorer, std::span<const float> cutouts, std::size_t count, EngineOptions options) {
  require_vnni();
  const network::OnnxNetwork network = network_of(scorer);
  options.precision = Precision::int8;
  options.choice = scorer.choice;
  const bool measured = has_ranges_of_its_weights(scorer, options);
  options.int8_ranges = measured ? *scorer.int8_ranges : measure_int8_ranges(network, scorer.onnx, options, cutouts, count);
  std::string from = measured ? fmt::format("that the model has measured on {} cutouts", scorer.int8_ranges->cutouts)
                              : fmt::format("measured on the first {}", trial_text(count));
  if (scorer.int8_ranges && !measured)
    from += ", since those in model.json belong to other weights (`lensfind calibrate` measures them anew)";
  return {open_engine(scorer, options), Precision::int8, fmt::format("int8: as asked, with ranges {}", from), options.int8_ranges};
}

ChosenEngine open_int8(const Scorer& scorer, cutouts::InputOptions inputs, EngineOptions options) {
  require_vnni();
  inputs.wanted = shape_of(network_of(scorer).shape);
  const std::vector<float> cutouts = first_cutouts(inputs);
  return open_int8(scorer, cutouts, cutouts.size() / inputs.wanted.values(), std::move(options));
}

}  // namespace lensfind::score
