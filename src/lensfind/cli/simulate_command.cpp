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
  std::string survey = "hsc", scaling = "none", format = "npy";
  Arguments arguments{
      "simulate",
      "Simulates labelled cutouts of lenses and of galaxies that are none, as a survey would see them. The same seed gives the same "
      "bytes for any number of threads."};
  arguments.positional(options.out, "OUT", "folder to make");
  arguments.option(survey, "--survey", "NAME", "an installed survey's name or a TOML file (default hsc)");
  arguments.option(options.lenses, "--lenses", "N", "training lenses");
  arguments.option(options.nonlenses, "--nonlenses", "M", "training non-lenses");
  arguments.option(options.test_lenses, "--test-lenses", "N", "test lenses");
  arguments.option(options.test_nonlenses, "--test-nonlenses", "M", "test non-lenses");
  arguments.option(size, "--size", "PIXELS", "side of a cutout (default 64; with --paint that of the first cutout)");
  arguments.choice(scaling, "--scaling", {"minmax", "none"}, "minmax: each band of each cutout to [0, 1], the look of the DeepLense set");
  arguments.choice(format, "--format", {"npy", "stack", "fits"}, "a .npy a cutout, one .npy stack a split, or a FITS file a cutout");
  arguments.option(options.only, "--only", "INDEX", "make only this cutout again (truth.csv's column index)");
  arguments.option(options.paint.folder, "--paint", "DIR",
                   "paint lensed sources on the real cutouts of this folder: FITS in flux units, .npy with --zero-point; PSFs beside them");
  arguments.option(
      options.paint.catalogue, "--catalogue", "C.csv",
      "with --paint: what is known of them (id,z,mag_<band>), or where to cut them out of the folder's fields (id,ra,dec,...)");
  arguments.option(options.paint.zero_point, "--zero-point", "M,...",
                   "with --paint: AB magnitude of one unit of flux, a band or one for all");
  arguments.flag(options.resume, "--resume", "complete a set that was begun with the same options");
  arguments.flag(options.overwrite, "--overwrite", "replace OUT");
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
  options.scaling = scaling == "minmax" ? simulate::Scaling::minmax : simulate::Scaling::none;
  options.format = format == "stack" ? simulate::Format::stack : format == "fits" ? simulate::Format::fits : simulate::Format::npy;

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
