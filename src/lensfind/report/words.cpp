#include "lensfind/report/words.h"

#include <algorithm>
#include <cmath>
#include <vector>

#include <fmt/format.h>

#include "lensfind/base/number_text.h"

namespace lensfind::report {
namespace {

// Two digits of the interval's width are what the data say; more would be noise.
int decimals_of(const evaluate::Estimate& figure) {
  const double width = figure.high - figure.low;
  if (!std::isfinite(width)) return 2;
  if (width < 1e-6) return 3;
  return std::clamp(static_cast<int>(std::ceil(-std::log10(width))) + 1, 2, 6);
}

std::string decimal_text(double value, int decimals) {
  if (std::isnan(value)) return "-";
  if (std::isinf(value)) return value > 0 ? "\u221e" : "-\u221e";
  return fmt::format("{:.{}f}", value, decimals);
}

}  // namespace

std::string count_text(std::int64_t count) { return with_commas(count); }

std::string amount_text(double value, int digits) {
  if (!std::isfinite(value)) return "-";
  if (value == 0) return "0";
  const int magnitude = static_cast<int>(std::floor(std::log10(std::abs(value))));
  if (magnitude < -4) return fmt::format("{:.{}g}", value, digits);
  const int decimals = std::max(0, digits - 1 - magnitude);
  if (decimals > 0) return with_commas(fmt::format("{:.{}f}", value, decimals));
  const double unit = std::pow(10, magnitude - digits + 1);
  return with_commas(fmt::format("{:.0f}", std::round(value / unit) * unit));
}

std::string value_text(const evaluate::Estimate& figure) { return decimal_text(figure.value, decimals_of(figure)); }

std::string range_text(const evaluate::Estimate& figure) {
  const int decimals = decimals_of(figure);
  return decimal_text(figure.low, decimals) + " to " + decimal_text(figure.high, decimals);
}

std::string interval_text(const evaluate::Estimate& figure) { return value_text(figure) + " (" + range_text(figure) + ")"; }

std::string amount_interval_text(const evaluate::Estimate& figure) {
  return fmt::format("{} ({} to {})", amount_text(figure.value), amount_text(figure.low), amount_text(figure.high));
}

std::string percent_text(double fraction) {
  if (fraction > 0 && fraction < .1) return amount_text(100 * fraction, 2) + "%";
  if (fraction < 1 && fraction > .9995) return fmt::format("{:.{}f}%", 100 * fraction, fraction < .99995 ? 2 : 3);  // 100% would say all
  return fmt::format("{:.1f}%", 100 * fraction);
}

std::string one_in_text(double rate) { return rate > 0 ? "1 in " + amount_text(1 / rate) : "none"; }

std::string shortened(std::string_view text, std::size_t max) {
  std::vector<std::size_t> starts;  // of letters: bytes that continue a UTF-8 sequence are 10xxxxxx
  for (std::size_t i = 0; i < text.size(); ++i) {
    if ((static_cast<unsigned char>(text[i]) & 0xC0) != 0x80) starts.push_back(i);
  }
  if (starts.size() <= max || max < 3) return std::string{text};
  const std::size_t head = max / 2, tail = max - head - 1;
  return std::string{text.substr(0, starts[head])} + "\u2026" + std::string{text.substr(starts[starts.size() - tail])};
}

}  // namespace lensfind::report
