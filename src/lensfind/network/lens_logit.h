#pragma once

#include <span>

namespace lensfind::network {

/// A cutout's logit from a network's outputs: of two z(lens) - z(non-lens), the lens at index 1; of one itself.
template <typename Number>
double lens_logit(std::span<const Number> outputs) {
  return outputs.size() == 2 ? static_cast<double>(outputs[1]) - static_cast<double>(outputs[0]) : static_cast<double>(outputs[0]);
}

}  // namespace lensfind::network
