#include <algorithm>
#include <optional>

#include <fmt/format.h>

#include "lensfind/base/error.h"
#include "lensfind/cli/command.h"
#include "lensfind/cli/console.h"
#include "lensfind/inject/host_cutouts.h"
#include "lensfind/inject/paint_set.h"
#include "lensfind/simulate/simulate.h"

namespace lensfind::cli {

int simulate_command(const std::vector<std::string>& words) {
  simulate::SimulateOptions options;
  CommonArguments common;
  std::optional<std::int64_t> size;
  std::string survey = "hsc";
  Arguments arguments{
      "simulate",
      "Simulates labelled cutouts of lenses and of galaxies that are none, as a survey would see them. The same seed gives the same "
      "bytes for any number of threads."};
  arguments.positional(options.out, "OUT", "folder to make");
  arguments.option(survey, "--survey", "NAME", "an installed survey's name or a TOML file (default hsc)");
  arguments.fields(options);
  arguments.option(size, "--size", "PIXELS", "side of a cutout (default 64; with --paint that of the first cutout)");
  common.declare(arguments, true, true);
  arguments.footer(
      "The DeepLense layout at the study's sizes:\n"
      "  lensfind simulate deeplense --survey hsc --scaling minmax --lenses 1730 --nonlenses 28675 --test-lenses 195 --test-nonlenses "
      "19455\n"
      "Arcs painted on real galaxies; others of the folder are the non-lenses, as they are:\n"
      "  lensfind simulate painted --survey des --paint cutouts --lenses 100 --nonlenses 50\n"
      "It leaves OUT/{train,test}_{lenses,nonlenses}/1.npy ..., OUT/truth.csv (every parameter) and OUT/simulation.toml (every setting).\n"
      "`--set seeing_fwhm_arcsec=[0.9,0.8,0.7]` changes a field of the survey for once; docs/surveys.md lists them.");
  arguments.parse(words);

  options.threads = use_threads(common.threads);
  options.seed = common.seed_or_zero();
  options.survey = simulate::find_survey(survey, data_folders("surveys"), common.set);
  if (size) {
    options.size = static_cast<int>(std::clamp<std::int64_t>(*size, -1, 1 << 20));
  } else if (!options.paint.folder.empty()) {
    options.size = inject::HostFolder{options.paint, options.survey}.own_side().value_or(options.size);
  }

  Console console{common};
  const auto make = options.paint.folder.empty() ? simulate::simulate_set : inject::paint_set;
  const simulate::SimulateSummary summary = make(options, console.progress(), stop_flag());
  console.say(fmt::format("{} lenses and {} non-lenses of survey {} in {} ({} made now, {})", with_commas(summary.lenses),
                          with_commas(summary.nonlenses), options.survey.name, options.out.string(), with_commas(summary.made),
                          duration_text(summary.seconds)));
  console.result(empty_object()
                     .set("out", options.out.string())
                     .set("lenses", summary.lenses)
                     .set("nonlenses", summary.nonlenses)
                     .set("made", summary.made)
                     .set("seconds", summary.seconds));
  return 0;
}

}  // namespace lensfind::cli
