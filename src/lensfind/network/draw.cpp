#include "lensfind/network/draw.h"

#include <algorithm>
#include <cctype>
#include <string_view>
#include <vector>

#include <fmt/format.h>
#include <fmt/ranges.h>

namespace lensfind::network {
namespace {

/// What is drawn as one box.
struct Block {
  std::string name;
  std::vector<std::string> lines;  ///< its layers in words
  std::vector<std::int64_t> shape;
  std::int64_t parameters = 0, multiply_adds = 0;
  bool residual = false;
};

// All lengths in the picture's own unit, about a pixel.
constexpr int page_width = 930, margin = 24, name_width = 200, text_width = 470, line_height = 17, gap = 22;

bool is_number(std::string_view part) {
  return !part.empty() && std::all_of(part.begin(), part.end(), [](unsigned char letter) { return std::isdigit(letter) != 0; });
}

/// "layer2.0" of "layer2.0.downsample.0", "blocks.1.0" of "blocks.1.0.se.conv_reduce", "stages.2.1.transformer.0" of
/// "stages.2.1.transformer.0.norm1", nothing of "conv1": up to the first numbers, but a transformer's layers are blocks of their own.
std::string numbered_prefix(const std::string& name) {
  std::size_t begin = 0, end = 0;
  bool seen = false;
  while (begin <= name.size()) {
    const std::size_t dot = std::min(name.find('.', begin), name.size());
    const std::string_view part = std::string_view{name}.substr(begin, dot - begin);
    if (seen && !is_number(part) && part != "transformer") break;
    seen = seen || is_number(part);
    end = dot;
    begin = dot + 1;
  }
  return seen ? name.substr(0, end) : "";
}

std::string conv_words(const Node& node) {
  const std::int64_t inputs_a_group = node.parameters[0].shape[1];
  const bool depthwise = node.groups > 1 && inputs_a_group == 1;
  return fmt::format("{}×{} {}conv → {}{}", node.kernel[0], node.kernel[1], depthwise ? "depthwise " : "", node.shape[0],
                     node.stride[0] > 1 ? fmt::format(", stride {}", node.stride[0]) : "");
}

/// A layer in words; nothing for steps that only move numbers.
std::string words(const Node& node) {
  switch (node.operation) {
    case Operation::conv2d:
      return conv_words(node);
    case Operation::linear:
      return fmt::format("linear → {}", node.shape[0]);
    case Operation::max_pool:
    case Operation::average_pool:
      return fmt::format("{}×{} {} pool, stride {}", node.kernel[0], node.kernel[1],
                         node.operation == Operation::max_pool ? "max" : "average", node.stride[0]);
    case Operation::batch_norm:
      return "norm";
    case Operation::group_norm:
      return "group norm";
    case Operation::global_average:
      return "average over the image";
    case Operation::input:
    case Operation::quality:
    case Operation::reshape:
    case Operation::transpose:
    case Operation::slice:
      return "";
    default:
      return std::string{operation_name(node.operation)};
  }
}

/// A layer that computes begins a line; what follows it (a norm, an activation) continues it.
void append(Block& block, const Node& node) {
  const std::string said = words(node);
  if (said.empty()) return;
  const bool begins = node.operation == Operation::conv2d || node.operation == Operation::linear || node.operation == Operation::max_pool ||
                      node.operation == Operation::average_pool || node.operation == Operation::global_average;
  if (block.lines.empty() || begins) {
    block.lines.push_back(said);
  } else {
    block.lines.back() += " · " + said;
  }
}

/// The block of every node: nodes without numbers in their names are the stem before the first numbered block and the head after the last;
/// nodes without names belong to the node before them.
std::vector<std::string> block_names(const Graph& graph) {
  std::size_t last_numbered = 0;
  for (std::size_t i = 0; i < graph.nodes.size(); ++i) {
    if (!numbered_prefix(graph.nodes[i].name).empty()) last_numbered = i;
  }
  std::vector<std::string> names;
  std::string name = "stem";
  for (std::size_t i = 0; i < graph.nodes.size(); ++i) {
    const Node& node = graph.nodes[i];
    if (const std::string prefix = numbered_prefix(node.name); !prefix.empty()) name = prefix;
    if (i > last_numbered && (!node.name.empty() || node.operation == Operation::global_average)) name = "head";
    names.push_back(name);
  }
  return names;
}

/// Whether what enters a block, the output of node `entry`, is read twice inside it: by a branch and by the sum behind the branch.
bool goes_round(const Graph& graph, const std::vector<std::string>& names, std::size_t entry) {
  int readers = 0;
  for (std::size_t i = entry + 1; i < graph.nodes.size() && names[i] == names[entry + 1]; ++i) {
    readers += static_cast<int>(std::count(graph.nodes[i].inputs.begin(), graph.nodes[i].inputs.end(), static_cast<int>(entry)));
  }
  return readers > 1;
}

std::vector<Block> blocks_of(const Graph& graph) {
  const std::vector<std::string> names = block_names(graph);
  std::vector<Block> blocks;
  for (std::size_t i = 1; i < graph.nodes.size(); ++i) {
    const Node& node = graph.nodes[i];
    if (blocks.empty() || names[i] != names[i - 1]) blocks.push_back({.name = names[i], .residual = goes_round(graph, names, i - 1)});
    Block& block = blocks.back();
    append(block, node);
    block.shape = node.shape;
    for (const Parameter& parameter : node.parameters) block.parameters += parameter.trainable ? parameter.count() : 0;
    block.multiply_adds += node.multiply_adds();
  }
  return blocks;
}

std::string thousands(std::int64_t count) {
  if (count < 10'000) return fmt::format("{}", count);
  return count < 1'000'000 ? fmt::format("{:.1f} k", static_cast<double>(count) / 1e3)
                           : fmt::format("{:.2f} M", static_cast<double>(count) / 1e6);
}

std::string text(int x, int y, std::string_view style, const std::string& said) {
  return fmt::format("<text x=\"{}\" y=\"{}\" class=\"{}\">{}</text>\n", x, y, style, said);
}

int height_of(const Block& block) { return 16 + line_height * std::max(2, static_cast<int>(block.lines.size())); }

std::string draw_block(const Block& block, int y, double fraction) {
  const int height = height_of(block);
  const int left = margin + name_width, right = left + text_width;
  const bool edge = block.name == "stem" || block.name == "head";
  std::string svg = fmt::format("<rect x=\"{}\" y=\"{}\" width=\"{}\" height=\"{}\" rx=\"6\" class=\"{}\"/>\n", left, y, text_width, height,
                                edge ? "edge" : "block");
  svg += text(margin, y + height / 2 + 4, "name", block.name);
  for (std::size_t i = 0; i < block.lines.size(); ++i)
    svg += text(left + 12, y + 20 + line_height * static_cast<int>(i), "layer", block.lines[i]);
  svg += text(right + 14, y + 20, "shape", fmt::format("{}", fmt::join(block.shape, " × ")));
  svg += text(right + 14, y + 20 + line_height, "small",
              fmt::format("{} parameters, {:.1f}% of the work", thousands(block.parameters), 100 * fraction));
  svg += fmt::format("<rect x=\"{}\" y=\"{}\" width=\"{:.1f}\" height=\"4\" class=\"work\"/>\n", right + 14, y + 26 + line_height,
                     190 * fraction);
  if (block.residual) {
    svg += fmt::format("<path d=\"M{0} {1} C{2} {1} {2} {3} {0} {3}\" class=\"skip\" marker-end=\"url(#tip)\"/>\n", left, y - 8, left - 26,
                       y + height + 8);
  }
  return svg;
}

constexpr auto style = R"(<style>
text { font: 13px sans-serif; fill: #1f2933 } .title { font-size: 18px; font-weight: bold } .name { font-weight: bold } .small { font-size: 11px; fill: #52606d }
.block { fill: #e3eefb; stroke: #4a7fb5 } .edge { fill: #f3ead7; stroke: #b58b3a } .work { fill: #4a7fb5 } .flow { stroke: #52606d; stroke-width: 1.5 }
.skip { fill: none; stroke: #b5533a; stroke-width: 1.5 }
</style>
<defs><marker id="tip" viewBox="0 0 8 8" refX="7" refY="4" markerWidth="7" markerHeight="7" orient="auto"><path d="M0 0 L8 4 L0 8 z" fill="context-stroke"/></marker></defs>
)";

}  // namespace

std::string draw_svg(const Graph& graph) {
  const std::vector<Block> blocks = blocks_of(graph);
  const double work = static_cast<double>(std::max<std::int64_t>(1, graph.multiply_adds()));
  const int middle = margin + name_width + text_width / 2;
  std::string body = text(margin, 40, "title", graph.name);
  body += text(margin, 62, "small",
               fmt::format("{} bands of {}×{} pixels to {} outputs: {} parameters, {} multiply-adds a cutout", graph.bands, graph.size,
                           graph.size, graph.outputs, thousands(graph.parameter_count()), thousands(graph.multiply_adds())));
  int y = 84;
  for (const Block& block : blocks) {
    if (&block != &blocks.front()) {
      body +=
          fmt::format("<line x1=\"{0}\" y1=\"{1}\" x2=\"{0}\" y2=\"{2}\" class=\"flow\" marker-end=\"url(#tip)\"/>\n", middle, y - gap, y);
    }
    body += draw_block(block, y, static_cast<double>(block.multiply_adds) / work);
    y += height_of(block) + gap;
  }
  return fmt::format(
      "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {0} {1}\" width=\"{0}\" height=\"{1}\">\n<title>{2}</title>\n{3}<rect "
      "width=\"100%\" height=\"100%\" fill=\"#fff\"/>\n{4}</svg>\n",
      page_width, y, graph.name, style, body);
}

}  // namespace lensfind::network
