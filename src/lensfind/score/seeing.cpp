#include "lensfind/score/seeing.h"

#include <algorithm>
#include <cmath>
#include <limits>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "lensfind/base/error.h"
#include "lensfind/base/letter_case.h"
#include "lensfind/sky/seeing_columns.h"

namespace lensfind::score {
namespace {

constexpr float unknown = std::numeric_limits<float>::quiet_NaN();

/// "g=0.8" into `values`; "0.8" into all of them.
void take_part(const std::string& part, const std::vector<std::string>& bands, std::vector<float>& values) {
  const std::size_t equals = part.find('=');
  const float value = sky::seeing_in(equals == std::string::npos ? part : part.substr(equals + 1));
  if (std::isnan(value))
    throw Error{fmt::format("--seeing: `{}` is no FWHM in arcsec", part), "give it as g=0.8,r=0.75, or as one number for all bands"};
  if (equals == std::string::npos) {
    std::ranges::fill(values, value);
    return;
  }
  const std::string wanted = upper_case(part.substr(0, equals));
  const auto place = std::ranges::find(bands, wanted, [](const std::string& name) { return upper_case(name); });
  if (place == bands.end())
    throw Error{fmt::format("--seeing: the model has no band `{}`", part.substr(0, equals)),
                bands.empty() ? "it names no bands: give one number for all, or name its bands, in order, with --band"
                              : fmt::format("its bands are {}", fmt::join(bands, ", "))};
  values[static_cast<std::size_t>(place - bands.begin())] = value;
}

}  // namespace

std::vector<float> parse_seeing(const std::vector<std::string>& given, const std::vector<std::string>& bands, std::size_t band_count) {
  if (given.empty()) return {};
  std::vector<float> values(band_count, unknown);
  for (const std::string& text : given) {
    for (std::size_t begin = 0; begin <= text.size();) {
      const std::size_t end = std::min(text.find(',', begin), text.size());
      take_part(text.substr(begin, end - begin), bands, values);
      begin = end + 1;
    }
  }
  return values;
}

void take_seeing(const cutouts::Input& input, cutouts::Fitting& fitting, std::span<float> out) {
  using From = cutouts::Fitting::SeeingFrom;
  fitting.seeing_from = From::unknown;
  for (std::size_t band = 0; band < out.size(); ++band) {
    From from = From::unknown;
    const auto take = [&](float value, From said_by) {
      if (from != From::unknown || std::isnan(value)) return;
      from = said_by;
      out[band] = value;
    };
    out[band] = unknown;
    if (band < input.seeing.size()) take(input.seeing[band], From::table);
    if (band < fitting.seeing_fwhm_arcsec.size()) take(static_cast<float>(fitting.seeing_fwhm_arcsec[band].value_or(NAN)), From::header);
    if (input.rules && band < input.rules->input_seeing.size()) take(input.rules->input_seeing[band], From::given);
    if (fitting.seeing_from == From::unknown) fitting.seeing_from = from;
  }
}

}  // namespace lensfind::score
