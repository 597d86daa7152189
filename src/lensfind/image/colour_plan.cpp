#include <algorithm>
#include <array>
#include <cmath>
#include <numeric>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "lensfind/image/fits_cards.h"
#include "lensfind/image/picture.h"
#include "lensfind/image/scaling.h"

namespace lensfind::image {
namespace {

using Kind = ColourPlan::Kind;

/// Filters from blue to red by their middle wavelength.
constexpr std::array by_wavelength{"u", "g", "r", "vis", "i", "z", "y", "j", "h", "k", "ks"};

std::vector<std::string> filters_of(const BandFacts& facts) {
  std::vector<std::string> filters;
  for (const std::string& name : facts.names) filters.push_back(filter_name(name));
  return filters;
}

std::optional<int> place_of(const std::vector<std::string>& filters, std::string_view name) {
  const auto found = std::ranges::find(filters, name);
  return found == filters.end() ? std::nullopt : std::optional{static_cast<int>(found - filters.begin())};
}

/// Bands from blue to red: by the wavelengths of their filters where all are known, else in the file's order.
std::vector<int> blue_to_red(const std::vector<std::string>& filters, int bands) {
  std::vector<int> order(static_cast<std::size_t>(bands));
  std::iota(order.begin(), order.end(), 0);
  const auto rank = [&](int band) {
    return std::ranges::find(by_wavelength, filters[static_cast<std::size_t>(band)]) - by_wavelength.begin();
  };
  const bool known =
      filters.size() == order.size() && std::ranges::none_of(order, [&](int band) { return rank(band) == std::ssize(by_wavelength); });
  if (known) std::ranges::stable_sort(order, {}, rank);
  return order;
}

std::vector<int> choose_bands(const BandFacts& facts, int bands) {
  const std::vector<std::string> filters = filters_of(facts);
  const std::vector<int> order = blue_to_red(filters, bands);
  if (bands == 1) return {0};
  if (bands == 2) return {order[1], order[0]};
  if (static_cast<int>(filters.size()) == bands) {
    const auto red = place_of(filters, "i") ? place_of(filters, "i") : place_of(filters, "z");
    const auto green = place_of(filters, "r");
    const auto blue = place_of(filters, "g");
    if (red && green && blue) return {*red, *green, *blue};
  }
  return {order.back(), order[order.size() / 2], order.front()};
}

bool is_minmax(ImageView image) {
  for (int b = 0; b < image.shape.bands; ++b) {
    const ValueRange range = range_of(image.band(b));
    if (!range.finite || range.min != 0 || range.max != 1) return false;
  }
  return true;
}

std::optional<double> zero_point_of(const BandFacts& facts, int band) {
  const auto i = static_cast<std::size_t>(band);
  return i < facts.zero_points.size() ? facts.zero_points[i] : std::nullopt;
}

std::string band_name(const BandFacts& facts, int band) {
  const auto i = static_cast<std::size_t>(band);
  return i < facts.names.size() && !facts.names[i].empty() ? facts.names[i] : fmt::format("band {}", band + 1);
}

}  // namespace

ColourPlan plan_colours(ImageView image, const BandFacts& facts) {
  ColourPlan plan{.bands = choose_bands(facts, image.shape.bands)};
  plan.factors.assign(plan.bands.size(), 1);
  if (plan.bands.size() == 1) return plan;
  const auto known =
      static_cast<std::size_t>(std::ranges::count_if(plan.bands, [&](int band) { return zero_point_of(facts, band).has_value(); }));
  plan.kind = is_minmax(image) || (known > 0 && known < plan.bands.size()) ? Kind::each_band : known == 0 ? Kind::plain_flux : Kind::flux;
  if (plan.kind != Kind::flux) return plan;
  const double reddest = *zero_point_of(facts, plan.bands[0]);
  for (std::size_t i = 0; i < plan.bands.size(); ++i) plan.factors[i] = std::pow(10, .4 * (reddest - *zero_point_of(facts, plan.bands[i])));
  return plan;
}

std::string colours_text(const ColourPlan& plan, const BandFacts& facts) {
  std::vector<std::string> names;
  for (const int band : plan.bands) names.push_back(band_name(facts, band));
  if (plan.kind == Kind::grey) return "Grey is brightness in the one band there is.";
  const std::string which = names.size() == 2 ? fmt::format("Red and blue are {} and {}, green is their mean", names[0], names[1])
                                              : fmt::format("Red, green and blue are {}, {} and {}", names[0], names[1], names[2]);
  switch (plan.kind) {
    case Kind::flux:
      return which + ", as fluxes brought to one zero point (Lupton et al. 2004): white is a flat spectrum, AB colours of 0.";
    case Kind::plain_flux:
      return which + ", as fluxes (Lupton et al. 2004). No zero points are known: one is assumed for all bands.";
    default:
      return which + ", each band scaled by itself, as its flux is not known: colours say little.";
  }
}

}  // namespace lensfind::image
