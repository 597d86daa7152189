#include "lensfind/image/fits_facts.h"

#include <fmt/format.h>

namespace lensfind {
namespace {

std::string filter_of(const FitsCards& cards) {
  for (const char* keyword : {"BAND", "FILTER", "FPA.FILTER", "FILTNAM", "EXTNAME"}) {
    const auto text = cards.text(keyword);
    if (!text) continue;
    if (std::string name = filter_name(*text); !name.empty()) return name;
  }
  return {};
}

}  // namespace

void add_band_facts(PixelFacts& facts, const FitsCards& first, const FitsCards& own) {
  std::string filter = filter_of(own);
  facts.filters.push_back(filter.empty() ? filter_of(first) : std::move(filter));
  const auto zero = zero_point(own);
  facts.zero_points.push_back(zero ? zero : zero_point(first));
  if (!facts.pixel_scale_arcsec) facts.pixel_scale_arcsec = pixel_scale_arcsec(own);
}

void set_cube_facts(PixelFacts& facts, const FitsCards& cards, int bands) {
  facts.pixel_scale_arcsec = pixel_scale_arcsec(cards);
  facts.zero_points.assign(static_cast<std::size_t>(bands), zero_point(cards));
  for (int b = 0; b < bands; ++b) facts.filters.push_back(filter_name(cards.text(fmt::format("BAND{}", b)).value_or("")));
}

}  // namespace lensfind
