#include "lensfind/network/resnet.h"

#include <numeric>

#include <fmt/format.h>

#include "lensfind/network/graph_builder.h"

namespace lensfind::network {
namespace {

/// One residual block: x + branch(x), both taken to `outputs` channels at `stride`.
Tensor residual_block(GraphBuilder& net, Tensor x, const ResNetShape& shape, std::int64_t width, std::int64_t stride, double drop,
                      const std::string& name) {
  const std::int64_t outputs = shape.bottleneck ? 4 * width : width;
  Tensor branch = x;
  if (shape.bottleneck) {
    branch = net.relu(net.batch_norm(net.conv(branch, width, {}, name + ".conv1"), name + ".bn1"));
    branch = net.relu(net.batch_norm(net.conv(branch, width, {.kernel = 3, .stride = stride}, name + ".conv2"), name + ".bn2"));
    branch = net.batch_norm(net.conv(branch, outputs, {}, name + ".conv3"), name + ".bn3", {.first_weight = 0});
  } else {
    branch = net.relu(net.batch_norm(net.conv(branch, width, {.kernel = 3, .stride = stride}, name + ".conv1"), name + ".bn1"));
    branch = net.batch_norm(net.conv(branch, outputs, {.kernel = 3}, name + ".conv2"), name + ".bn2", {.first_weight = 0});
  }
  if (shape.block_attention) branch = shape.block_attention(net, branch, name + ".se");
  Tensor shortcut = x;
  if (stride != 1 || net.shape(x)[0] != outputs) {
    shortcut = net.batch_norm(net.conv(x, outputs, {.stride = stride}, name + ".downsample.0"), name + ".downsample.1");
  }
  return net.relu(net.add(net.drop_path(branch, drop), shortcut));
}

}  // namespace

Graph resnet(const ResNetShape& shape, int bands, int size, int outputs, const Regularisation& regularisation) {
  const int all_blocks = std::accumulate(shape.blocks.begin(), shape.blocks.end(), 0);
  GraphBuilder net;
  Tensor x = net.input({bands, size, size});
  x = net.relu(net.batch_norm(net.conv(x, shape.width, {.kernel = 7, .stride = 2}, "conv1"), "bn1"));
  x = net.max_pool(x, {.kernel = 3, .stride = 2, .padding = 1});
  int blocks_before = 0;
  for (int stage = 0; stage < 4; ++stage) {
    if (stage == 3 && shape.stage_attention) x = shape.stage_attention(net, x, "attention");
    for (int block = 0; block < shape.blocks[static_cast<std::size_t>(stage)]; ++block, ++blocks_before) {
      const std::int64_t stride = stage > 0 && block == 0 ? 2 : 1;
      const double drop = regularisation.drop_path * blocks_before / (all_blocks - 1);
      x = residual_block(net, x, shape, shape.width << stage, stride, drop, fmt::format("layer{}.{}", stage + 1, block));
    }
  }
  x = net.dropout(net.flatten(net.global_average(x)), regularisation.dropout);
  const Tensor logits = net.linear(x, outputs, "fc");
  return std::move(net).finish(logits);
}

}  // namespace lensfind::network
