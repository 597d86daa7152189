#include <fmt/format.h>

#include "lensfind/base/atomic_file.h"
#include "lensfind/cli/command.h"
#include "lensfind/cli/console.h"
#include "lensfind/network/draw.h"
#include "lensfind/network/networks.h"

namespace lensfind::cli {
namespace {

int draw_network(Console& console, const std::string& name, std::filesystem::path out) {
  if (out.empty()) out = name + ".svg";
  require_absent(out);
  write_file(out, network::draw_svg(network::build_network(name, 3, 64, 2)));
  console.say(fmt::format("{}: {} for 3 bands, 64x64 pixels, 2 logits", out.string(), name));
  console.result(empty_object().set("out", out.string()));
  return 0;
}

}  // namespace

int networks_command(const std::vector<std::string>& words) {
  CommonArguments common;
  std::string drawn;
  std::filesystem::path out;
  Arguments arguments{
      "networks", "Every network that a recipe can name: its parameters, and the multiply-adds of one cutout of 3 bands and 64x64 pixels."};
  arguments.option(drawn, "--draw", "NAME", "draw this network as a picture instead");
  arguments.option(out, "--out", "FILE", "the picture's file (default NAME.svg)");
  common.declare(arguments);
  arguments.parse(words);

  Console console{common};
  if (!drawn.empty()) return draw_network(console, drawn, out);
  Value rows{Value::Array{}};
  console.say(fmt::format("{:<20} {:>12} {:>14}  {}", "network", "parameters", "multiply-adds", "source"));
  for (const network::Architecture& architecture : network::architectures()) {
    const network::Graph graph = network::build_network(architecture.name, 3, 64, 2);
    console.say(fmt::format("{:<20} {:>12} {:>12.1f} M  {}", architecture.name, with_commas(graph.parameter_count()),
                            static_cast<double>(graph.multiply_adds()) / 1e6, architecture.source));
    rows.push_back(empty_object()
                       .set("name", architecture.name)
                       .set("parameters", graph.parameter_count())
                       .set("multiply_adds", graph.multiply_adds())
                       .set("source", architecture.source));
  }
  console.result(empty_object().set("networks", rows));
  return 0;
}

}  // namespace lensfind::cli
