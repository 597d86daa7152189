#include "lensfind/network/squeeze_excitation.h"

#include <algorithm>

namespace lensfind::network {

Tensor squeeze_excitation(GraphBuilder& net, Tensor x, const std::string& name) {
  const std::int64_t channels = net.shape(x)[0];
  const std::int64_t squeezed = std::max<std::int64_t>(8, (channels / 16 + 4) / 8 * 8);
  const Tensor inner = net.relu(net.conv(net.global_average(x), squeezed, {.bias = true}, name + ".fc1"));
  return net.multiply(x, net.sigmoid(net.conv(inner, channels, {.bias = true}, name + ".fc2")));
}

}  // namespace lensfind::network
