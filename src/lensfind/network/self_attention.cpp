#include "lensfind/network/self_attention.h"

#include <cmath>

namespace lensfind::network {
namespace {

constexpr std::int64_t heads = 4;

}  // namespace

Tensor self_attention(GraphBuilder& net, Tensor x, const std::string& name) {
  const std::int64_t channels = net.shape(x)[0], height = net.shape(x)[1], width = net.shape(x)[2];
  const std::int64_t inner = channels / 2, depth = inner / heads;
  const Tensor projected = net.conv(net.group_norm(x, 1, name + ".norm"), 3 * inner, {.bias = true}, name + ".qkv");
  const auto part = [&](std::int64_t which) {
    return net.reshape(net.slice(projected, 1, which * inner, (which + 1) * inner), {heads, depth, height * width});
  };
  const auto turned = [&](Tensor matrix) { return net.transpose(matrix, {0, 1, 3, 2}); };
  const Tensor query = part(0), key = part(1), value = part(2);  // (heads, depth, pixels)
  const Tensor weights = net.softmax(net.matmul(turned(query), key, 1 / std::sqrt(static_cast<double>(depth))), -1);
  const Tensor seen = net.reshape(net.matmul(value, turned(weights)), {inner, height, width});
  const Tensor back = net.conv(seen, channels, {}, name + ".proj");
  return net.add(x, net.batch_norm(back, name + ".proj_norm", {.first_weight = 0}));
}

}  // namespace lensfind::network
