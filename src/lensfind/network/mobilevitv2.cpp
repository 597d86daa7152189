#include "lensfind/network/mobilevitv2.h"

#include <algorithm>
#include <array>

#include <fmt/format.h>

#include "lensfind/network/graph_builder.h"

namespace lensfind::network {
namespace {

/// A stage: inverted residual blocks, the first with the stride, then (where there are any) transformer layers in one attention block.
struct MobileViTStage {
  std::int64_t channels, blocks, stride;
  int transformer_layers;
};

constexpr std::array<MobileViTStage, 5> mobilevit_stages{{{64, 1, 1, 0}, {128, 2, 2, 0}, {256, 1, 2, 2}, {384, 1, 2, 4}, {512, 1, 2, 3}}};

std::int64_t scaled(std::int64_t channels, double width) { return static_cast<std::int64_t>(static_cast<double>(channels) * width); }

Tensor conv_norm(GraphBuilder& net, Tensor x, std::int64_t outputs, const ConvOptions& options, const std::string& name,
                 double first_weight = 1) {
  return net.batch_norm(net.conv(x, outputs, options, name + ".conv"), name + ".bn", {.first_weight = first_weight});
}

/// Expand twofold by 1x1, filter each channel by 3x3, project by 1x1 without activation.
Tensor inverted_residual(GraphBuilder& net, Tensor x, std::int64_t outputs, std::int64_t stride, double drop, const std::string& name) {
  const std::int64_t inputs = net.shape(x)[0];
  const std::int64_t expanded = 2 * inputs;
  const bool residual = stride == 1 && inputs == outputs;
  Tensor branch = net.silu(conv_norm(net, x, expanded, {}, name + ".conv1_1x1"));
  branch = net.silu(conv_norm(net, branch, expanded, {.kernel = 3, .stride = stride, .groups = expanded}, name + ".conv2_kxk"));
  branch = conv_norm(net, branch, outputs, {}, name + ".conv3_1x1", residual ? 0 : 1);
  return residual ? net.add(net.drop_path(branch, drop), x) : branch;
}

/// Separable self-attention on (channels, pixels of a patch, patches): one score a patch, softmax over the patches, and the keys' weighted
/// sum gates the values. Linear in the number of patches.
Tensor separable_attention(GraphBuilder& net, Tensor x, const std::string& name) {
  const std::int64_t channels = net.shape(x)[0];
  const Tensor projected = net.conv(x, 1 + 2 * channels, {.bias = true}, name + ".qkv_proj");
  const Tensor query = net.slice(projected, 1, 0, 1);
  const Tensor key = net.slice(projected, 1, 1, 1 + channels);
  const Tensor value = net.slice(projected, 1, 1 + channels, 1 + 2 * channels);
  const Tensor context = net.sum(net.multiply(key, net.softmax(query, -1)), -1);
  return net.conv(net.multiply(net.relu(value), context), channels, {.bias = true}, name + ".out_proj");
}

Tensor transformer_layer(GraphBuilder& net, Tensor x, double drop, const std::string& name) {
  const std::int64_t channels = net.shape(x)[0];
  const Tensor attended = separable_attention(net, net.group_norm(x, 1, name + ".norm1"), name + ".attn");
  x = net.add(x, net.drop_path(attended, drop));
  Tensor mixed = net.silu(net.conv(net.group_norm(x, 1, name + ".norm2"), 2 * channels, {.bias = true}, name + ".mlp.fc1"));
  mixed = net.conv(mixed, channels, {.bias = true}, name + ".mlp.fc2");
  return net.add(x, net.drop_path(mixed, drop));
}

/// Convolution for what is near, attention between patches of 2x2 pixels for what is far.
Tensor attention_block(GraphBuilder& net, Tensor x, int layers, double drop, const std::string& name) {
  const std::int64_t channels = net.shape(x)[0];
  const std::int64_t height = net.shape(x)[1], width = net.shape(x)[2];
  const std::int64_t inner = channels / 2;
  x = net.silu(conv_norm(net, x, channels, {.kernel = 3, .groups = channels}, name + ".conv_kxk"));
  x = net.conv(x, inner, {}, name + ".conv_1x1");
  // (channels, height, width) -> (channels, 4 pixels of a patch, patches) and back.
  x = net.transpose(net.reshape(x, {inner, height / 2, 2, width / 2, 2}), {0, 1, 3, 5, 2, 4});
  x = net.reshape(x, {inner, 4, height * width / 4});
  for (int layer = 0; layer < layers; ++layer) x = transformer_layer(net, x, drop, fmt::format("{}.transformer.{}", name, layer));
  x = net.group_norm(x, 1, name + ".norm");
  x = net.transpose(net.reshape(x, {inner, 2, 2, height / 2, width / 2}), {0, 1, 4, 2, 5, 3});
  x = net.reshape(x, {inner, height, width});
  return conv_norm(net, x, channels, {}, name + ".conv_proj");
}

std::int64_t blocks_in(const MobileViTStage& stage) { return stage.blocks + (stage.transformer_layers > 0 ? 1 : 0); }

}  // namespace

Graph mobilevitv2(double width, int bands, int size, int outputs, const Regularisation& regularisation) {
  std::int64_t all_blocks = 0;
  for (const MobileViTStage& stage : mobilevit_stages) all_blocks += blocks_in(stage);
  GraphBuilder net;
  Tensor x = net.silu(conv_norm(net, net.input({bands, size, size}), scaled(32, width), {.kernel = 3, .stride = 2}, "stem"));
  std::int64_t blocks_before = 0;
  for (std::size_t index = 0; index < mobilevit_stages.size(); ++index) {
    const MobileViTStage& stage = mobilevit_stages[index];
    for (std::int64_t i = 0; i < blocks_in(stage); ++i, ++blocks_before) {
      const double drop = regularisation.drop_path * static_cast<double>(blocks_before) / static_cast<double>(all_blocks - 1);
      const std::string name = fmt::format("stages.{}.{}", index, i);
      x = i < stage.blocks ? inverted_residual(net, x, scaled(stage.channels, width), i == 0 ? stage.stride : 1, drop, name)
                           : attention_block(net, x, stage.transformer_layers, drop, name);
    }
  }
  x = net.dropout(net.flatten(net.global_average(x)), regularisation.dropout);
  const Tensor logits = net.linear(x, outputs, "head.fc", LinearStart::normal_hundredth);
  return std::move(net).finish(logits);
}

}  // namespace lensfind::network
