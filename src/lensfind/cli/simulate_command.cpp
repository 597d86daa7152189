#include <algorithm>
#include <cmath>
#include <optional>

#include <fmt/format.h>

#include "lensfind/base/error.h"
#include "lensfind/cli/command.h"
#include "lensfind/cli/console.h"
#include "lensfind/inject/host_cutouts.h"
#include "lensfind/inject/paint_set.h"
#include "lensfind/simulate/lens_rate.h"
#include "lensfind/simulate/simulate.h"

namespace lensfind::cli {

namespace {

/// The true mixture of a piece of sky, for testing: lenses at their rate among galaxies at theirs.
void take_sky(double deg2, simulate::SimulateOptions& options, Console& console) {
  if (!(deg2 > 0 && deg2 <= 50'000)) throw Error{fmt::format("an area of {} square degrees", deg2), "give more than 0, and 50000 at most"};
  if (options.lenses + options.nonlenses + options.test_lenses + options.test_nonlenses > 0)
    throw Error{"--area says how many cutouts there are", "leave --lenses, --nonlenses, --test-lenses and --test-nonlenses out"};
  if (!options.paint.folder.empty()) throw Error{"--area simulates galaxies and does not paint on real ones", "leave --paint out"};
  const simulate::Survey survey = simulate::survey_of_scaling(options.survey, options.scaling);
  const simulate::LensRate rate = simulate::lens_rate(survey);
  options.survey = simulate::survey_of_sky(survey, rate.early_types_deg2 / rate.galaxies_deg2);
  options.test_lenses = std::llround(rate.lenses_deg2 * deg2);
  options.test_nonlenses = std::llround(rate.galaxies_deg2 * deg2);
  console.say(fmt::format("{}: {:.3g} +- {:.1g} lenses a square degree ({:.0f}% in groups) among {} galaxies of i = {} to {}", survey.name,
                          rate.lenses_deg2, rate.uncertainty_deg2, 100 * rate.groups_fraction,
                          with_commas(std::llround(rate.galaxies_deg2)), survey.population.lens_i_brightest,
                          survey.population.lens_i_faintest));
}

}  // namespace

int simulate_command(const std::vector<std::string>& words) {
  simulate::SimulateOptions options;
  CommonArguments common;
  std::optional<std::int64_t> size;
  std::optional<double> area;
  std::string survey = "hsc";
  std::vector<std::string> bands;
  Arguments arguments{
      "simulate",
      "Simulates labelled cutouts of lenses and of galaxies that are none, as a survey would see them. The same seed gives the same "
      "bytes for any number of threads."};
  arguments.positional(options.out, "OUT", "folder to make");
  arguments.option(survey, "--survey", "NAME", "an installed survey's name or a TOML file (default hsc)");
  arguments.option(
      bands, "--band", "NAME",
      "one of the survey's bands, once each in the order that the cutouts are to have (default: all); lists of --set are then of these");
  arguments.fields(options);
  arguments.option(
      area, "--area", "DEG2",
      "as many lenses and galaxies as so many square degrees hold, to test with: lenses at their rate among galaxies at theirs");
  arguments.option(size, "--size", "PIXELS", "side of a cutout (default 64; with --paint that of the first cutout)");
  common.declare(arguments, true, true);
  arguments.footer(
      "The DeepLense layout at the study's sizes:\n"
      "  lensfind simulate deeplense --survey hsc --scaling minmax --lenses 1730 --nonlenses 28675 --test-lenses 195 --test-nonlenses "
      "19455\n"
      "A tenth of a square degree of LSST as it is, a few lenses among some thousand galaxies:\n"
      "  lensfind simulate sky --survey lsst10 --area 0.1 --set population.lens_i_faintest=21\n"
      "Arcs painted on real galaxies; others of the folder are the non-lenses, as they are:\n"
      "  lensfind simulate painted --survey des --paint cutouts --lenses 100 --nonlenses 50\n"
      "It leaves OUT/{train,test}_{lenses,nonlenses}/1.npy ..., OUT/truth.csv (every parameter) and OUT/simulation.toml (every setting).\n"
      "`--set seeing_fwhm_arcsec=[0.9,0.8,0.7]` changes a field of the survey for once; docs/surveys.md lists them.");
  arguments.parse(words);

  options.threads = use_threads(common.threads);
  options.seed = common.seed_or_zero();
  options.survey = simulate::find_survey(survey, data_folders("surveys"), common.set, bands);
  if (size) {
    options.size = static_cast<int>(std::clamp<std::int64_t>(*size, -1, 1 << 20));
  } else if (!options.paint.folder.empty()) {
    options.size = inject::HostFolder{options.paint, options.survey}.own_side().value_or(options.size);
  }

  Console console{common};
  if (area) take_sky(*area, options, console);
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
