#include "lensfind/image/fits_facts.h"

#include <algorithm>
#include <cctype>
#include <span>

#include "lensfind/base/letter_case.h"
#include "lensfind/image/fits_keywords.h"

namespace lensfind::image {
namespace {

constexpr double sharpest_arcsec = .01, widest_arcsec = 20;  // of a point-spread function

std::string filter_of(const FitsCards& cards) {
  for (const char* keyword : keywords::band) {
    if (std::string name = filter_name(cards.text(keyword).value_or("")); !name.empty()) return name;
  }
  for (const char* keyword : keywords::list_of_bands) {
    if (std::string name = filter_name(cards.text(keyword).value_or("")); !name.empty()) return name;
  }
  return filter_name(cards.text("EXTNAME").value_or(""));
}

/// 'grz' or 'g,r,z' as names, where they are as many as the bands.
std::vector<std::string> listed_bands(const std::string& text, std::size_t bands) {
  std::vector<std::string> names;
  if (text.find_first_of(", ;") == std::string::npos) {
    for (const char letter : text) names.push_back(filter_name({&letter, 1}));
  } else {
    for (std::size_t begin = 0; begin < text.size();) {
      const std::size_t end = std::min(text.find_first_of(", ;", begin), text.size());
      if (end > begin) names.push_back(filter_name(std::string_view{text}.substr(begin, end - begin)));
      begin = end + 1;
    }
  }
  const bool all = names.size() == bands && std::ranges::none_of(names, &std::string::empty);
  return all ? names : std::vector<std::string>{};
}

std::vector<std::string> filters_of_cube(const FitsCards& cards, std::size_t bands) {
  std::vector<std::string> names(bands);
  for (const std::string keyword : keywords::bands_of_cube) {
    const std::size_t first = cards.text(keyword + "0") ? 0 : 1;
    for (std::size_t b = 0; b < bands; ++b) names[b] = filter_name(cards.text(keyword + std::to_string(b + first)).value_or(""));
    if (std::ranges::any_of(names, [](const std::string& name) { return !name.empty(); })) return names;
  }
  for (const char* keyword : keywords::list_of_bands) {
    std::vector<std::string> listed = listed_bands(cards.text(keyword).value_or(""), bands);
    if (!listed.empty()) return listed;
  }
  return names;
}

/// What a header says of one of its bands by number or name. Looked for in every cutout: keys are short texts, which need no memory.
std::vector<std::optional<double>> own_values(const FitsCards& cards, std::span<const char* const> keys,
                                              const std::vector<std::string>& filters) {
  std::vector<std::optional<double>> values(filters.size());
  for (const std::string keyword : keys) {
    const std::size_t first = cards.text(keyword + "0") ? 0 : 1;
    const bool is_numbered = first == 0 || cards.text(keyword + "1");
    for (std::size_t b = 0; b < filters.size(); ++b) {
      if (!values[b] && is_numbered) values[b] = cards.number(keyword + std::to_string(b + first));
      if (!values[b] && !filters[b].empty()) values[b] = cards.number(keyword + "_" + upper_case(filters[b]));
    }
  }
  return values;
}

/// What a header says of its bands, each by itself or all together. What is wider or narrower than any is in another unit.
std::vector<std::optional<double>> seeing_of(const FitsCards& cards, const std::vector<std::string>& filters) {
  std::vector<std::optional<double>> values = own_values(cards, keywords::seeing, filters);
  for (const char* keyword : keywords::seeing)
    for (auto& value : values) value = value ? value : cards.number(keyword);
  for (auto& value : values)
    if (value && !(*value >= sharpest_arcsec && *value <= widest_arcsec)) value.reset();
  return values;
}

void add_seeing_of_band(PixelFacts& facts, const FitsCards& first, const FitsCards& own) {
  const std::vector<std::string> filter{facts.filters.back()};
  const auto value = seeing_of(own, filter)[0];
  const auto said = value ? value : seeing_of(first, filter)[0];
  if (!said && facts.seeing_fwhm_arcsec.empty()) return;
  facts.seeing_fwhm_arcsec.resize(facts.filters.size());
  facts.seeing_fwhm_arcsec.back() = said;
}

void take_scale(PixelFacts& facts, const FitsCards& cards) {
  if (facts.pixel_scale_arcsec || !facts.scale_fault.empty()) return;
  PixelScale scale = pixel_scale(cards);
  facts.pixel_scale_arcsec = scale.arcsec;
  facts.scale_fault = std::move(scale.fault);
}

}  // namespace

void add_band_facts(PixelFacts& facts, const FitsCards& first, const FitsCards& own) {
  std::string filter = filter_of(own);
  facts.filters.push_back(filter.empty() ? filter_of(first) : std::move(filter));
  const auto said = [&](const FitsCards& cards) {
    const auto of_one = own_values(cards, keywords::zero_point, {facts.filters.back()})[0];
    return of_one ? of_one : zero_point(cards);
  };
  const auto zero = said(own);
  facts.zero_points.push_back(zero ? zero : said(first));
  take_scale(facts, own);
  add_seeing_of_band(facts, first, own);
}

void set_cube_facts(PixelFacts& facts, const FitsCards& cards, int bands) {
  take_scale(facts, cards);
  const auto count = static_cast<std::size_t>(bands);
  facts.filters = filters_of_cube(cards, count);
  facts.zero_points = own_values(cards, keywords::zero_point, facts.filters);
  const std::optional<double> of_all = zero_point(cards);
  for (auto& value : facts.zero_points) value = value ? value : of_all;
  std::vector<std::optional<double>> seeing = seeing_of(cards, facts.filters);
  if (std::ranges::any_of(seeing, [](const auto& value) { return value.has_value(); })) facts.seeing_fwhm_arcsec = std::move(seeing);
}

}  // namespace lensfind::image
