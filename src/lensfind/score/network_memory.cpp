#include "lensfind/score/network_memory.h"

#include <algorithm>
#include <unordered_map>
#include <vector>

#include <fmt/format.h>
#include <openvino/op/constant.hpp>
#include <openvino/op/result.hpp>
#include <openvino/op/util/multi_subgraph_base.hpp>

#include "lensfind/base/error.h"
#include "lensfind/base/unpack_budget.h"

namespace lensfind::score {
namespace {

/// What is larger than any network that is read; sums of it do not overflow.
constexpr std::uint64_t far_too_many = unpacked_bytes_limit + 1;

/// Nothing where a length is not known. A result of unknown rank counts as none: it is what torch's exporter leaves of squeeze() as an If.
std::optional<std::uint64_t> bytes_of(const ov::Output<const ov::Node>& output) {
  const ov::PartialShape& shape = output.get_partial_shape();
  if (shape.rank().is_dynamic()) return 0;
  std::uint64_t bytes = std::max<std::uint64_t>(1, output.get_element_type().size());
  for (const ov::Dimension& dimension : shape) {
    const std::int64_t max = dimension.get_max_length();
    if (max < 0) return {};
    if (max > 0 && bytes > far_too_many / static_cast<std::uint64_t>(max))
      bytes = far_too_many;
    else
      bytes *= static_cast<std::uint64_t>(max);
  }
  return std::min(bytes, far_too_many);
}

std::optional<std::uint64_t> bytes_of_results(const ov::Node& node) {
  std::uint64_t sum = 0;
  // A Result only names what another node computed.
  if (ov::is_type<ov::op::v0::Constant>(&node) || ov::is_type<ov::op::v0::Result>(&node)) return sum;
  for (const ov::Output<const ov::Node>& output : node.outputs()) {
    const auto bytes = bytes_of(output);
    if (!bytes) return {};
    sum += *bytes;
  }
  return sum;
}

/// Of the branches of an If or the body of a Loop.
std::optional<std::uint64_t> bytes_inside(const ov::Node& node) {
  std::uint64_t max = 0;
  const auto* const outer = dynamic_cast<const ov::op::util::MultiSubGraphOp*>(&node);
  if (outer == nullptr) return max;
  for (const auto& inner : outer->get_functions()) {
    const auto bytes = max_bytes_at_once(*inner);
    if (!bytes) return {};
    max = std::max(max, *bytes);
  }
  return max;
}

/// For each node, in order, the place of the last one that reads it.
std::vector<std::size_t> last_readers(const ov::NodeVector& nodes) {
  std::unordered_map<const ov::Node*, std::size_t> place;
  for (std::size_t i = 0; i < nodes.size(); ++i) place[nodes[i].get()] = i;
  std::vector<std::size_t> last(nodes.size());
  for (std::size_t i = 0; i < nodes.size(); ++i) {
    last[i] = std::max(last[i], i);
    for (const ov::Output<ov::Node>& input : nodes[i]->input_values()) last[place.at(input.get_node())] = i;
  }
  return last;
}

}  // namespace

std::optional<std::uint64_t> max_bytes_at_once(const ov::Model& network) {
  const ov::NodeVector nodes = network.get_ordered_ops();
  const std::vector<std::size_t> last = last_readers(nodes);
  std::vector<std::uint64_t> freed_behind(nodes.size());
  std::uint64_t held = 0, max = 0;
  for (std::size_t i = 0; i < nodes.size(); ++i) {
    const auto results = bytes_of_results(*nodes[i]), inside = bytes_inside(*nodes[i]);
    if (!results || !inside) return {};
    held += *results;
    freed_behind[last[i]] += *results;
    max = std::max(max, held + *inside);
    held -= freed_behind[i];
  }
  return max;
}

void check_memory(const ov::Model& network, const std::filesystem::path& onnx) {
  const std::optional<std::uint64_t> bytes = max_bytes_at_once(network);
  if (!bytes) {
    throw Error{onnx.string() + ": how much memory it takes depends on the pixels", "export a network whose results have fixed shapes"};
  }
  if (*bytes <= unpacked_bytes_limit) return;
  throw Error{fmt::format("{}: what it computes takes more than the {} MiB that one input may", onnx.string(), unpacked_bytes_limit >> 20),
              "is it a lens finder? one of cutouts of up to 256 pixels takes far less"};
}

}  // namespace lensfind::score
