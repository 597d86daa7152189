#include "lensfind/dataset/header_facts.h"

#include <algorithm>
#include <cmath>
#include <vector>

#include "lensfind/base/error.h"
#include "lensfind/base/value.h"
#include "lensfind/image/fits.h"

namespace lensfind {
namespace {

constexpr std::size_t most_files = 20;
constexpr double same_scale = .01;

std::optional<double> of_simulation(const std::filesystem::path& folder) {
  const std::filesystem::path record = folder / "simulation.toml";
  if (!std::filesystem::exists(record)) return {};
  const Value settings = read_toml(record);
  const Value* survey = settings.find("survey");
  const Value* scale = survey && survey->is_object() ? survey->find("pixel_scale_arcsec") : nullptr;
  if (!scale || !scale->is_number() || !(scale->as_number() > 0)) return {};
  return scale->as_number();
}

/// Facts of every n-th FITS file that can be read; others are set aside by name when the set is read.
std::vector<PixelFacts> sampled_facts(const Listing& listing) {
  std::vector<PixelFacts> facts;
  const std::size_t step = std::max<std::size_t>(1, listing.samples.size() / most_files);
  for (std::size_t i = 0; i < listing.samples.size(); i += step) {
    const PixelSource& source = listing.samples[i].source;
    if (cutouts::kind_of_file(source.path) != cutouts::FileKind::fits) continue;
    try {
      facts.push_back(source.source ? source.source->read(source.index).facts : read_fits_cutout(source.path).facts);
    } catch (const Error&) {
      continue;
    }
  }
  return facts;
}

std::optional<double> common_scale(const std::vector<PixelFacts>& facts) {
  std::vector<double> scales;
  for (const PixelFacts& file : facts) {
    if (!file.pixel_scale_arcsec) return {};
    scales.push_back(*file.pixel_scale_arcsec);
  }
  if (scales.empty()) return {};
  const auto [least, most] = std::ranges::minmax(scales);
  return most <= least * (1 + same_scale) ? std::optional{scales.front()} : std::nullopt;
}

std::vector<std::string> common_bands(const std::vector<PixelFacts>& facts) {
  if (facts.empty() || !cutouts::names_all(facts.front().filters)) return {};
  const bool alike = std::ranges::all_of(facts, [&](const PixelFacts& file) { return file.filters == facts.front().filters; });
  return alike ? facts.front().filters : std::vector<std::string>{};
}

}  // namespace

HeaderFacts header_facts(const Listing& listing) {
  const std::vector<PixelFacts> facts = sampled_facts(listing);
  const std::optional<double> scale = of_simulation(listing.root);
  return {scale ? scale : common_scale(facts), common_bands(facts)};
}

cutouts::PixelRules rules_of(const Listing& listing, const std::vector<std::string>& bands) {
  return {.bands = bands.empty() ? header_facts(listing).bands : bands};
}

}  // namespace lensfind
