#include "lensfind/network/coordinate_attention.h"

#include <algorithm>
#include <array>

namespace lensfind::network {

Tensor coordinate_attention(GraphBuilder& net, Tensor x, const std::string& name) {
  const std::int64_t channels = net.shape(x)[0], height = net.shape(x)[1], width = net.shape(x)[2];
  const std::int64_t squeezed = std::max<std::int64_t>(8, (channels / 24 + 4) / 8 * 8);
  const auto turned = [&](Tensor strip) { return net.transpose(strip, {0, 1, 3, 2}); };
  const std::array strips{net.mean(x, 3), turned(net.mean(x, 2))};  // (channels, height, 1) and (channels, width, 1)
  const Tensor joined = net.conv(net.concat(strips, 2), squeezed, {}, name + ".conv1");
  const Tensor inner = net.hard_swish(net.batch_norm(joined, name + ".bn1"));
  const Tensor rows = net.conv(net.slice(inner, 2, 0, height), channels, {}, name + ".conv_h");
  const Tensor columns = net.conv(turned(net.slice(inner, 2, height, height + width)), channels, {}, name + ".conv_w");
  return net.multiply(net.multiply(x, net.sigmoid(columns)), net.sigmoid(rows));
}

}  // namespace lensfind::network
