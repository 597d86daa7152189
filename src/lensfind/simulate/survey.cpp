#include "lensfind/simulate/survey.h"

#include <algorithm>
#include <array>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "lensfind/base/error.h"
#include "lensfind/base/settings_file.h"
#include "lensfind/render/psf_file.h"
#include "lensfind/simulate/noise.h"

namespace lensfind::simulate {
namespace {

void check_list(const std::vector<double>& list, std::size_t bands, const char* name, const std::string& origin) {
  if (list.size() != bands) {
    throw Error{fmt::format("{}: {} holds {} values for {} bands", origin, name, list.size(), bands),
                "give one value for each of the survey's bands"};
  }
}

/// The light of a Moffat of 1 is infinite, that of one of little more lies nearly all beyond any cutout.
void check_moffat(double beta, const char* name, const std::string& origin) {
  if (beta != 0 && beta < 1.5)
    throw Error{fmt::format("{}: {} = {} has nearly all light far from the star", origin, name, beta),
                "give 1.5 or more, or 0 for a Gaussian"};
}

/// "key=value", or "table.key=value" of one of the survey's tables.
constexpr std::array<std::string_view, 2> former_artefact_rates{"artefact_rate", "blemish_rate"};

/// Older surveys have one rate for halos, trails and masks together.
void take_artefact_rate(double rate, Survey& survey, const std::string& origin) {
  if (!(rate >= 0 && rate <= 1)) throw Error{fmt::format("{}: an artefact_rate of {}", origin, rate), "give 0 to 1, or the table [faults]"};
  survey.faults.halo = survey.faults.trail = survey.faults.mask = rate / 3;
}

void override_field(Survey& survey, const std::string& assignment) {
  const auto of_table = [&](std::string_view table, auto& into) {
    if (!assignment.starts_with(table)) return false;
    set_field(into, assignment.substr(table.size()));
    return true;
  };
  for (const std::string_view former : former_artefact_rates) {
    if (assignment.starts_with(std::string{former} + "=")) {
      take_artefact_rate(parse_toml(assignment, "--set").at(former).as_number(), survey, "--set");
      return;
    }
  }
  if (of_table("population.", survey.population) || of_table("faults.", survey.faults) || of_table("display.", survey.display)) return;
  set_field(survey, assignment);
}

/// Narrower PSFs need a lattice, wider ones a margin, beyond any memory.
void check_seeing(const std::vector<double>& fwhm_arcsec, const Survey& survey, const char* name, const std::string& origin) {
  constexpr double min = .25, max = 50;
  for (std::size_t b = 0; b < fwhm_arcsec.size(); ++b) {
    const double pixels = fwhm_arcsec[b] / survey.pixel_scale_arcsec;
    if (pixels >= min && pixels <= max) continue;
    throw Error{fmt::format("{}: {} = {} arcsec in {} is {:.3g} pixels of {} arcsec", origin, name, fwhm_arcsec[b], survey.bands[b], pixels,
                            survey.pixel_scale_arcsec),
                fmt::format("give {} to {} pixels", min, max)};
  }
}

void check_native_pixels(const Survey& survey, const std::string& origin) {
  if (survey.noise_native_pixel_arcsec.empty()) return;
  check_list(survey.noise_native_pixel_arcsec, survey.bands.size(), "noise_native_pixel_arcsec", origin);
  for (const double side : survey.noise_native_pixel_arcsec) {
    const double pixels = side / survey.pixel_scale_arcsec;
    if (!(pixels >= 0.2 && pixels <= 20))
      throw Error{fmt::format("{}: noise_native_pixel_arcsec = {} is {:.3g} pixels of the output", origin, side, pixels),
                  "give 0.2 to 20 pixels, or leave it out for coadds on the detectors' scale"};
  }
}

void find_noise_kernels(Survey& survey) {
  check_native_pixels(survey, survey.name);  // a kernel reaches as many pixels as those have
  survey.noise_kernels = survey.noise_interpolation == NoiseInterpolation::none ? std::vector<NoiseKernel>{} : noise_kernels(survey);
}

/// A table without some of its keys.
Value without(const Value& table, const std::vector<std::string>& keys) {
  Value out = empty_object();
  for (const auto& [key, value] : table.as_object()) {
    if (std::find(keys.begin(), keys.end(), key) == keys.end()) out.set(key, value);
  }
  return out;
}

/// What was set for once wins over what the file says of a look.
Value look_without(const Value& look, const std::vector<std::string>& overrides) {
  constexpr std::string_view of_population = "population.";
  std::vector<std::string> keys, population_keys;
  for (const std::string& assignment : overrides) {
    const std::string key = assignment.substr(0, assignment.find('='));
    if (key.starts_with(of_population)) {
      population_keys.push_back(key.substr(of_population.size()));
    } else {
      keys.push_back(key);
    }
  }
  Value out = without(look, keys);
  if (const Value* population = look.find("population")) out.set("population", without(*population, population_keys));
  return out;
}

/// The places of the wanted bands among a survey's.
std::vector<std::size_t> places_of(const std::vector<std::string>& wanted, const Value& table, const std::string& origin) {
  std::vector<std::string> known;
  for (const Value& band : table.at("bands").as_array()) known.push_back(band.as_string());
  std::vector<std::size_t> places;
  for (const std::string& band : wanted) {
    const auto at = std::ranges::find(known, band);
    if (at == known.end()) {
      throw Error{fmt::format("--band {}: {} has no such band", band, origin), fmt::format("it has {}", fmt::join(known, ", "))};
    }
    if (std::ranges::count(wanted, band) > 1) throw Error{fmt::format("--band {}: given twice", band), "name each band once"};
    places.push_back(static_cast<std::size_t>(at - known.begin()));
  }
  return places;
}

/// A survey's table with those bands alone: lists of a value a band stand in the table itself and in its tables [minmax] and [display].
Value of_places(const Value& table, const std::vector<std::size_t>& places, std::size_t bands) {
  Value out = table;
  for (const auto& [key, value] : table.as_object()) {
    if (value.is_object() && (key == "minmax" || key == "display")) out.set(key, of_places(value, places, bands));
    if (!value.is_array() || value.as_array().size() != bands) continue;
    Value some{Value::Array{}};
    for (const std::size_t place : places) some.push_back(value.as_array()[place]);
    out.set(key, std::move(some));
  }
  return out;
}

}  // namespace

Survey survey_of_scaling(Survey survey, Scaling scaling) {
  if (scaling == Scaling::minmax && survey.minmax_look.is_object()) {
    const Value look = std::move(survey.minmax_look);
    read_fields(look, survey, survey.name + ": [minmax]");
  }
  survey.minmax_look = {};
  find_noise_kernels(survey);
  return survey;
}

void check_survey(const Survey& survey, const std::string& origin) {
  const std::size_t bands = survey.bands.size();
  if (bands < 1 || bands > 5) throw Error{fmt::format("{}: {} bands", origin, bands), "a survey has 1 to 5 bands"};
  check_list(survey.seeing_fwhm_arcsec, bands, "seeing_fwhm_arcsec", origin);
  check_list(survey.output_zero_point, bands, "output_zero_point", origin);
  check_list(survey.sky_mag_arcsec2, bands, "sky_mag_arcsec2", origin);
  if (!survey.effective_gain.empty()) check_list(survey.effective_gain, bands, "effective_gain", origin);
  if (!survey.depth_5sigma.empty()) {
    check_list(survey.depth_5sigma, bands, "depth_5sigma", origin);
  } else {
    check_list(survey.exposure_s, bands, "exposure_s", origin);
    check_list(survey.exposures, bands, "exposures", origin);
    check_list(survey.instrument_zero_point, bands, "instrument_zero_point", origin);
    check_list(survey.read_noise_e, bands, "read_noise_e", origin);
  }
  if (!survey.band_noise_correlation.empty()) check_list(survey.band_noise_correlation, bands, "band_noise_correlation", origin);
  check_native_pixels(survey, origin);
  if (!survey.band_moffat_beta.empty()) check_list(survey.band_moffat_beta, bands, "band_moffat_beta", origin);
  if (!survey.saturation.empty()) check_list(survey.saturation, bands, "saturation", origin);
  if (!survey.display.weights.empty()) {
    if (bands != 3)
      throw Error{fmt::format("{}: a display look of {} bands", origin, bands), "colour pictures have three: leave [display] out"};
    check_list(survey.display.weights, bands, "display.weights", origin);
    if (!survey.display.back_weights.empty()) check_list(survey.display.back_weights, bands, "display.back_weights", origin);
    const std::size_t shifts = survey.display.back_shift_pixels.size();
    if (shifts != 0 && shifts != 2)
      throw Error{fmt::format("{}: display.back_shift_pixels has {} values", origin, shifts), "give two, x and y, or leave it out"};
  }
  check_moffat(survey.moffat_beta, "moffat_beta", origin);
  for (const double beta : survey.band_moffat_beta) check_moffat(beta, "band_moffat_beta", origin);
  check_seeing(survey.seeing_fwhm_arcsec, survey, "seeing_fwhm_arcsec", origin);
  population::check_population(survey.population, origin);
}

Survey find_survey(const std::string& path_or_name, const std::vector<std::filesystem::path>& folders,
                   const std::vector<std::string>& overrides, const std::vector<std::string>& bands) {
  const std::filesystem::path path = find_settings({"survey"}, path_or_name, folders);
  Survey survey;
  Value table = read_toml(path);
  std::vector<std::size_t> places;
  std::size_t all_bands = 0;
  bool a_psf_file_a_band = false;
  if (!bands.empty()) {
    places = places_of(bands, table, path.string());
    all_bands = table.at("bands").as_array().size();
    const Value* files = table.find("psf_files");
    a_psf_file_a_band = files && files->as_array().size() == all_bands;
    table = of_places(table, places, all_bands);
    if (places.size() != 3) table = without(table, {"display"});  // a colour picture has three
  }
  constexpr const char *former_seeing = "minmax_seeing_fwhm_arcsec", *former_depth = "minmax_depth_5sigma";
  read_fields(without(table, {"minmax", former_seeing, former_depth, "artefact_rate", "blemish_rate"}), survey, path.string());
  for (const std::string_view former : former_artefact_rates) {
    if (const Value* rate = table.find(former)) take_artefact_rate(rate->as_number(), survey, path.string());
  }
  Value look = table.find("minmax") ? *table.find("minmax") : Value{};
  for (const auto& [former, key] : {std::pair{former_seeing, "seeing_fwhm_arcsec"}, std::pair{former_depth, "depth_5sigma"}}) {
    if (const Value* value = table.find(former)) look.set(key, *value);
  }
  if (look.is_object()) survey.minmax_look = look_without(look, overrides);
  for (const std::string& assignment : overrides) {
    override_field(survey, assignment);
    // Who says how alike pixels are means it: the file's interpolation says another thing.
    if (assignment.starts_with("noise_correlation=") || assignment.starts_with("band_noise_correlation="))
      survey.noise_interpolation = NoiseInterpolation::none;
  }
  for (const std::string& file : survey.psf_files) {
    for (render::ImagePsf& psf : render::read_psfs(path.parent_path() / file)) survey.psf_images.push_back(std::move(psf));
  }
  // One file may hold the images of all bands.
  if (!places.empty() && !a_psf_file_a_band && survey.psf_images.size() == all_bands) {
    std::vector<render::ImagePsf> some;
    for (const std::size_t place : places) some.push_back(survey.psf_images[place]);
    survey.psf_images = std::move(some);
  }
  for (const render::ImagePsf& psf : survey.psf_images) survey.psf_kernels.push_back(factorised(without_pixel(psf)));
  if (!survey.psf_images.empty() && survey.psf_images.size() != survey.bands.size()) {
    throw Error{fmt::format("{}: psf_files hold {} images for {} bands", path.string(), survey.psf_images.size(), survey.bands.size()),
                "give an image for each band, in the bands' order"};
  }
  if (!survey.source_images.empty()) survey.source_pictures = render::read_source_images(path.parent_path() / survey.source_images);
  if (survey.name.empty()) survey.name = path.stem().string();
  check_survey(survey, path.string());
  find_noise_kernels(survey);
  check_survey(survey_of_scaling(survey, Scaling::minmax), path.string() + ": [minmax]");
  return survey;
}

}  // namespace lensfind::simulate
