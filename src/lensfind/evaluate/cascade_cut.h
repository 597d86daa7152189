#pragma once

#include <cstdint>
#include <span>

#include "lensfind/evaluate/intervals.h"

namespace lensfind::evaluate {

/// The logits of both stages of a cascade for one labelled cutout.
struct TwoLogits {
  double student = 0, teacher = 0;
  bool lens = false;
};

/// The logit below which a student may cut cutouts off from its teacher.
struct CascadeCut {
  double cut = 0;           ///< cutouts with at least this student logit pass
  std::int64_t lenses = 0;  ///< how many lenses the teacher finds, n
  Estimate lost;            ///< fraction of all lenses that the teacher would find and the cut loses
  Estimate passed;          ///< fraction of the non-lenses that pass
};

/// The cut is the k-th lowest student logit of the n lenses whose teacher logit is at least `threshold`, with k = floor(max_lost (n + 1)).
/// The fraction of lenses below it is then Beta(k, n + 1 - k), whatever the distribution (David & Nagaraja 2003, section 2.3). Its mean is
/// k / (n + 1) <= max_lost. The lenses must not have trained the student. Throws Error where n is too small for k to be 1.
CascadeCut choose_cut(std::span<const TwoLogits> samples, double threshold, double max_lost);

/// What a cut that was chosen elsewhere does to these samples: both fractions with Jeffreys intervals.
CascadeCut evaluate_cut(std::span<const TwoLogits> samples, double threshold, double cut);

}  // namespace lensfind::evaluate
