#include "lensfind/image/fits_cards.h"

#include <algorithm>
#include <array>
#include <cmath>

#include "lensfind/base/csv.h"

namespace lensfind {
namespace {

constexpr std::size_t card_length = 80;

std::string_view trimmed(std::string_view text) {
  const auto first = text.find_first_not_of(' ');
  if (first == std::string_view::npos) return {};
  return text.substr(first, text.find_last_not_of(' ') - first + 1);
}

/// A text in quotes, without them and without the blanks behind it, which mean nothing.
std::string unquoted(std::string_view value) {
  std::string text;
  for (std::size_t i = 1; i < value.size(); ++i) {
    if (value[i] == '\'') {
      if (i + 1 == value.size() || value[i + 1] != '\'') break;
      ++i;
    }
    text += value[i];
  }
  text.erase(text.find_last_not_of(' ') + 1);
  return text;
}

bool is_letter(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); }
bool is_digit(char c) { return c >= '0' && c <= '9'; }

}  // namespace

FitsCards::FitsCards(std::string_view text) : header_{text.begin(), text.end()} {
  const std::string_view header{header_.data(), header_.size()};
  values_.reserve(header.size() / card_length);
  for (std::size_t begin = 0; begin + 10 <= header.size(); begin += card_length) {
    std::string_view card = header.substr(begin, card_length);
    std::size_t equals = 8;
    if (card.starts_with("HIERARCH ")) {
      card.remove_prefix(9);
      equals = card.find('=');
    }
    if (equals == std::string_view::npos || equals >= card.size() || card[equals] != '=') continue;
    const std::string_view value = trimmed(card.substr(equals + 1));
    values_.try_emplace(trimmed(card.substr(0, equals)), value.starts_with('\'') ? value : trimmed(value.substr(0, value.find('/'))));
  }
}

std::optional<std::string> FitsCards::text(std::string_view keyword) const {
  const auto found = values_.find(keyword);
  if (found == values_.end()) return {};
  return found->second.starts_with('\'') ? unquoted(found->second) : std::string{found->second};
}

std::optional<double> FitsCards::number(std::string_view keyword) const {
  auto value = text(keyword);
  if (!value) return {};
  std::ranges::replace(*value, 'D', 'E');  // FITS has Fortran's exponents
  const auto number = parse_number(*value);
  return number && std::isfinite(*number) ? number : std::nullopt;
}

std::string filter_name(std::string_view text) {
  constexpr std::array names{"u", "g", "r", "i", "z", "y", "j", "h", "k", "ks", "vis"};
  std::size_t begin = 0;
  while (begin < text.size()) {
    if (!is_letter(text[begin])) {
      ++begin;
      continue;
    }
    std::size_t end = begin;
    std::string word;
    for (; end < text.size() && is_letter(text[end]); ++end) word += static_cast<char>(std::tolower(static_cast<unsigned char>(text[end])));
    // "i2" and "r1" are a survey's second i and first r; "c0003" names none.
    std::size_t digits = end;
    while (digits < text.size() && is_digit(text[digits])) ++digits;
    if (digits - end <= 1 && std::ranges::find(names, word) != names.end()) return word;
    begin = std::max(digits, end);
  }
  return {};
}

std::optional<double> zero_point(const FitsCards& cards) {
  for (const char* keyword : {"MAGZERO", "MAGZPT", "MAGZP", "ZEROPT", "ZEROPOINT", "PHOTZP", "MZP_AB"}) {
    if (const auto value = cards.number(keyword)) return value;
  }
  if (const auto flux = cards.number("FLUXMAG0"); flux && *flux > 0) return 2.5 * std::log10(*flux);
  const auto of_a_second = cards.number("FPA.ZP");
  const auto seconds = cards.number("EXPTIME");
  if (of_a_second && seconds && *seconds > 0) return *of_a_second + 2.5 * std::log10(*seconds);
  return {};
}

std::optional<double> pixel_scale_arcsec(const FitsCards& cards) {
  const auto area_from = [&](const std::array<const char*, 4>& keys, double diagonal) -> std::optional<double> {
    const auto a = cards.number(keys[0]);
    const auto d = cards.number(keys[3]);
    if (!a && !d && !cards.number(keys[1])) return {};
    return std::abs(a.value_or(diagonal) * d.value_or(diagonal) - cards.number(keys[1]).value_or(0) * cards.number(keys[2]).value_or(0));
  };
  std::optional<double> area = area_from({"CD1_1", "CD1_2", "CD2_1", "CD2_2"}, 0);
  const auto step1 = cards.number("CDELT1");
  const auto step2 = cards.number("CDELT2");
  if (!area && step1 && step2) {
    auto turn = area_from({"PC1_1", "PC1_2", "PC2_1", "PC2_2"}, 1);
    if (!turn) turn = area_from({"PC001001", "PC001002", "PC002001", "PC002002"}, 1);
    area = std::abs(*step1 * *step2) * turn.value_or(1);
  }
  // Without celestial axes the steps are no angles.
  const auto type = cards.text("CTYPE1");
  if (!area || !(*area > 0) || !type || (!type->starts_with("RA") && !type->starts_with("DEC") && type->find("LON") == std::string::npos))
    return {};
  return std::sqrt(*area) * 3600;
}

}  // namespace lensfind
