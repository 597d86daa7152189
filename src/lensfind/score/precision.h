#pragma once

#include <memory>
#include <string>

#include "lensfind/cutouts/inputs.h"
#include "lensfind/score/engine.h"
#include "lensfind/score/scorer.h"

namespace lensfind::score {

/// An engine with the precision that was chosen, and why.
struct ChosenEngine {
  std::unique_ptr<Engine> engine;
  Precision precision = Precision::f32;
  std::string reason;
};

/// Largest difference that bf16 may make to a probability (at equal numbers of lenses and non-lenses, where it is most sensitive).
constexpr double max_probability_change = .005;

/// Opens the scorer's network. It does so in bf16 where the processor has it and where no probability of the first 128 readable inputs
/// moves by more than max_probability_change from f32; else in f32. `inputs.wanted` need not be set.
ChosenEngine choose_precision(const Scorer& scorer, cutouts::InputOptions inputs, EngineOptions options);

/// The largest difference between the two engines' probabilities for `count` cutouts. Without calibration, between sigmoid(logit).
double largest_probability_change(Engine& exact, Engine& rounded, const Scorer& scorer, std::span<const float> cutouts, std::size_t count);

}  // namespace lensfind::score
