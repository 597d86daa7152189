#include "lensfind/network/equivariant.h"

#include <array>

#include <fmt/format.h>

#include "lensfind/network/graph_builder.h"

namespace lensfind::network {
namespace {

/// Takes the same pixels of an image and of its turned and flipped copies.
Tensor halve(GraphBuilder& net, Tensor x) {
  const bool even = net.shape(x)[1] % 2 == 0;
  return net.average_pool(x, {.kernel = even ? 2 : 3, .stride = 2, .padding = even ? 0 : 1});
}

Tensor shared_conv_norm(GraphBuilder& net, Tensor x, std::int64_t fields, std::int64_t kernel, const std::string& conv,
                        const std::string& norm, double first_weight = 1) {
  x = net.conv(x, 8 * fields, {.kernel = kernel, .sharing = Sharing::regular}, conv);
  return net.batch_norm(x, norm, {.first_weight = first_weight, .shared = true});
}

/// x + branch(x), both taken to `fields` fields and, where it halves, to half the side.
Tensor equivariant_block(GraphBuilder& net, Tensor x, std::int64_t fields, bool halves, double drop, const std::string& name) {
  Tensor branch = net.relu(shared_conv_norm(net, x, fields, 3, name + ".conv1", name + ".bn1"));
  if (halves) branch = halve(net, branch);
  branch = shared_conv_norm(net, branch, fields, 3, name + ".conv2", name + ".bn2", 0);
  Tensor shortcut = halves ? halve(net, x) : x;
  if (net.shape(x)[0] != 8 * fields) shortcut = shared_conv_norm(net, shortcut, fields, 1, name + ".downsample.0", name + ".downsample.1");
  return net.relu(net.add(net.drop_path(branch, drop), shortcut));
}

/// (8 x fields, height, width) -> (fields): the average over pixels and symmetries.
Tensor invariant_features(GraphBuilder& net, Tensor x) {
  const std::int64_t fields = net.shape(x)[0] / 8;
  return net.flatten(net.mean(net.reshape(net.global_average(x), {8, fields}), 1));
}

}  // namespace

Graph equivariant(std::int64_t width, int bands, int size, int outputs, const Regularisation& regularisation) {
  GraphBuilder net;
  Tensor x = net.input({bands, size, size});
  x = net.conv(x, 8 * (width / 2), {.kernel = 5, .sharing = Sharing::lifting}, "stem.lift");
  x = halve(net, net.relu(net.batch_norm(x, "stem.bn1", {.shared = true})));
  x = halve(net, net.relu(shared_conv_norm(net, x, width, 3, "stem.conv", "stem.bn2")));
  const std::array fields{width, width * 3 / 2, width * 3, width * 6};
  for (std::size_t stage = 0; stage < fields.size(); ++stage) {
    for (std::size_t block = 0; block < 2; ++block) {
      const double drop = regularisation.drop_path * static_cast<double>(2 * stage + block) / 7;
      x = equivariant_block(net, x, fields[stage], stage > 0 && block == 0, drop, fmt::format("layer{}.{}", stage + 1, block));
    }
  }
  const Tensor logits = net.linear(net.dropout(invariant_features(net, x), regularisation.dropout), outputs, "fc");
  return std::move(net).finish(logits);
}

}  // namespace lensfind::network
