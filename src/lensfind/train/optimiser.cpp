#include "lensfind/train/optimiser.h"

#include <ATen/ATen.h>
#include <ATen/core/grad_mode.h>

#include "lensfind/train/executor.h"

namespace lensfind::train {
namespace {

/// The same memory in its own order: the fused kernels copy what is not contiguous in their eyes, there and back, at each step.
std::vector<at::Tensor> in_order_of_memory(const std::vector<at::Tensor>& tensors) {
  std::vector<at::Tensor> views;
  for (const at::Tensor& tensor : tensors) {
    const bool channels_last = tensor.dim() == 4 && tensor.is_contiguous(at::MemoryFormat::ChannelsLast);
    views.push_back(channels_last ? tensor.detach().permute({0, 2, 3, 1}) : tensor.detach());
  }
  return views;
}

std::vector<at::Tensor> gradients_of(const std::vector<at::Tensor>& parameters) {
  std::vector<at::Tensor> gradients;
  for (const at::Tensor& parameter : parameters) gradients.push_back(parameter.grad().contiguous(parameter.suggest_memory_format()));
  return gradients;
}

}  // namespace

Optimiser::Optimiser(const Recipe& recipe, const std::vector<at::Tensor>& parameters, const std::vector<std::string>& names)
    : recipe_{recipe}, groups_(2) {
  groups_[0].weight_decay = recipe.weight_decay;
  groups_[1].weight_decay = recipe.decay_norms ? recipe.weight_decay : 0;
  for (std::size_t i = 0; i < parameters.size(); ++i) {
    Group& group = groups_[parameters[i].dim() > 1 ? 0 : 1];
    group.names.push_back(names[i]);
    group.parameters.push_back(parameters[i]);
    group.first.push_back(at::zeros_like(parameters[i]).detach());
    if (recipe.optimiser == OptimiserKind::sgd) continue;
    group.second.push_back(at::zeros_like(parameters[i]).detach());
    group.steps.push_back(at::zeros({}, parameters[i].options().requires_grad(false)));
  }
}

void Optimiser::step(double rate) {
  const at::NoGradGuard no_gradient;
  std::optional<at::Tensor> divisor;
  if (recipe_.clip_norm > 0) divisor = excess_length();
  for (Group& group : groups_) {
    if (!group.parameters.empty()) step_group(group, rate, divisor);
    for (at::Tensor& parameter : group.parameters) parameter.mutable_grad().reset();
  }
  ++steps_;
}

/// By how much the whole gradient is longer than clip_norm, at least 1. The fused kernels divide by it as they read, which saves a pass
/// over memory.
at::Tensor Optimiser::excess_length() const {
  std::vector<at::Tensor> gradients;
  for (const Group& group : groups_) {
    for (const at::Tensor& parameter : group.parameters) gradients.push_back(parameter.grad());
  }
  return (at::stack(at::_foreach_norm(gradients)).norm() / recipe_.clip_norm).clamp_min(1);
}

void Optimiser::step_group(Group& group, double rate, const std::optional<at::Tensor>& divisor) {
  const std::vector<at::Tensor> parameters = in_order_of_memory(group.parameters);
  const std::vector<at::Tensor> gradients = in_order_of_memory(gradients_of(group.parameters));
  const std::vector<at::Tensor> first = in_order_of_memory(group.first);
  if (recipe_.optimiser == OptimiserKind::adamw) {
    at::_foreach_add_(group.steps, 1);
    at::_fused_adamw_(parameters, gradients, first, in_order_of_memory(group.second), {}, group.steps, rate, .9, .999, group.weight_decay,
                      1e-8, false, false, divisor);
  } else {
    const std::vector<at::Tensor> velocity = recipe_.momentum > 0 ? first : std::vector<at::Tensor>{};
    at::_fused_sgd_(parameters, gradients, velocity, group.weight_decay, recipe_.momentum, rate, 0, recipe_.momentum > 0, false,
                    steps_ == 0, divisor);
  }
}

network::Weights Optimiser::moments() const {
  network::Weights out;
  for (const Group& group : groups_) {
    for (std::size_t i = 0; i < group.names.size(); ++i) {
      out.emplace("first/" + group.names[i], to_array(group.first[i]));
      if (!group.second.empty()) out.emplace("second/" + group.names[i], to_array(group.second[i]));
    }
  }
  return out;
}

void Optimiser::restore(const network::Weights& moments, std::int64_t steps) {
  steps_ = steps;
  for (Group& group : groups_) {
    for (std::size_t i = 0; i < group.names.size(); ++i) {
      copy_into(group.first[i], moments.at("first/" + group.names[i]));
      if (!group.second.empty()) copy_into(group.second[i], moments.at("second/" + group.names[i]));
      if (!group.steps.empty()) group.steps[i].fill_(static_cast<double>(steps));
    }
  }
}

}  // namespace lensfind::train
