#include "lensfind/cli/described.h"

#include <stdexcept>

#include "lensfind/cli/arguments.h"

namespace lensfind::cli {
namespace {

/// A command tells what it takes where it is asked for help, and does nothing else then.
Value help_of(const Command& command) {
  try {
    command.run({"--help", "--json"});
  } catch (const HelpAsked& help) {
    return parse_json(help.text, command.name);
  }
  throw std::logic_error{std::string{command.name} + ": `--help --json` gave no help"};
}

}  // namespace

std::vector<Described> described_commands() {
  std::vector<Described> all;
  for (const Command& command : commands()) {
    all.push_back({command.name, command.summary, help_of(command)});
    if (!command.parts) continue;
    for (const Command& part : command.parts()) all.push_back({std::string{command.name} + " " + part.name, part.summary, help_of(part)});
  }
  return all;
}

}  // namespace lensfind::cli
