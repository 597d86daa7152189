#include <fmt/format.h>

#include "lensfind/base/atomic_file.h"
#include "lensfind/base/error.h"
#include "lensfind/base/settings_file.h"
#include "lensfind/base/value.h"
#include "lensfind/cli/command.h"
#include "lensfind/cli/console.h"
#include "lensfind/simulate/measure_survey.h"
#include "lensfind/simulate/survey.h"

namespace lensfind::cli {
namespace {

std::string line_of(const simulate::MeasuredBand& band, const std::optional<double>& pixel_scale) {
  std::string seeing = "no object is bright enough for the seeing";
  if (band.fwhm_pixels > 0) {
    seeing = fmt::format("{} {:.2f} pixels", band.stars > 0 ? "seeing" : "seeing at most", band.fwhm_pixels);
    if (pixel_scale) seeing += fmt::format(" = {:.2f} arcsec", band.fwhm_pixels * *pixel_scale);
    seeing += band.stars > 0 ? fmt::format(" (Moffat {:.1f}, {} stars)", band.beta, band.stars)
                             : fmt::format(" (the most compact of {} objects; no crowd of stars)", band.objects);
  }
  std::string line = fmt::format("  {}: {}; noise {:.4g} a pixel, pixels side by side alike by {:.2f}; sky {:.4g}", band.name, seeing,
                                 band.rms, band.correlation, band.sky_level);
  if (band.zero_point) line += fmt::format("; zero point {:.2f}", *band.zero_point);
  if (band.saturation > 0) line += fmt::format("; full at {:.4g}", band.saturation);
  if (band.clipped > 0.05) line += fmt::format("; the sky is cut off at 0 in {:.0f}% of the pixels", 100 * band.clipped);
  return line;
}

Value value_of(const simulate::MeasuredSurvey& measured) {
  Value bands{Value::Array{}};
  for (const simulate::MeasuredBand& band : measured.bands) {
    Value one = empty_object()
                    .set("band", band.name)
                    .set("rms", band.rms)
                    .set("correlation", band.correlation)
                    .set("two_apart", band.two_apart)
                    .set("sky_level", band.sky_level)
                    .set("fwhm_pixels", band.fwhm_pixels)
                    .set("moffat_beta", band.beta)
                    .set("stars", band.stars)
                    .set("objects", band.objects)
                    .set("saturation", band.saturation)
                    .set("clipped", band.clipped);
    if (band.zero_point) one.set("zero_point", *band.zero_point);
    if (band.gain) one.set("gain", *band.gain);
    bands.push_back(one);
  }
  Value out = empty_object().set("images", measured.images).set("scaled", measured.scaled).set("bands", bands);
  if (measured.pixel_scale_arcsec) out.set("pixel_scale_arcsec", *measured.pixel_scale_arcsec);
  return out;
}

int measure(const std::vector<std::string>& words) {
  simulate::MeasureOptions options;
  std::filesystem::path out;
  bool overwrite = false;
  CommonArguments common;
  Arguments arguments{
      "survey measure",
      "Measures what images were taken under, and writes a survey that `simulate --survey` imitates: seeing and the shape of "
      "the PSF (a Moffat fitted to stars: bright objects whose widths crowd at the narrow end; without such a crowd the most "
      "compact objects, an upper limit), noise and how alike it makes neighbouring pixels, depth, saturation, zero points, "
      "pixel scale and gain."};
  arguments.positional(options.inputs, "IMAGES", "cutouts or fields: folders, FITS or .npy files, stacks, lists");
  arguments.option(out, "--out", "FILE.toml", "the survey's file; without it the numbers are printed only");
  arguments.option(options.bands, "--band", "NAME",
                   "a band, once each in order: of NAME_<band>.fits, of headers that name theirs, or of planes");
  arguments.option(options.zero_point, "--zero-point", "M,...",
                   "AB magnitude of one unit of flux where headers do not say, a band or one for all");
  arguments.option(options.pixel_scale_arcsec, "--pixel-scale", "ARCSEC", "side of a pixel where headers do not say");
  arguments.option(options.max_images, "--max-images", "N", "look at the first N images (default 1000)");
  arguments.flag(overwrite, "--overwrite", "replace FILE.toml");
  common.declare(arguments);
  arguments.footer(
      "Fields of one file a band, then a set like them:\n"
      "  lensfind survey measure fields --band g --band r --band i --out mine.toml\n"
      "  lensfind simulate set --survey mine.toml --lenses 1000 --nonlenses 2000\n"
      "The sky's brightness is measured where it was not subtracted, else assumed. The population is the default one: copy the table\n"
      "[population] of a preset (`lensfind survey show cfhtls`) where that fits better.");
  arguments.parse(words);
  if (options.max_images < 1) throw Usage{"--max-images takes a number from 1 on"};
  if (!out.empty()) require_output_file(out, overwrite, options.inputs);

  Console console{common};
  const simulate::MeasuredSurvey measured = simulate::measure_survey(options, console.progress(), stop_flag());
  for (const std::string& note : measured.notes) console.progress().warn(note);
  console.say(fmt::format("{} images{}", with_commas(measured.images),
                          measured.pixel_scale_arcsec ? fmt::format(", {:.4g} arcsec a pixel", *measured.pixel_scale_arcsec) : ""));
  for (const simulate::MeasuredBand& band : measured.bands) console.say(line_of(band, measured.pixel_scale_arcsec));
  if (measured.scaled) console.say("note: each band of each image is scaled to [0, 1]: noise and sky are in units of its brightest pixel");
  Value result = value_of(measured);
  if (!out.empty()) {
    write_file(out, simulate::measured_toml(measured, out.stem().string()));
    (void)simulate::find_survey(out.string(), {});  // what cannot be simulated is said now
    console.say("survey: " + out.string());
    result.set("survey", out.string());
  }
  console.result(result);
  return 0;
}

int show(const std::vector<std::string>& words) {
  std::filesystem::path name;
  CommonArguments common;
  Arguments arguments{
      "survey show",
      "Prints the file of an installed survey: its numbers, their sources in comments. A copy of it is a survey of your own."};
  arguments.positional(name, "NAME",
                       "an installed survey's name (cfhtls, des, des1, euclid, hsc, kids, legacy, lsst1, lsst10, ps1) or a TOML file");
  common.declare(arguments);
  arguments.parse(words);
  const std::filesystem::path path = find_settings({"survey"}, name.string(), data_folders("surveys"));
  Console console{common};
  std::string text = read_text(path);
  if (text.ends_with('\n')) text.pop_back();
  console.say(text);
  console.result(empty_object().set("survey", name.string()).set("path", path.string()).set("text", text));
  return 0;
}

}  // namespace

const std::vector<Command>& survey_parts() {
  static const std::vector<Command> parts{
      {"measure", "seeing, noise, depth and more of your own images, written as a survey's file", measure},
      {"show", "the file of an installed survey", show},
  };
  return parts;
}

int survey_command(const std::vector<std::string>& words) {
  return run_part("survey",
                  "What a survey's images are like, for `lensfind simulate --survey`. docs/surveys.md explains every key.\n\n"
                  "Usage: lensfind survey PART ...",
                  survey_parts(), words);
}

}  // namespace lensfind::cli
