#include <algorithm>
#include <exception>
#include <filesystem>
#include <new>

#include <fmt/format.h>

#include "lensfind/base/atomic_file.h"
#include "lensfind/base/error.h"
#include "lensfind/base/utf8.h"
#include "lensfind/base/version.h"
#include "lensfind/cli/arguments.h"
#include "lensfind/cli/command.h"
#include "lensfind/cli/console.h"
#include "lensfind/cli/streams.h"

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

int fail(const std::string& what, const std::string& hint, int status = failed) {
  print_message(terminal_text(fmt::format("error: {}\nhint: {}\n", what, hint)));
  return status;
}

/// What the standard library says of a file that the library of lensfind did not look after.
int fail_at_file(const std::filesystem::filesystem_error& error) {
  try {
    throw_write_error(error.path2().empty() ? error.path1() : error.path2(), error.code().value());
  } catch (const Error& plain) {
    return fail(plain.what(), plain.hint());
  }
}

int run_command(const Command& command, const std::vector<std::string>& words) {
  try {
    return command.run(words);
  } catch (const HelpAsked& help) {
    print_result(help.text);
    return done;
  } catch (const Usage& usage) {
    return fail(usage.message, usage.hint.empty() ? fmt::format("`lensfind {} --help` shows what it takes", command.name) : usage.hint,
                wrong_usage);
  } catch (const Stopped& stopped) {
    return fail(stopped.what(), stopped.hint(), interrupted);
  } catch (const Error& error) {
    return fail(error.what(), error.hint());
  } catch (const std::bad_alloc&) {
    return fail("out of memory", "use fewer --threads, a smaller batch, or a machine with more memory");
  } catch (const std::filesystem::filesystem_error& error) {
    return fail_at_file(error);
  } catch (const std::exception& error) {
    return fail(error.what(), "this should have been caught earlier: please report it with the command you gave");
  }
}

int run(const std::vector<std::string>& words) {
  if (words.empty()) {
    print_message(overview());
    return wrong_usage;
  }
  if (words[0] == "--help" || words[0] == "-h" || words[0] == "help") {
    const bool as_data = std::ranges::find(words, "--json") != words.end();
    print_result(as_data ? to_json(empty_object().set("version", version()).set("commands", names_and_summaries(commands()))) + "\n"
                         : overview());
    return done;
  }
  if (words[0] == "--version") {
    print_result(fmt::format("lensfind {}\n", version()));
    return done;
  }
  const auto found = std::find_if(commands().begin(), commands().end(), [&](const Command& command) { return words[0] == command.name; });
  if (found == commands().end()) {
    std::vector<std::string> names{"--help", "--version"};
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
  using namespace lensfind::cli;
  prepare_streams();
  catch_interrupts();
  const int status = run({argv + 1, argv + argc});
  if (status == done && !results_are_written())
    return fail("stdout could not be written, so results are missing there", "is the disk full? files that the command names are whole");
  return status;
}
