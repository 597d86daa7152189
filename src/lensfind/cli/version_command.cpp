#include <fmt/format.h>
#include <fmt/ranges.h>

#include "lensfind/base/version.h"
#include "lensfind/cli/build_facts.h"
#include "lensfind/cli/command.h"
#include "lensfind/cli/console.h"
#include "lensfind/score/openvino_version.h"

namespace lensfind::cli {
namespace {

#ifdef LENSFIND_WITH_TRAIN
constexpr bool trains = true;
#else
constexpr bool trains = false;
#endif

std::string or_unknown(const std::string& text) { return text.empty() ? "unknown" : text; }

Value value_of(const BuildFacts& facts, const Processor& machine) {
  Value libraries = empty_object(), features{Value::Array{}};
  for (const auto& [name, number] : facts.libraries) libraries.set(name, number);
  for (const std::string& feature : machine.features) features.push_back(feature);
  return empty_object()
      .set("version", version())
      .set("commit", facts.commit.empty() ? Value{} : Value{facts.commit})
      .set("build", empty_object().set("type", facts.type).set("compiler", facts.compiler).set("training", trains))
      .set("libraries", std::move(libraries))
      .set("openvino", score::openvino_version())
      .set("processor", empty_object().set("name", machine.name).set("features", std::move(features)).set("kernels", machine.kernels));
}

}  // namespace

int version_command(const std::vector<std::string>& words) {
  CommonArguments common;
  Arguments arguments{
      "version",
      "The version, the commit it was built from, the libraries it was built with, and which instructions of this processor "
      "it uses: what belongs into the report of a fault, and beside published results."};
  common.declare(arguments);
  arguments.footer("`lensfind doctor` says what this machine has and lacks. `lensfind --version` prints the version alone.");
  arguments.parse(words);

  const BuildFacts facts = build_facts();
  const Processor machine = processor();
  Console console{common};
  console.say(fmt::format("lensfind {}", version()));
  console.say(fmt::format("commit      {}", or_unknown(facts.commit)));
  console.say(fmt::format("build       {}, {}, {} training", or_unknown(facts.type), facts.compiler, trains ? "with" : "without"));
  console.say(fmt::format("processor   {}: {}", or_unknown(machine.name),
                          machine.features.empty() ? "no AVX2" : fmt::format("{}", fmt::join(machine.features, ", "))));
  console.say(fmt::format("kernels     {}", machine.kernels));
  console.say(fmt::format("OpenVINO    {}", score::openvino_version()));
  for (const auto& [name, number] : facts.libraries)
    if (name != "OpenVINO") console.say(fmt::format("{:<11} {}", name, number));
  console.result(value_of(facts, machine));
  return 0;
}

}  // namespace lensfind::cli
