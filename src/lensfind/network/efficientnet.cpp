#include "lensfind/network/efficientnet.h"

#include <algorithm>
#include <array>
#include <cmath>

#include <fmt/format.h>

#include "lensfind/network/graph_builder.h"

namespace lensfind::network {
namespace {

/// A stage of B0.
struct EfficientNetStage {
  std::int64_t blocks, kernel, stride, expansion, channels;
};

constexpr std::array<EfficientNetStage, 7> efficientnet_stages{
    {{1, 3, 1, 1, 16}, {2, 3, 2, 6, 24}, {2, 5, 2, 6, 40}, {3, 3, 2, 6, 80}, {3, 5, 1, 6, 112}, {4, 5, 2, 6, 192}, {1, 3, 1, 6, 320}}};

/// The nearest multiple of 8, but never less than nine tenths.
std::int64_t channels_of(std::int64_t channels, double width) {
  const double wanted = static_cast<double>(channels) * width;
  const std::int64_t rounded = std::max<std::int64_t>(8, static_cast<std::int64_t>(wanted + 4) / 8 * 8);
  return static_cast<double>(rounded) < 0.9 * wanted ? rounded + 8 : rounded;
}

std::int64_t blocks_of(const EfficientNetShape& shape, std::size_t stage) {
  const std::int64_t blocks = efficientnet_stages.at(stage).blocks;
  const bool fixed = shape.lite && (stage == 0 || stage + 1 == efficientnet_stages.size());
  return fixed ? blocks : std::llround(std::ceil(static_cast<double>(blocks) * shape.depth));
}

/// Of the stem and the head.
std::int64_t end_channels(const EfficientNetShape& shape, std::int64_t channels) {
  return shape.lite ? channels : channels_of(channels, shape.width);
}

Tensor norm(GraphBuilder& net, Tensor x, const std::string& name) { return net.batch_norm(x, name, {.epsilon = 1e-3}); }

/// Norm and activation.
Tensor active(GraphBuilder& net, Tensor x, const EfficientNetShape& shape, const std::string& name) {
  const Tensor normal = norm(net, x, name);
  return shape.lite ? net.relu6(normal) : net.silu(normal);
}

/// Squeeze and excitation (Hu et al. 2018): each channel times a gate in (0, 1) that sees the averages of all.
Tensor excite(GraphBuilder& net, Tensor x, std::int64_t reduced, const std::string& name) {
  const std::int64_t channels = net.shape(x)[0];
  Tensor gate = net.silu(net.conv(net.global_average(x), reduced, {.bias = true}, name + ".conv_reduce"));
  gate = net.sigmoid(net.conv(gate, channels, {.bias = true}, name + ".conv_expand"));
  return net.multiply(x, gate);
}

/// Inverted residual block: expand by 1x1, filter each channel, excite, project by 1x1 without activation. Without an expansion timm
/// numbers its layers from the filter on.
Tensor block(GraphBuilder& net, Tensor x, const EfficientNetShape& shape, const EfficientNetStage& stage, std::int64_t stride, double drop,
             const std::string& name) {
  const std::int64_t inputs = net.shape(x)[0];
  const std::int64_t outputs = channels_of(stage.channels, shape.width);
  const std::int64_t expanded = inputs * stage.expansion;
  const bool expands = stage.expansion > 1;
  Tensor branch = x;
  if (expands) branch = active(net, net.conv(branch, expanded, {}, name + ".conv_pw"), shape, name + ".bn1");
  const ConvOptions depthwise{.kernel = stage.kernel, .stride = stride, .groups = expanded, .same = true};
  branch = active(net, net.conv(branch, expanded, depthwise, name + ".conv_dw"), shape, name + (expands ? ".bn2" : ".bn1"));
  if (!shape.lite) branch = excite(net, branch, inputs / 4, name + ".se");
  branch = norm(net, net.conv(branch, outputs, {}, name + (expands ? ".conv_pwl" : ".conv_pw")), name + (expands ? ".bn3" : ".bn2"));
  return stride == 1 && inputs == outputs ? net.add(net.drop_path(branch, drop), x) : branch;
}

}  // namespace

Graph efficientnet(const EfficientNetShape& shape, int bands, int size, int outputs, const Regularisation& regularisation) {
  std::int64_t all_blocks = 0;
  for (std::size_t index = 0; index < efficientnet_stages.size(); ++index) all_blocks += blocks_of(shape, index);
  GraphBuilder net;
  Tensor x = net.input({bands, size, size});
  const ConvOptions stem{.kernel = 3, .stride = shape.stem_stride, .same = true};
  x = active(net, net.conv(x, end_channels(shape, 32), stem, "conv_stem"), shape, "bn1");
  std::int64_t blocks_before = 0;
  for (std::size_t index = 0; index < efficientnet_stages.size(); ++index) {
    const EfficientNetStage& stage = efficientnet_stages[index];
    for (std::int64_t i = 0; i < blocks_of(shape, index); ++i, ++blocks_before) {
      const double drop = regularisation.drop_path * static_cast<double>(blocks_before) / static_cast<double>(all_blocks);
      x = block(net, x, shape, stage, i == 0 ? stage.stride : 1, drop, fmt::format("blocks.{}.{}", index, i));
    }
  }
  x = active(net, net.conv(x, end_channels(shape, 1280), {}, "conv_head"), shape, "bn2");
  x = net.dropout(net.flatten(net.global_average(x)), regularisation.dropout);
  const Tensor logits = net.linear(x, outputs, "classifier", LinearStart::uniform_fan_out);
  return std::move(net).finish(logits);
}

}  // namespace lensfind::network
