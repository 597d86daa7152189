#include <algorithm>
#include <array>
#include <cctype>
#include <cmath>
#include <numbers>

#include <fmt/format.h>

#include "lensfind/base/letter_case.h"
#include "lensfind/image/fits_facts.h"
#include "lensfind/image/fits_keywords.h"

namespace lensfind::image {
namespace {

constexpr double arcsec_of_degree = 3600;

bool is_celestial(const FitsCards& cards) {
  const std::string type = upper_case(cards.text("CTYPE1").value_or(""));
  return type.starts_with("RA") || type.starts_with("DEC") || type.find("LON") != std::string::npos ||
         type.find("LAT") != std::string::npos;
}

/// Elements of a matrix by rows; nothing where the header has none of them. Those that are missing are `diagonal` or 0.
std::optional<double> determinant(const FitsCards& cards, const std::array<const char*, 4>& keys, double diagonal) {
  std::array<std::optional<double>, 4> values;
  std::ranges::transform(keys, values.begin(), [&](const char* key) { return cards.number(key); });
  if (std::ranges::none_of(values, [](const auto& value) { return value.has_value(); })) return {};
  return values[0].value_or(diagonal) * values[3].value_or(diagonal) - values[1].value_or(0) * values[2].value_or(0);
}

/// Of a pixel, in the product of both axes' units; nothing where the header says no size.
std::optional<double> area_of(const FitsCards& cards) {
  if (const auto area = determinant(cards, {"CD1_1", "CD1_2", "CD2_1", "CD2_2"}, 0)) return std::abs(*area);
  const auto step1 = cards.number("CDELT1");
  const auto step2 = cards.number("CDELT2");
  if (!step1 || !step2) return {};
  auto turn = determinant(cards, {"PC1_1", "PC1_2", "PC2_1", "PC2_2"}, 1);
  if (!turn) turn = determinant(cards, {"PC001001", "PC001002", "PC002001", "PC002002"}, 1);
  return std::abs(*step1 * *step2 * turn.value_or(1));
}

/// The first of the keywords that hold the scale whose value is no finite number; empty where all are.
std::string not_a_number(const FitsCards& cards) {
  for (const char* key : {"CD1_1", "CD1_2", "CD2_1", "CD2_2", "CDELT1", "CDELT2", "PC1_1", "PC1_2", "PC2_1", "PC2_2"}) {
    if (const auto text = cards.text(key); text && !cards.number(key)) return fmt::format("{} is '{}'", key, *text);
  }
  return {};
}

}  // namespace

std::optional<double> degrees_of_unit(std::string unit) {
  unit = upper_case(unit);
  std::erase_if(unit, [](char letter) { return letter == ' ' || letter == '.'; });
  if (unit.empty() || unit == "DEG" || unit == "DEGREE") return 1;
  if (unit.size() > 1 && unit != "MAS" && unit.back() == 'S') unit.pop_back();
  if (unit == "DEG" || unit == "DEGREE") return 1;
  if (unit == "ARCMIN" || unit == "ARCMINUTE" || unit == "AMIN") return 1. / 60;
  if (unit == "ARCSEC" || unit == "ARCSECOND" || unit == "ASEC") return 1 / arcsec_of_degree;
  if (unit == "MAS" || unit == "MILLIARCSEC") return 1 / arcsec_of_degree / 1000;
  if (unit == "RAD" || unit == "RADIAN") return 180 / std::numbers::pi;
  return {};
}

PixelScale pixel_scale(const FitsCards& cards) {
  if (is_celestial(cards)) {
    if (std::string fault = not_a_number(cards); !fault.empty()) return {{}, std::move(fault)};
    if (const auto area = area_of(cards)) {
      double square_degrees = *area;
      for (const char* key : {"CUNIT1", "CUNIT2"}) {
        const std::string unit = cards.text(key).value_or("");
        const auto degrees = degrees_of_unit(unit);
        if (!degrees) return {{}, fmt::format("{} = '{}' is no unit of angle", key, unit)};
        square_degrees *= *degrees;
      }
      if (!(square_degrees > 0) || !std::isfinite(square_degrees))
        return {{}, fmt::format("by its coordinates a pixel has an area of {} square degrees", square_degrees)};
      return {std::sqrt(square_degrees) * arcsec_of_degree, {}};
    }
  }
  for (const char* key : keywords::pixel_scale) {
    if (const auto scale = cards.number(key); scale && *scale > 0) return {scale, {}};
  }
  return {};
}

}  // namespace lensfind::image
