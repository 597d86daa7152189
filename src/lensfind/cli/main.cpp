#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <exception>
#include <new>

#include <fmt/format.h>

#include "lensfind/base/error.h"
#include "lensfind/cli/arguments.h"
#include "lensfind/cli/command.h"
#include "lensfind/cli/console.h"

namespace lensfind::cli {
namespace {

constexpr int done = 0, failed = 1, wrong_usage = 2, interrupted = 130;

std::string overview() {
  std::string text =
      "lensfind finds strong gravitational lenses in survey images.\n\n"
      "Usage: lensfind COMMAND ...      `lensfind COMMAND --help` explains one\n\nCommands, in the order of the work:\n";
  for (const Command& command : commands()) text += fmt::format("  {:<10}  {}\n", command.name, command.summary);
#ifdef LENSFIND_WITH_TRAIN
  text += "\nTry `lensfind demo` first: it simulates a small survey, trains, evaluates, scores and writes a report.\n";
#else
  text += "\nThis program was built without training: it has no `train` and no `demo`.\n";
#endif
  return text;
}

/// Text of a file that is no table after all must not move a terminal's cursor or ring its bell.
std::string without_control_characters(std::string text) {
  for (char& letter : text)
    if ((static_cast<unsigned char>(letter) < 0x20 && letter != '\n') || letter == 0x7F) letter = '?';
  return text;
}

int fail(const std::string& what, const std::string& hint, int status = failed) {
  fmt::print(stderr, "error: {}\nhint: {}\n", without_control_characters(what), without_control_characters(hint));
  return status;
}

int run_command(const Command& command, const std::vector<std::string>& words) {
  try {
    return command.run(words);
  } catch (const HelpAsked& help) {
    fmt::print("{}", help.text);
    return done;
  } catch (const Usage& usage) {
    return fail(usage.message, fmt::format("`lensfind {} --help` shows what it takes", command.name), wrong_usage);
  } catch (const Stopped& stopped) {
    return fail(stopped.what(), stopped.hint(), interrupted);
  } catch (const Error& error) {
    return fail(error.what(), error.hint());
  } catch (const std::bad_alloc&) {
    return fail("out of memory", "use fewer --threads, a smaller batch, or a machine with more memory");
  } catch (const std::exception& error) {
    return fail(error.what(), "this should have been caught earlier: please report it with the command you gave");
  }
}

int run(const std::vector<std::string>& words) {
  if (words.empty()) {
    fmt::print(stderr, "{}", overview());
    return wrong_usage;
  }
  if (words[0] == "--help" || words[0] == "-h" || words[0] == "help") {
    fmt::print("{}", overview());
    return done;
  }
  if (words[0] == "--version") {
    fmt::print("lensfind {}\n", version());
    return done;
  }
  const auto found = std::find_if(commands().begin(), commands().end(), [&](const Command& command) { return words[0] == command.name; });
  if (found == commands().end()) {
    std::vector<std::string> names;
    for (const Command& command : commands()) names.emplace_back(command.name);
    const std::string near = nearest_name(words[0], names);
    return fail(fmt::format("there is no command `{}`", words[0]),
                near.empty() ? "`lensfind --help` lists the commands" : fmt::format("did you mean `{}`?", near), wrong_usage);
  }
  return run_command(*found, {words.begin() + 1, words.end()});
}

}  // namespace
}  // namespace lensfind::cli

int main(int argc, char** argv) {
  lensfind::cli::catch_interrupts();
  const int status = lensfind::cli::run({argv + 1, argv + argc});
  // A full disk behind a redirected stdout shows only when it is flushed.
  if (std::fflush(stdout) != 0 && status == 0) {
    fmt::print(stderr, "error: stdout could not be written\nhint: is the disk full?\n");
    return 1;
  }
  return status;
}
