#include "lensfind/network/cbam.h"

#include <algorithm>
#include <array>

namespace lensfind::network {
namespace {

Tensor weigh_channels(GraphBuilder& net, Tensor x, const std::string& name) {
  const std::int64_t channels = net.shape(x)[0];
  // Average and maximum side by side, (channels, 1, 2), go through the same two layers.
  const std::array both{net.global_average(x), net.maximum(net.maximum(x, 2), 3)};
  const Tensor inner = net.relu(net.conv(net.concat(both, 3), std::max<std::int64_t>(1, channels / 16), {}, name + ".fc1"));
  return net.multiply(x, net.sigmoid(net.sum(net.conv(inner, channels, {}, name + ".fc2"), 3)));
}

Tensor weigh_pixels(GraphBuilder& net, Tensor x, const std::string& name) {
  const std::array both{net.mean(x, 1), net.maximum(x, 1)};
  const Tensor seen = net.conv(net.concat(both, 1), 1, {.kernel = 7}, name + ".conv.conv");
  return net.multiply(x, net.sigmoid(net.batch_norm(seen, name + ".conv.bn")));
}

}  // namespace

Tensor convolutional_block_attention(GraphBuilder& net, Tensor x, const std::string& name) {
  return weigh_pixels(net, weigh_channels(net, x, name + ".channel"), name + ".spatial");
}

}  // namespace lensfind::network
