#include "lensfind/network/student.h"

#include "lensfind/network/graph_builder.h"

namespace lensfind::network {
namespace {

constexpr std::int64_t max_patches = 32;  // along a side

/// Multiples of 8 channels fill the vector units; fewer patches leave room for more channels.
std::int64_t first_width(std::int64_t patches) { return 8 * (2 * max_patches / patches); }

}  // namespace

Graph student(int bands, int size, int outputs, const Regularisation& regularisation) {
  GraphBuilder net;
  Tensor x = net.input({bands, size, size});
  // Of larger cutouts the patches alone would take more multiply-adds than all that follows.
  if (const std::int64_t block = (size + 127) / 128; block > 1) x = net.average_pool(x, {.kernel = block, .stride = block});
  const std::int64_t patch = (net.shape(x)[1] + max_patches - 1) / max_patches;
  std::int64_t width = first_width(net.shape(x)[1] / patch);
  x = net.relu(net.batch_norm(net.conv(x, width, {.kernel = patch, .stride = patch, .padded = false}, "stem.conv"), "stem.bn"));
  for (const char* name : {"stage1", "stage2", "stage3"}) {
    width *= 2;
    x = net.conv(x, width, {.kernel = 3, .stride = 2}, std::string{name} + ".conv");
    x = net.relu(net.batch_norm(x, std::string{name} + ".bn"));
  }
  x = net.dropout(net.flatten(net.global_average(x)), regularisation.dropout);
  const Tensor logits = net.linear(x, outputs, "fc");
  return std::move(net).finish(logits);
}

}  // namespace lensfind::network
