#pragma once

#include <cstdint>
#include <limits>

#include "lensfind/train/recipe.h"

namespace lensfind::train {

/// The learning rate of every step of a run, by the recipe:
/// - constant: the rate;
/// - cosine: half a cosine from the rate to 0 at the last step (Loshchilov & Hutter 2017);
/// - one_cycle: a cosine rise from rate / 25, then a cosine fall to rate / 250,000 (Smith & Topin 2018, as torch's OneCycleLR);
/// - plateau: times plateau_factor whenever the validation loss has not fallen by 1e-4 of itself for more than plateau_patience epochs (as
///   torch's ReduceLROnPlateau).
/// one_cycle rises by itself. All others rise linearly over warmup_epochs first.
class Schedule {
 public:
  Schedule(const Recipe& recipe, std::int64_t steps_an_epoch);

  /// Of step 0, 1, ... of the whole run.
  [[nodiscard]] double rate(std::int64_t step) const;
  /// To be told after each epoch. Nothing else moves a schedule: one that is told the losses of a history stands where the run stood.
  void epoch_ended(double validation_loss);

 private:
  [[nodiscard]] double one_cycle(double step) const;

  Recipe recipe_;
  double steps_, warmup_steps_;
  double factor_ = 1;
  double lowest_loss_ = std::numeric_limits<double>::infinity();
  int epochs_without_fall_ = 0;
};

}  // namespace lensfind::train
