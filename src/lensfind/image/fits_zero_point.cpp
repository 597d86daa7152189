#include <array>
#include <cmath>
#include <string_view>
#include <utility>

#include "lensfind/image/fits_facts.h"
#include "lensfind/image/fits_keywords.h"

namespace lensfind::image {
namespace {

/// Of one Jansky: AB magnitudes are -2.5 log10(f) - 48.6 in erg / s / cm2 / Hz (Oke & Gunn 1983).
constexpr double of_jansky = 8.9;

std::optional<double> of_keyword(const FitsCards& cards) {
  for (const char* keyword : keywords::zero_point) {
    if (const auto value = cards.number(keyword)) return value;
  }
  return {};
}

/// Of units of flux density a pixel. Letters count: mJy and MJy are nine powers of ten apart.
std::optional<double> of_unit(const FitsCards& cards) {
  constexpr std::array<std::pair<std::string_view, double>, 9> known{{{"Jy", of_jansky},
                                                                      {"JY", of_jansky},
                                                                      {"mJy", of_jansky + 7.5},
                                                                      {"uJy", of_jansky + 15},
                                                                      {"nJy", of_jansky + 22.5},
                                                                      {"nanomaggy", 22.5},
                                                                      {"nanomaggies", 22.5},
                                                                      {"NANOMAGGY", 22.5},
                                                                      {"nmgy", 22.5}}};
  const std::string unit = cards.text("BUNIT").value_or("");
  for (const auto& [name, value] : known) {
    if (unit == name) return value;
  }
  const auto steradians = cards.number("PIXAR_SR");
  if (unit == "MJy/sr" && steradians && *steradians > 0) return of_jansky - 15 - 2.5 * std::log10(*steradians);
  return {};
}

/// Of Hubble's counts or electrons, a second or in all (ACS Data Handbook, section 5.1.1).
std::optional<double> of_hubble(const FitsCards& cards) {
  const auto flux = cards.number("PHOTFLAM");
  const auto wavelength = cards.number("PHOTPLAM");
  if (!flux || !wavelength || !(*flux > 0) || !(*wavelength > 0)) return {};
  const double of_a_second = -2.5 * std::log10(*flux) - 5 * std::log10(*wavelength) - 2.408;
  const std::string unit = cards.text("BUNIT").value_or("");
  if (unit == "ELECTRONS/S" || unit == "COUNTS/S") return of_a_second;
  const auto seconds = cards.number("EXPTIME");
  if ((unit == "ELECTRONS" || unit == "COUNTS") && seconds && *seconds > 0) return of_a_second + 2.5 * std::log10(*seconds);
  return {};
}

}  // namespace

std::optional<double> zero_point(const FitsCards& cards) {
  if (const auto value = of_keyword(cards)) return value;
  if (const auto flux = cards.number("FLUXMAG0"); flux && *flux > 0) return 2.5 * std::log10(*flux);
  const auto of_a_second = cards.number("FPA.ZP");
  const auto seconds = cards.number("EXPTIME");
  if (of_a_second && seconds && *seconds > 0) return *of_a_second + 2.5 * std::log10(*seconds);
  if (const auto value = of_unit(cards)) return value;
  return of_hubble(cards);
}

}  // namespace lensfind::image
