#include <algorithm>

#include <fmt/format.h>

#include "lensfind/base/atomic_file.h"
#include "lensfind/base/error.h"
#include "lensfind/cli/command.h"
#include "lensfind/cli/console.h"
#include "lensfind/network/draw.h"
#include "lensfind/network/initialise.h"
#include "lensfind/network/networks.h"
#include "lensfind/network/onnx.h"
#include "lensfind/score/int8_ranges.h"
#include "lensfind/score/measure.h"

namespace lensfind::cli {
namespace {

constexpr double measured_seconds = 1;  // a network and precision

int draw_network(Console& console, const std::string& name, std::filesystem::path out) {
  if (out.empty()) out = name + ".svg";
  require_output_file(out, false);
  write_file(out, network::draw_svg(network::build_network(name, 3, 64, 2)));
  console.say(fmt::format("{}: {} for 3 bands, 64x64 pixels, 2 logits", out.string(), name));
  console.result(empty_object().set("out", out.string()));
  return 0;
}

/// Images per second in f32 and, where the processor has them, in bf16 and int8.
struct Speed {
  double f32 = 0;
  std::optional<double> bf16, int8;
};

Speed measure(const network::Graph& graph, int threads) {
  const std::string onnx = network::to_onnx(graph, network::initialise(graph, 0), {});
  const auto rate = [&](score::Precision precision) { return score::images_per_second(onnx, precision, threads, measured_seconds); };
  Speed speed{rate(score::Precision::f32), {}, {}};
  if (score::processor_has_bf16()) speed.bf16 = rate(score::Precision::bf16);
  if (score::processor_has_vnni()) speed.int8 = rate(score::Precision::int8);
  return speed;
}

std::vector<Speed> measure_all(const std::vector<network::Graph>& graphs, int threads, Progress& progress) {
  std::vector<Speed> speeds;
  progress.start("measuring", static_cast<std::int64_t>(graphs.size()), "networks");
  for (const network::Graph& graph : graphs) {
    if (stop_flag()) throw Stopped{"stopped while networks were measured", "start it again"};
    speeds.push_back(measure(graph, threads));
    progress.advance(1);
  }
  progress.finish();
  return speeds;
}

/// Those named, or all, for the cutouts that the command's help names.
std::vector<network::Graph> build_networks(std::vector<std::string> names) {
  if (names.empty()) {
    for (const network::Architecture& architecture : network::architectures()) names.push_back(architecture.name);
  }
  std::vector<network::Graph> graphs;
  for (const std::string& name : names) graphs.push_back(network::build_network(name, 3, 64, 2));
  return graphs;
}

const std::string& source_of(const network::Graph& graph) {
  return std::ranges::find(network::architectures(), graph.name, &network::Architecture::name)->source;
}

std::string speed_text(const Speed& speed) {
  const auto text = [](std::optional<double> rate) { return rate ? fmt::format("{:.0f}", *rate) : std::string{"-"}; };
  return fmt::format(" {:>10.0f} {:>10} {:>10}", speed.f32, text(speed.bf16), text(speed.int8));
}

}  // namespace

int networks_command(const std::vector<std::string>& words) {
  CommonArguments common;
  std::string drawn;
  std::filesystem::path out;
  std::vector<std::string> names;
  bool measured = false;
  Arguments arguments{
      "networks", "Every network that a recipe can name: its parameters, and the multiply-adds of one cutout of 3 bands and 64x64 pixels."};
  arguments.option(names, "--network", "NAME", "only this network (may be repeated)");
  arguments.flag(measured, "--measure",
                 "also images/s of the engine on this machine, in f32 and, where the processor has them, bf16 and int8");
  arguments.option(drawn, "--draw", "NAME", "draw this network as a picture instead");
  arguments.option(out, "--out", "FILE", "the picture's file (default NAME.svg)");
  common.declare(arguments);
  arguments.parse(words);

  Console console{common};
  if (!drawn.empty()) return draw_network(console, drawn, out);
  const std::vector<network::Graph> graphs = build_networks(names);
  const int threads = use_threads(common.threads);
  std::vector<Speed> speeds;
  if (measured) speeds = measure_all(graphs, threads, console.progress());

  Value rows{Value::Array{}};
  console.say(fmt::format("{:<28} {:>12} {:>14}{}  {}", "network", "parameters", "multiply-adds",
                          measured ? fmt::format(" {:>10} {:>10} {:>10}", "f32 im/s", "bf16 im/s", "int8 im/s") : "", "source"));
  for (std::size_t i = 0; i < graphs.size(); ++i) {
    const network::Graph& graph = graphs[i];
    const std::string& source = source_of(graph);
    console.say(fmt::format("{:<28} {:>12} {:>12.1f} M{}  {}", graph.name, with_commas(graph.parameter_count()),
                            static_cast<double>(graph.multiply_adds()) / 1e6, measured ? speed_text(speeds[i]) : "", source));
    Value row = empty_object()
                    .set("name", graph.name)
                    .set("parameters", graph.parameter_count())
                    .set("multiply_adds", graph.multiply_adds())
                    .set("source", source);
    if (measured) {
      const auto or_null = [](std::optional<double> rate) { return rate ? Value{*rate} : Value{}; };
      row.set("images_per_second", empty_object()
                                       .set("f32", speeds[i].f32)
                                       .set("bf16", or_null(speeds[i].bf16))
                                       .set("int8", or_null(speeds[i].int8))
                                       .set("threads", threads));
    }
    rows.push_back(std::move(row));
  }
  if (measured) console.say(fmt::format("images/s: cutouts of 3 bands and 64x64 pixels in memory, {} threads", threads));
  console.result(empty_object().set("networks", rows));
  return 0;
}

}  // namespace lensfind::cli
