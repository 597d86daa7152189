#include "lensfind/cli/command.h"
#include "lensfind/cli/console.h"
#include "lensfind/dataset/checks.h"

namespace lensfind::cli {

int check_command(const std::vector<std::string>& words) {
  std::filesystem::path data;
  CommonArguments common;
  Arguments arguments{
      "check",
      "Looks through labelled cutouts before anything is learned from them: unreadable and non-finite ones, constant and broken bands, "
      "copies (exact, flipped or turned), and one object in both the train and the test part."};
  arguments.positional(data, "DATA", "a folder in the DeepLense layout, stacks, or a CSV (path,label,group)");
  common.declare(arguments);
  arguments.parse(words);

  Console console{common};
  const CheckReport report = check_dataset(data, {.threads = use_threads(common.threads)}, console.progress(), stop_flag());
  console.say(summary(report));
  console.result(to_value(report));
  return 0;
}

}  // namespace lensfind::cli
