#include "lensfind/dataset/header_facts.h"

#include <algorithm>
#include <cmath>
#include <vector>

#include "lensfind/base/error.h"
#include "lensfind/base/value.h"
#include "lensfind/cutouts/pixel_rules.h"
#include "lensfind/cutouts/set_facts.h"
#include "lensfind/image/fits.h"

namespace lensfind::dataset {
namespace {

constexpr std::size_t max_files = 20;

/// The fraction of lenses that the survey in the set's simulation.toml has, (0, 1).
std::optional<double> stated_prevalence(const std::filesystem::path& folder) {
  const std::filesystem::path record = folder / "simulation.toml";
  if (!std::filesystem::exists(record)) return {};
  const Value settings = read_toml(record);
  const Value* survey = settings.find("survey");
  const Value* fraction = survey && survey->is_object() ? survey->find("prevalence") : nullptr;
  if (!fraction || !fraction->is_number() || !(fraction->as_number() > 0 && fraction->as_number() < 1)) return {};
  return fraction->as_number();
}

/// Facts of every n-th FITS file that can be read; others are set aside by name when the set is read.
std::vector<image::PixelFacts> sampled_facts(const Listing& listing) {
  std::vector<image::PixelFacts> facts;
  const std::size_t step = std::max<std::size_t>(1, listing.samples.size() / max_files);
  for (std::size_t i = 0; i < listing.samples.size(); i += step) {
    const PixelSource& source = listing.samples[i].source;
    if (cutouts::kind_of_file(source.path) != cutouts::FileKind::fits) continue;
    try {
      facts.push_back(source.source ? source.source->read(source.index).facts : image::read_fits_cutout(source.path).facts);
    } catch (const Error&) {
      continue;
    }
  }
  return facts;
}

std::optional<double> common_scale(const std::vector<image::PixelFacts>& facts) {
  std::vector<double> scales;
  for (const image::PixelFacts& file : facts) {
    if (!file.pixel_scale_arcsec) return {};
    scales.push_back(*file.pixel_scale_arcsec);
  }
  if (scales.empty()) return {};
  const auto [min, max] = std::ranges::minmax(scales);
  return max <= min * (1 + cutouts::same_scale) ? std::optional{scales.front()} : std::nullopt;
}

std::vector<std::string> common_bands(const std::vector<image::PixelFacts>& facts) {
  if (facts.empty() || !cutouts::names_all(facts.front().filters)) return {};
  const bool alike = std::ranges::all_of(facts, [&](const image::PixelFacts& file) { return file.filters == facts.front().filters; });
  return alike ? facts.front().filters : std::vector<std::string>{};
}

std::optional<double> common_zero_point(const std::vector<image::PixelFacts>& facts) {
  std::optional<double> common;
  for (const image::PixelFacts& file : facts) {
    for (const std::optional<double>& value : file.zero_points) {
      if (!value || (common && *common != *value)) return {};
      common = value;
    }
  }
  return common;
}

}  // namespace

HeaderFacts header_facts(const Listing& listing) {
  const image::PixelFacts simulated = cutouts::facts_of_set(listing.root);
  const std::vector<image::PixelFacts> facts = sampled_facts(listing);
  const std::optional<double> prevalence = stated_prevalence(listing.root);
  const auto scale = simulated.pixel_scale_arcsec ? simulated.pixel_scale_arcsec : common_scale(facts);
  if (!simulated.filters.empty()) return {scale, simulated.filters, common_zero_point({simulated}), prevalence};
  return {scale, common_bands(facts), common_zero_point(facts), prevalence};
}

cutouts::PixelRules rules_of(const Listing& listing, const std::vector<std::string>& bands) {
  return {.bands = bands.empty() ? header_facts(listing).bands : bands, .of_set = cutouts::facts_of_set(listing.root)};
}

}  // namespace lensfind::dataset
