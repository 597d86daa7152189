#pragma once

#include <cstddef>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

namespace lensfind::image {

inline constexpr std::size_t fits_block_size = 2880;  ///< bytes: FITS 4.0, section 3.1
inline constexpr std::size_t fits_card_size = 80;     ///< letters: FITS 4.0, section 3.3

/// Calls `use` for each `KEYWORD = value` in order. `header` holds cards of 80 letters one behind the other. Values that are texts keep
/// their quotes.
void for_each_card(std::string_view header, const std::function<void(std::string_view keyword, std::string_view value)>& use);

/// The keywords of a FITS header with their values as text (quotes of texts taken off). The first card of a keyword counts.
class FitsCards {
 public:
  FitsCards() = default;
  /// From cards of 80 letters one behind the other, as headers hold them. What is no `KEYWORD = value` is passed over.
  explicit FitsCards(std::string_view text);
  FitsCards(FitsCards&&) = default;
  FitsCards& operator=(FitsCards&&) = default;

  [[nodiscard]] std::optional<std::string> text(std::string_view keyword) const;
  /// A finite number; nothing where the value is none.
  [[nodiscard]] std::optional<double> number(std::string_view keyword) const;

 private:
  std::vector<char> header_;                                       ///< what the views point into; a moved vector stays where it is
  std::unordered_map<std::string_view, std::string_view> values_;  ///< texts keep their quotes here
};

/// The short name of a filter, in small letters, from the ways in which surveys write it. "HSC-G" and "g.MP9401" are "g", "i2" and "i DECam
/// SDSS c0003 7835.0 1470.0" are "i", "F814W" is "f814w". Empty where the text names no filter known here (u g r i z y j h k ks vis, those
/// of GALEX, WISE, Hubble and JWST).
std::string filter_name(std::string_view text);

}  // namespace lensfind::image
