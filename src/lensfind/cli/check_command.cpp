#include <fmt/format.h>

#include "lensfind/cli/command.h"
#include "lensfind/cli/console.h"
#include "lensfind/dataset/checks.h"
#include "lensfind/dataset/shortcut_check.h"
#include "lensfind/workflows/set_against.h"

namespace lensfind::cli {

int check_command(const std::vector<std::string>& words) {
  std::filesystem::path data;
  dataset::ShortcutOptions shortcuts;
  workflows::AgainstOptions against;
  std::vector<std::string> bands;
  CommonArguments common;
  Arguments arguments{
      "check",
      "Looks through labelled cutouts before anything is learned from them: unreadable and non-finite ones, constant and broken bands, "
      "copies (exact, flipped or turned), one object in both the train and the test split; and whether noise, noise ratios between bands, "
      "borders, power spectrum, core or centring alone tell lenses from non-lenses. With --against also how well a classifier tells these "
      "cutouts from others, as simulated from genuine ones, and by what."};
  arguments.positional(data, "DATA", "a folder in the DeepLense layout, stacks, or a CSV (path,label,group)");
  arguments.option(shortcuts.max_a_class, "--shortcut-sample", "N", "cutouts a class to try shortcuts on (default 1000; 0: try none)");
  arguments.option(bands, "--band", "NAME", "a band of NAME_<band>.fits, or of headers that name theirs, once each in order");
  arguments.option(against.against, "--against", "REAL", "another set, as DATA: how well a classifier tells DATA from it, class by class");
  arguments.option(against.out, "--out", "DIR", "with --against: a folder for the table, cutouts of both and histograms");
  arguments.flag(against.overwrite, "--overwrite", "replace DIR");
  common.declare(arguments, true);
  arguments.footer(
      "Is a simulated set like genuine images?\n"
      "  lensfind check sim --against genuine --out likeness\n"
      "A set without labels is compared with all of DATA. An AUC of .5 says that the classifier cannot tell; the numbers that tell most\n"
      "by themselves stand first.");
  arguments.parse(words);
  shortcuts.threads = use_threads(common.threads);
  shortcuts.seed = common.seed_or_zero();
  shortcuts.bands = bands;

  if (against.against.empty() && (!against.out.empty() || against.overwrite))
    throw Usage{"--out and --overwrite go with --against", "name the other set with --against REAL"};
  against.data = data;
  against.comparison.bands = bands;
  against.comparison.seed = shortcuts.seed;
  against.comparison.threads = shortcuts.threads;

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
  if (!against.against.empty()) {
    const dataset::SetComparison compared = workflows::set_against(against, console.progress(), stop_flag());
    console.say(summary(compared));
    if (!against.out.empty())
      console.say(fmt::format("{}: numbers.csv, numbers.svg, and cutouts.png (of each class a row of {}, below it one of {})",
                              against.out.string(), data.string(), against.against.string()));
    result.set("against", to_value(compared));
  }
  console.result(result);
  return 0;
}

}  // namespace lensfind::cli
