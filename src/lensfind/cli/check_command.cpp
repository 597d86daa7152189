#include "lensfind/cli/command.h"
#include "lensfind/cli/console.h"
#include "lensfind/dataset/checks.h"
#include "lensfind/dataset/shortcut_check.h"

namespace lensfind::cli {

int check_command(const std::vector<std::string>& words) {
  std::filesystem::path data;
  dataset::ShortcutOptions shortcuts;
  std::vector<std::string> bands;
  CommonArguments common;
  Arguments arguments{
      "check",
      "Looks through labelled cutouts before anything is learned from them: unreadable and non-finite ones, constant and broken bands, "
      "copies (exact, flipped or turned), one object in both the train and the test split; and whether noise, noise ratios between bands, "
      "borders, power spectrum, core or centring alone tell lenses from non-lenses."};
  arguments.positional(data, "DATA", "a folder in the DeepLense layout, stacks, or a CSV (path,label,group)");
  arguments.option(shortcuts.max_a_class, "--shortcut-sample", "N", "cutouts a class to try shortcuts on (default 1000; 0: try none)");
  arguments.option(bands, "--band", "NAME", "a band of NAME_<band>.fits, or of headers that name theirs, once each in order");
  common.declare(arguments, true);
  arguments.parse(words);
  shortcuts.threads = use_threads(common.threads);
  shortcuts.seed = common.seed_or_zero();
  shortcuts.bands = bands;

  Console console{common};
  const dataset::CheckReport report =
      dataset::check_dataset(data, {.bands = bands, .threads = shortcuts.threads}, console.progress(), stop_flag());
  console.say(summary(report));
  Value result = to_value(report);
  if (shortcuts.max_a_class > 0) {
    const dataset::ShortcutReport tried = dataset::check_shortcuts(data, shortcuts, console.progress(), stop_flag());
    console.say(summary(tried));
    result.set("shortcuts", to_value(tried));
  }
  console.result(result);
  return 0;
}

}  // namespace lensfind::cli
