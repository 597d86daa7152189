#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

namespace lensfind {

/// The keywords of a FITS header with their values as text (quotes of texts taken off). The first card of a keyword counts.
class FitsCards {
 public:
  FitsCards() = default;
  /// From cards of 80 letters one behind the other, as headers hold them; what is no `KEYWORD = value` is passed over.
  explicit FitsCards(std::string_view text);
  FitsCards(FitsCards&&) = default;
  FitsCards& operator=(FitsCards&&) = default;

  [[nodiscard]] std::optional<std::string> text(std::string_view keyword) const;
  /// A finite number; nothing where the value is none.
  [[nodiscard]] std::optional<double> number(std::string_view keyword) const;

 private:
  std::vector<char> header_;                                       ///< which the views are of; a moved vector stays where it is
  std::unordered_map<std::string_view, std::string_view> values_;  ///< texts still with their quotes
};

/// The short name of a filter, in small letters, from the ways in which surveys write it: "HSC-G" and "g.MP9401" are "g", "i2" and "i DECam
/// SDSS c0003 7835.0 1470.0" are "i". Empty where the text names no filter known here (u g r i z y j h k ks vis).
std::string filter_name(std::string_view text);

/// AB magnitude of one unit of flux: MAGZERO, MAGZPT, MAGZP, ZEROPT, ZEROPOINT, PHOTZP, MZP_AB; FLUXMAG0 (HSC: the flux of magnitude 0); or
/// FPA.ZP and EXPTIME (Pan-STARRS stacks: of one count a second).
std::optional<double> zero_point(const FitsCards& cards);

/// Side of a pixel in arcsec at the reference pixel, from CDi_j or CDELTi with PCi_j (also PC00i00j) in degrees.
std::optional<double> pixel_scale_arcsec(const FitsCards& cards);

}  // namespace lensfind
