#include "lensfind/train/loss.h"

#include <ATen/ATen.h>

namespace lensfind::train {
namespace {

at::Tensor one_hot_targets(const at::Tensor& target, std::int64_t outputs) {
  return outputs == 2 ? at::stack({1 - target, target}, 1) : target.unsqueeze(1);
}

at::Tensor binary_cross_entropy(const at::Tensor& logits, const at::Tensor& target, double weight, double gamma) {
  const at::Tensor is = at::log_sigmoid(logits);
  const at::Tensor is_not = at::log_sigmoid(-logits);
  at::Tensor hot = -weight * target * is;
  at::Tensor cold = -(1 - target) * is_not;
  if (gamma > 0) {
    hot = hot * at::exp(gamma * is_not);
    cold = cold * at::exp(gamma * is);
  }
  return (hot + cold).mean();
}

at::Tensor softmax_cross_entropy(const at::Tensor& logits, const at::Tensor& target, double weight) {
  const at::Tensor log_probability = at::log_softmax(logits, 1);
  const at::Tensor hot = weight * target;
  const at::Tensor cold = 1 - target;
  return -(hot * log_probability.select(1, 1) + cold * log_probability.select(1, 0)).sum() / (hot + cold).sum();
}

}  // namespace

double loss_weight(std::span<const float> lens, const LossSettings& settings) {
  if (settings.kind != LossKind::softmax) return static_cast<double>(lens.size());
  double weight = 0;
  for (const float lens_probability : lens) {
    const double target = (1 - settings.label_smoothing) * lens_probability + settings.label_smoothing / 2;
    weight += settings.positive_weight * target + 1 - target;
  }
  return weight;
}

at::Tensor loss(const at::Tensor& logits, const at::Tensor& lens, const LossSettings& settings) {
  const at::Tensor target = (1 - settings.label_smoothing) * lens + settings.label_smoothing / 2;
  if (settings.kind == LossKind::softmax) return softmax_cross_entropy(logits, target, settings.positive_weight);
  const double gamma = settings.kind == LossKind::focal ? settings.focal_gamma : 0;
  return binary_cross_entropy(logits, one_hot_targets(target, logits.size(1)), settings.positive_weight, gamma);
}

}  // namespace lensfind::train
