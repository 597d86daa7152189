#include "lensfind/sky/seeing_columns.h"

#include <algorithm>
#include <array>
#include <limits>
#include <optional>

#include "lensfind/base/csv.h"
#include "lensfind/base/letter_case.h"

namespace lensfind::sky {
namespace {

constexpr std::array<std::string_view, 4> beginnings{"SEEING_FWHM_ARCSEC_", "SEEING_", "PSF_FWHM_", "PSFSIZE_"};
constexpr double sharpest_arcsec = .01, widest_arcsec = 20;
constexpr float unknown = std::numeric_limits<float>::quiet_NaN();

/// What stands behind a beginning, where that is a band's name: one word.
std::optional<std::string> band_behind(std::string_view beginning, const std::string& column) {
  if (!upper_case(column).starts_with(beginning)) return {};
  std::string band = column.substr(beginning.size());
  if (band.empty() || band.find('_') != std::string::npos) return {};
  return band;
}

}  // namespace

SeeingColumns::SeeingColumns(const std::vector<std::string>& columns) {
  std::vector<std::string> known;
  for (const std::string_view beginning : beginnings) {
    for (std::size_t i = 0; i < columns.size(); ++i) {
      const std::optional<std::string> band = band_behind(beginning, columns[i]);
      if (!band || std::ranges::find(known, upper_case(*band)) != known.end()) continue;
      known.push_back(upper_case(*band));
      bands_.push_back(*band);
      places_.push_back(i);
    }
  }
}

float seeing_in(std::string_view field) {
  const std::optional<double> value = parse_number(field);
  return value && *value >= sharpest_arcsec && *value <= widest_arcsec ? static_cast<float>(*value) : unknown;
}

std::vector<float> seeing_by_band(std::span<const float> values, const std::vector<std::string>& from,
                                  const std::vector<std::string>& bands) {
  std::vector<float> found(bands.size(), unknown);
  for (std::size_t b = 0; b < bands.size(); ++b) {
    const std::string wanted = upper_case(bands[b]);
    const auto place = std::ranges::find(from, wanted, [](const std::string& name) { return upper_case(name); });
    if (place != from.end()) found[b] = values[static_cast<std::size_t>(place - from.begin())];
  }
  return found;
}

}  // namespace lensfind::sky
