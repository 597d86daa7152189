#pragma once

#include <memory>
#include <string>

#include <openvino/core/model.hpp>

#include "lensfind/model/int8_ranges.h"

namespace lensfind::score {

/// Computes what depends on no pixels, so that weights stand beside their layers. To be called before the others here.
void fold_constants(const std::shared_ptr<ov::Model>& network);

/// The layers of a network that are computed in int8, in the order in which they are computed: convolutions whose output has several pixels
/// and matrix products with weights. Not among them are the first layers, which see the pixels' whole range, and the last ones, whose
/// rounding nothing averages out: both are a small part of the work. Nor are convolutions by groups (depthwise ones): EfficientNet-B1
/// is 1.08 times as fast and nearer to f32 where these keep their digits. Nor is what has no weights of its own, as products inside
/// attention.
ov::NodeVector int8_layers(const ov::Model& network);

/// Hash of all numbers of the network, in the order in which they are used: of its weights, and of what is done to the pixels.
std::string weights_hash(const ov::Model& network);

/// Whether the ranges are those of this network's layers, measured with these weights.
bool ranges_fit(const ov::Model& network, const model::Int8Ranges& ranges);

/// Rounds what goes into the int8 layers to 256 levels between the ends of its range (one of which is exactly 0, so that padding stays
/// exact), and the weights of each of their outputs to 255 levels around 0: scheme and names as Nagel et al. 2021 (arXiv:2106.08295,
/// sections 2.2 and 3). OpenVINO then computes them in integers. Throws Error that names `origin` where the network has no such layer or
/// the ranges are another's.
void round_to_int8(ov::Model& network, const model::Int8Ranges& ranges, const std::string& origin);

}  // namespace lensfind::score
