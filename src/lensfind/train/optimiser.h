#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "lensfind/network/weights.h"
#include "lensfind/train/recipe.h"

namespace at {
class Tensor;
}

namespace lensfind::train {

/// AdamW (betas .9 and .999, epsilon 1e-8) or SGD with Nesterov momentum, as torch's, in its fused kernels. It holds the moments of each
/// parameter.
class Optimiser {
 public:
  /// `parameters` are changed in place by step(). `names` are their names. Without decay_norms, parameters of one dimension (norms, biases)
  /// do not decay.
  Optimiser(const Recipe& recipe, const std::vector<at::Tensor>& parameters, const std::vector<std::string>& names);

  /// Uses up the parameters' gradients: shortens them to clip_norm, takes a step, and drops them.
  void step(double rate);

  /// Moments by "first/NAME" and "second/NAME", for a checkpoint, and the steps taken.
  [[nodiscard]] network::Weights moments() const;
  [[nodiscard]] std::int64_t steps() const { return steps_; }
  void restore(const network::Weights& moments, std::int64_t steps);

 private:
  /// Parameters that share their weight decay.
  struct Group {
    double weight_decay = 0;
    std::vector<std::string> names;
    std::vector<at::Tensor> parameters, first, second, steps;
  };

  [[nodiscard]] at::Tensor excess_length() const;
  void step_group(Group& group, double rate, const std::optional<at::Tensor>& divisor);

  Recipe recipe_;
  std::vector<Group> groups_;
  std::int64_t steps_ = 0;
};

}  // namespace lensfind::train
