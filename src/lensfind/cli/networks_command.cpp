#include <fmt/format.h>

#include "lensfind/cli/command.h"
#include "lensfind/cli/console.h"
#include "lensfind/network/networks.h"

namespace lensfind::cli {

int networks_command(const std::vector<std::string>& words) {
  CommonArguments common;
  Arguments arguments{
      "networks", "Every network that a recipe can name: its parameters, and the multiply-adds of one cutout of 3 bands and 64x64 pixels."};
  common.declare(arguments);
  arguments.parse(words);

  Console console{common};
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
