#include "lensfind/sky/wcs_header.h"

#include <array>
#include <cctype>
#include <map>
#include <optional>
#include <string_view>

#include <fmt/format.h>

#include "lensfind/base/error.h"
#include "lensfind/base/letter_case.h"
#include "lensfind/image/fits_cards.h"
#include "lensfind/image/fits_facts.h"

namespace lensfind::sky {
namespace {

constexpr std::size_t card_length = 80;
constexpr int max_axes = 9;

/// The first card of a keyword; npos where there is none.
std::size_t find_card(std::string_view cards, std::string_view keyword) {
  const std::string begin = fmt::format("{:<8}= ", keyword);
  for (std::size_t at = 0; at + card_length <= cards.size(); at += card_length) {
    if (cards.substr(at, begin.size()) == begin) return at;
  }
  return std::string_view::npos;
}

void set_text(std::string& cards, const std::string& keyword, const std::string& value) {
  const std::size_t at = find_card(cards, keyword);
  if (at != std::string::npos) cards.replace(at, card_length, fmt::format("{:<80}", fmt::format("{:<8}= '{:<8}'", keyword, value)));
}

/// Which axis is one of the sky, and how its coordinates are projected.
struct Axis {
  int number = 0;
  std::string type;  ///< CTYPEi in capitals
  [[nodiscard]] bool is_longitude() const { return type.starts_with("RA-") || type.substr(0, 4).find("LON") != std::string::npos; }
  [[nodiscard]] bool is_latitude() const { return type.starts_with("DEC-") || type.substr(0, 4).find("LAT") != std::string::npos; }
  [[nodiscard]] bool is_tangential() const { return type.size() >= 8 && type.substr(5, 3) == "TAN"; }
  [[nodiscard]] bool has_sip() const { return type.ends_with("-SIP"); }
};

/// Whether PVi_m are polynomials: the standard knows PV 0 to 4 of the longitude's axis only, where they are the native pole's.
bool has_scamps_polynomial(const image::FitsCards& header, const Axis& longitude, const Axis& latitude) {
  const auto has = [&](const Axis& axis, int m) { return header.text(fmt::format("PV{}_{}", axis.number, m)).has_value(); };
  for (int m = 5; m < 40; ++m) {
    if (has(longitude, m) || has(latitude, m)) return true;
  }
  return has(longitude, 1) && has(latitude, 1);
}

void drop_polynomial(std::string& cards, const Axis& axis) {
  const std::string begin = fmt::format("PV{}_", axis.number);
  for (std::size_t at = 0; at + card_length <= cards.size(); at += card_length) {
    if (std::string_view{cards}.substr(at, begin.size()) == begin) cards.replace(at, card_length, fmt::format("{:<80}", "COMMENT"));
  }
}

void mend_polynomial(std::string& cards, const image::FitsCards& header, const Axis& longitude, const Axis& latitude) {
  if (!longitude.is_tangential() || !latitude.is_tangential() || !has_scamps_polynomial(header, longitude, latitude)) return;
  const bool sip = longitude.has_sip() || (header.text("A_ORDER") && header.text("B_ORDER"));
  for (Axis axis : {longitude, latitude}) {
    if (sip) {
      drop_polynomial(cards, axis);
    } else {
      set_text(cards, fmt::format("CTYPE{}", axis.number), axis.type.replace(5, 3, "TPV"));
    }
  }
}

void mend_unit(std::string& cards, const image::FitsCards& header, int axis, const std::string& origin) {
  const std::string keyword = fmt::format("CUNIT{}", axis);
  const auto unit = header.text(keyword);
  if (!unit) return;
  const auto degrees = image::degrees_of_unit(*unit);
  if (!degrees) {
    throw Error{fmt::format("{}: {} = '{}' is no unit of angle", origin, keyword, *unit), "write it as deg, arcmin, arcsec, mas or rad"};
  }
  for (const char* known : {"deg", "arcmin", "arcsec", "mas", "rad"}) {
    if (*image::degrees_of_unit(known) == *degrees) set_text(cards, keyword, known);
  }
}

/// WCSLIB passes over numbers that it cannot read, and takes 0 for them.
void check_numbers(const image::FitsCards& header, int axis, const std::string& origin) {
  const auto check = [&](const std::string& keyword) {
    const auto text = header.text(keyword);
    if (text && !header.number(keyword))
      throw Error{fmt::format("{}: its coordinates cannot be read: {} is '{}'", origin, keyword, *text), "correct its header"};
  };
  for (const char* keyword : {"CRVAL", "CRPIX", "CDELT", "CROTA"}) check(fmt::format("{}{}", keyword, axis));
  for (int other = 1; other <= max_axes; ++other) {
    for (const char* keyword : {"CD", "PC"}) check(fmt::format("{}{}_{}", keyword, axis, other));
  }
}

}  // namespace

std::string mended_header(std::string cards, const std::string& origin) {
  const image::FitsCards header{cards};
  std::optional<Axis> longitude, latitude;
  for (int number = 1; number <= max_axes; ++number) {
    const std::string keyword = fmt::format("CTYPE{}", number);
    const auto type = header.text(keyword);
    if (!type) continue;
    Axis axis{number, upper_case(*type)};
    if (axis.is_longitude() && !longitude) longitude = axis;
    if (axis.is_latitude() && !latitude) latitude = axis;
    if (axis.type != *type && (axis.is_longitude() || axis.is_latitude())) set_text(cards, keyword, axis.type);
  }
  if (!longitude || !latitude) return cards;
  for (const Axis& axis : {*longitude, *latitude}) {
    check_numbers(header, axis.number, origin);
    mend_unit(cards, header, axis.number, origin);
  }
  mend_polynomial(cards, header, *longitude, *latitude);
  return cards;
}

}  // namespace lensfind::sky
