#include "lensfind/train/shared_step.h"

#include <array>
#include <span>

#include <ATen/ATen.h>
#include <ATen/core/grad_mode.h>

namespace lensfind::train {
namespace {

constexpr std::size_t summary_values = 4;

std::size_t values_of(const std::vector<at::Tensor>& tensors) {
  std::size_t values = 0;
  for (const at::Tensor& tensor : tensors) values += static_cast<std::size_t>(tensor.numel());
  return values;
}

/// Calls `use` with each tensor and its place in the message, as a tensor of the same shape.
void with_places(float*& place, const std::vector<at::Tensor>& tensors, const auto& use) {
  for (const at::Tensor& tensor : tensors) {
    use(tensor, at::from_blob(place, tensor.sizes(), at::kFloat));
    place += tensor.numel();
  }
}

}  // namespace

SharedStep::SharedStep(const Executor& executor, Ranks& ranks)
    : executor_{executor}, ranks_{ranks}, message_(values_of(executor.trained()) + values_of(executor.running()) + summary_values) {}

StepSummary SharedStep::exchange(const StepSummary& own) {
  const at::NoGradGuard no_gradient;
  const auto count = static_cast<double>(own.count);
  float* place = message_.data();
  with_places(place, executor_.trained(), [&](const at::Tensor& parameter, at::Tensor part) {
    if (own.count == 0)
      part.zero_();
    else
      part.copy_(parameter.grad()).mul_(own.weight);
  });
  with_places(place, executor_.running(), [&](const at::Tensor& statistic, at::Tensor part) { part.copy_(statistic).mul_(count); });
  const std::array<double, summary_values> summary{own.count == 0 ? 0 : own.loss * own.weight, own.weight, count, own.stop ? 1. : 0.};
  for (std::size_t i = 0; i < summary_values; ++i) place[i] = static_cast<float>(summary[i]);

  ranks_.sum(message_);

  const float* sums = message_.data() + message_.size() - summary_values;
  const double weight = sums[1], cutouts = sums[2];
  place = message_.data();
  with_places(place, executor_.trained(), [&](const at::Tensor& parameter, at::Tensor part) {
    at::Tensor& gradient = parameter.mutable_grad();
    if (!gradient.defined()) gradient = at::empty_like(parameter);
    gradient.copy_(part.div_(weight));
  });
  with_places(place, executor_.running(), [&](const at::Tensor& statistic, at::Tensor part) { statistic.copy_(part.div_(cutouts)); });
  return {sums[0] / weight, weight, static_cast<std::int64_t>(cutouts), sums[3] > 0};
}

}  // namespace lensfind::train
