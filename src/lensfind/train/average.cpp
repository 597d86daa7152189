#include "lensfind/train/average.h"

#include <algorithm>

#include <ATen/ATen.h>
#include <ATen/core/grad_mode.h>

namespace lensfind::train {

WeightAverage::WeightAverage(const Executor& source, double decay)
    : decay_{decay},
      network_{source.graph(), source.weights(), source.device(), {""}} {}  // every name begins with "": nothing has a gradient

void WeightAverage::update(const Executor& source) {
  const at::NoGradGuard no_gradient;
  const double t = static_cast<double>(++steps_);
  at::_foreach_lerp_(network_.tensors(), source.tensors(), 1 - std::min(decay_, (1 + t) / (10 + t)));
}

void WeightAverage::restore(const network::Weights& weights, std::int64_t steps) {
  steps_ = steps;
  network_.set_weights(weights);
}

}  // namespace lensfind::train
