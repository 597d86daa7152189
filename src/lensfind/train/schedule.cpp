#include "lensfind/train/schedule.h"

#include <algorithm>
#include <cmath>
#include <numbers>

namespace lensfind::train {
namespace {

/// From `begin` at 0 to `end` at 1 along half a cosine.
double half_cosine(double begin, double end, double part) {
  return end + (begin - end) * (1 + std::cos(std::numbers::pi * std::clamp(part, 0.0, 1.0))) / 2;
}

}  // namespace

Schedule::Schedule(const Recipe& recipe, std::int64_t steps_an_epoch)
    : recipe_{recipe},
      steps_{static_cast<double>(recipe.epochs) * static_cast<double>(steps_an_epoch)},
      warmup_steps_{recipe.warmup_epochs * static_cast<double>(steps_an_epoch)} {}

double Schedule::rate(std::int64_t step) const {
  const double at = static_cast<double>(step);
  if (recipe_.schedule == ScheduleKind::one_cycle) return one_cycle(at);
  if (at < warmup_steps_) return recipe_.rate * (at + 1) / (warmup_steps_ + 1);
  if (recipe_.schedule == ScheduleKind::cosine)
    return half_cosine(recipe_.rate, 0, (at - warmup_steps_) / std::max(1.0, steps_ - warmup_steps_));
  return recipe_.rate * factor_;
}

double Schedule::one_cycle(double step) const {
  const double first = recipe_.rate / 25, last = first / 1e4;
  const double top = std::min(recipe_.warmup_epochs > 0 ? warmup_steps_ : .3 * steps_, steps_ - 1) - 1;
  if (step <= top) return half_cosine(first, recipe_.rate, step / std::max(1.0, top));
  return half_cosine(recipe_.rate, last, (step - top) / std::max(1.0, steps_ - 1 - top));
}

void Schedule::epoch_ended(double validation_loss) {
  if (recipe_.schedule != ScheduleKind::plateau) return;
  if (validation_loss < lowest_loss_ * (1 - 1e-4)) {
    lowest_loss_ = validation_loss;
    epochs_without_fall_ = 0;
  } else if (++epochs_without_fall_ > recipe_.plateau_patience) {
    factor_ *= recipe_.plateau_factor;
    epochs_without_fall_ = 0;
  }
}

}  // namespace lensfind::train
