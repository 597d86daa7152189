#pragma once

#include <cstddef>
#include <span>
#include <vector>

#include "lensfind/base/label.h"

namespace lensfind::evaluate {

/// Which of several ways to train is best, and what the choice is worth.
struct HeldOutChoice {
  std::size_t chosen = 0;                   ///< by all samples: what the final model is trained by
  std::vector<std::size_t> chosen_without;  ///< for each fold: by the samples of the other folds alone
  /// Of each sample, by the way that was chosen without its fold: figures on them count the choice too.
  std::vector<double> logits;
};

/// Chooses by AUC among candidates; of equal ones the earlier, so that the mildest stand first. `logits[c][i]` is sample i's logit by
/// candidate c, from a model that did not see i's fold; `folds[i]` is 0 to folds - 1. The best of many candidates looks better than it is
/// on the samples that chose it. So each fold's logits come from what the other folds chose (Tsamardinos, Greasidou & Borboudakis 2018
/// discuss the bias; Varma & Simon 2006). Models of different folds differ in scale: each fold's logits are calibrated by Platt's method on
/// the other folds' of the same candidate, where these have the lenses for it. Throws Error where the sizes differ or there is no
/// candidate.
HeldOutChoice choose_held_out(const std::vector<std::vector<double>>& logits, std::span<const Label> labels, std::span<const int> folds);

}  // namespace lensfind::evaluate
