#pragma once

#include <span>

#include "lensfind/train/recipe.h"

namespace at {
class Tensor;
}

namespace lensfind::train {

/// What the loss of a run depends on.
struct LossSettings {
  LossKind kind = LossKind::bce;
  double positive_weight = 1;  ///< w: the recipe's, or worked out where that is 0
  double focal_gamma = 2;
  double label_smoothing = 0;
};

/// The mean loss of a batch, a 0-d tensor with gradient. `logits` (n, outputs) are float32. `lens` (n) is the target's probability of a
/// lens, between 0 and 1 where images were mixed. With s = label_smoothing the target is t = (1 - s) lens + s / 2, and the loss is
/// - bce: -w t ln sigmoid(z) - (1 - t) ln sigmoid(-z), the mean over all n x outputs elements. With two outputs each has its one-hot target
///   (1 - t for output 0), and w weighs the hot element of both, as torch's scalar pos_weight does in the published study;
/// - focal: the same with each term times the other class's probability to the power gamma (Lin et al. 2017);
/// - softmax (two outputs): -w t ln p1 - (1 - t) ln p0, divided by the batch's mean of w t + (1 - t).
at::Tensor loss(const at::Tensor& logits, const at::Tensor& lens, const LossSettings& settings);

/// What a part of a batch weighs in the batch's loss: the whole's loss is the mean of its parts' by these weights. It is the sum of
/// w t + (1 - t) for softmax, and the number of cutouts for the others.
double loss_weight(std::span<const float> lens, const LossSettings& settings);

}  // namespace lensfind::train
