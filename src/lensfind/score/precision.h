#pragma once

#include <memory>
#include <span>
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
  model::Int8Ranges int8_ranges = {};  ///< that it computes with; of other precisions empty
};

/// Largest difference that a precision may make to a probability (at equal numbers of lenses and non-lenses, where it is most sensitive).
constexpr double max_probability_change = .005;

/// On how many cutouts a precision is tried.
constexpr std::size_t trial_cutouts = 128;

/// Opens the scorer's network. It does so in bf16 where the processor has it and where no probability of the `count` cutouts (n, bands,
/// height, width) moves by more than max_probability_change from f32; else in f32. With `try_int8`, where the processor has VNNI and there
/// are trial_cutouts of them, in int8 if no probability moves by more than that and if it was measured to be quicker. Which of the two is
/// quicker may be another on each machine: processes that share a run may not try.
ChosenEngine choose_precision(const Scorer& scorer, std::span<const float> cutouts, std::size_t count, EngineOptions options,
                              bool try_int8);
/// The same on the first trial_cutouts readable inputs. `inputs.wanted` need not be set.
ChosenEngine choose_precision(const Scorer& scorer, cutouts::InputOptions inputs, EngineOptions options, bool try_int8);

/// Opens the scorer's network in int8: with the ranges that its model has measured, or with those of the `count` cutouts where it has none.
/// Throws Error where the processor or the network cannot, or there is neither.
ChosenEngine open_int8(const Scorer& scorer, std::span<const float> cutouts, std::size_t count, EngineOptions options);
/// The same on the first trial_cutouts readable inputs. `inputs.wanted` need not be set.
ChosenEngine open_int8(const Scorer& scorer, cutouts::InputOptions inputs, EngineOptions options);

/// The precision of a student beside a teacher in `teacher`. A student takes a few per cent of the time and cuts most of the objects off:
/// beside int8 it keeps more digits.
Precision student_precision(Precision teacher);

/// The largest difference between the two engines' probabilities for `count` cutouts. Without calibration, between sigmoid(logit).
double largest_probability_change(Engine& exact, Engine& rounded, const Scorer& scorer, std::span<const float> cutouts, std::size_t count);

}  // namespace lensfind::score
