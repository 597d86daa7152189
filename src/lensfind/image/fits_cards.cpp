#include "lensfind/image/fits_cards.h"

#include <algorithm>
#include <array>
#include <cctype>
#include <cmath>

#include "lensfind/base/csv.h"

namespace lensfind::image {
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

/// "f814w", "f200lp", "w1": names of letters and digits, in small letters (Hubble, JWST, WISE, GALEX).
bool is_numbered_filter(std::string_view word) {
  constexpr std::array short_names{"w1", "w2", "w3", "w4", "nuv", "fuv"};
  if (std::ranges::find(short_names, word) != short_names.end()) return true;
  if (!word.starts_with('f')) return false;
  const std::size_t digits = std::min(word.find_first_not_of("0123456789", 1), word.size()) - 1;
  const std::string_view width = word.substr(1 + digits);
  constexpr std::array widths{"w", "m", "n", "lp", "x", "w2"};
  return (digits == 3 || digits == 4) && std::ranges::find(widths, width) != widths.end();
}

/// Letters and digits from `begin` on, in small letters.
std::string whole_word(std::string_view text, std::size_t begin) {
  std::string word;
  for (std::size_t i = begin; i < text.size() && (is_letter(text[i]) || is_digit(text[i])); ++i)
    word += static_cast<char>(std::tolower(static_cast<unsigned char>(text[i])));
  return word;
}

}  // namespace

void for_each_card(std::string_view header, const std::function<void(std::string_view keyword, std::string_view value)>& use) {
  for (std::size_t begin = 0; begin + 10 <= header.size(); begin += card_length) {
    std::string_view card = header.substr(begin, card_length);
    std::size_t equals = 8;
    if (card.starts_with("HIERARCH ")) {
      card.remove_prefix(9);
      equals = card.find('=');
    }
    if (equals == std::string_view::npos || equals >= card.size() || card[equals] != '=') continue;
    const std::string_view value = trimmed(card.substr(equals + 1));
    use(trimmed(card.substr(0, equals)), value.starts_with('\'') ? value : trimmed(value.substr(0, value.find('/'))));
  }
}

FitsCards::FitsCards(std::string_view text) : header_{text.begin(), text.end()} {
  const std::string_view header{header_.data(), header_.size()};
  values_.reserve(header.size() / card_length);
  for_each_card(header, [&](std::string_view keyword, std::string_view value) { values_.try_emplace(keyword, value); });
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
    if (std::string whole = whole_word(text, begin); is_numbered_filter(whole)) return whole;
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

}  // namespace lensfind::image
