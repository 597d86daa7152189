#include "lensfind/dataset/pixel_scale.h"

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

std::optional<double> of_header(const std::filesystem::path& path) {
  try {
    return read_fits_cutout(path).facts.pixel_scale_arcsec;
  } catch (const Error&) {
    return {};  // it is set aside by name when the set is read
  }
}

}  // namespace

std::optional<double> pixel_scale_of(const Listing& listing) {
  if (const auto scale = of_simulation(listing.root)) return scale;
  std::vector<double> scales;
  const std::size_t step = std::max<std::size_t>(1, listing.samples.size() / most_files);
  for (std::size_t i = 0; i < listing.samples.size(); i += step) {
    const PixelSource& source = listing.samples[i].source;
    if (!is_fits_name(source.path)) continue;
    const auto scale = of_header(source.path);
    if (!scale) return {};
    scales.push_back(*scale);
  }
  if (scales.empty()) return {};
  const auto [least, most] = std::ranges::minmax(scales);
  return most <= least * (1 + same_scale) ? std::optional{scales.front()} : std::nullopt;
}

}  // namespace lensfind
