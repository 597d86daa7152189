#include "lensfind/sky/angle.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <numbers>
#include <utility>

#include <fmt/format.h>

#include "lensfind/base/csv.h"
#include "lensfind/base/error.h"

namespace lensfind::sky {
namespace {

/// In small letters, without blanks, quotes, brackets and what stands in parentheses.
std::string bare(std::string_view unit) {
  std::string out;
  for (const char letter : unit.substr(0, unit.find('('))) {
    if (std::string_view{" \t[]_."}.find(letter) != std::string_view::npos) continue;
    if (letter == '"' && unit.find(':') != std::string_view::npos) continue;
    out += letter >= 'A' && letter <= 'Z' ? static_cast<char>(letter + 32) : letter;
  }
  return out;
}

struct NamedUnit {
  std::string_view name;
  AngleUnit unit;
};

constexpr double hour = 15;
constexpr std::array<NamedUnit, 36> named_units{{{"deg", {}},
                                                 {"degree", {}},
                                                 {"degrees", {}},
                                                 {"degs", {}},
                                                 {"\xc2\xb0", {}},
                                                 {"rad", {180 / std::numbers::pi}},
                                                 {"radian", {180 / std::numbers::pi}},
                                                 {"radians", {180 / std::numbers::pi}},
                                                 {"h", {hour, true}},
                                                 {"hr", {hour, true}},
                                                 {"hrs", {hour, true}},
                                                 {"hour", {hour, true}},
                                                 {"hours", {hour, true}},
                                                 {"hourangle", {hour, true}},
                                                 {"arcmin", {1 / 60.0}},
                                                 {"arcminute", {1 / 60.0}},
                                                 {"arcminutes", {1 / 60.0}},
                                                 {"arcsec", {1 / 3600.0}},
                                                 {"arcsecs", {1 / 3600.0}},
                                                 {"arcsecond", {1 / 3600.0}},
                                                 {"arcseconds", {1 / 3600.0}},
                                                 {"asec", {1 / 3600.0}},
                                                 {"mas", {1 / 3.6e6}},
                                                 {"uas", {1 / 3.6e9}},
                                                 {"hms", {hour, true, true}},
                                                 {"h:m:s", {hour, true, true}},
                                                 {"hh:mm:ss", {hour, true, true}},
                                                 {"hh:mm:sss", {hour, true, true}},
                                                 {"hhmmss", {hour, true, true}},
                                                 {"dms", {1, false, true}},
                                                 {"d:m:s", {1, false, true}},
                                                 {"dd:mm:ss", {1, false, true}},
                                                 {"ddd:mm:ss", {1, false, true}},
                                                 {"dd:mm:sss", {1, false, true}},
                                                 {"ddmmss", {1, false, true}},
                                                 {"deg:min:sec", {1, false, true}}}};

/// A sexagesimal text from its beginning on.
class Reader {
 public:
  explicit Reader(std::string_view text) : left_{text} {}

  void skip_blanks() {
    while (!left_.empty() && (left_.front() == ' ' || left_.front() == '\t')) left_.remove_prefix(1);
  }
  bool take(std::string_view word) {
    if (!left_.starts_with(word)) return false;
    left_.remove_prefix(word.size());
    return true;
  }
  /// Digits, and a fraction where there is one.
  std::optional<double> number(bool& has_fraction) {
    const std::size_t length = std::min(left_.find_first_not_of("0123456789."), left_.size());
    const auto value = length == 0 ? std::nullopt : parse_number(left_.substr(0, length));
    has_fraction = left_.substr(0, length).find('.') != std::string_view::npos;
    left_.remove_prefix(length);
    return value;
  }
  /// What stands behind a part: ':' and blanks for any, else 'h', 'd', 'm' or 's'; 0 at the end; '?' for what does not belong there.
  char mark() {
    const bool blank = left_.starts_with(' ') || left_.starts_with('\t');
    skip_blanks();
    for (const auto& [word, mark] : marks)
      if (take(word)) return mark;
    return left_.empty() ? '\0' : blank && left_.front() >= '0' && left_.front() <= '9' ? ':' : '?';
  }
  [[nodiscard]] bool at_end() const { return left_.empty(); }

 private:
  static constexpr std::array<std::pair<std::string_view, char>, 24> marks{{{":", ':'},
                                                                            {"hours", 'h'},
                                                                            {"hr", 'h'},
                                                                            {"h", 'h'},
                                                                            {"H", 'h'},
                                                                            {"degrees", 'd'},
                                                                            {"deg", 'd'},
                                                                            {"d", 'd'},
                                                                            {"D", 'd'},
                                                                            {"\xc2\xb0", 'd'},
                                                                            {"\xc2\xba", 'd'},
                                                                            {"min", 'm'},
                                                                            {"m", 'm'},
                                                                            {"M", 'm'},
                                                                            {"''", 's'},
                                                                            {"'", 'm'},
                                                                            {"\xe2\x80\xb2", 'm'},
                                                                            {"\xe2\x80\x99", 'm'},
                                                                            {"sec", 's'},
                                                                            {"s", 's'},
                                                                            {"S", 's'},
                                                                            {"\"", 's'},
                                                                            {"\xe2\x80\xb3", 's'},
                                                                            {"\xe2\x80\x9d", 's'}}};
  std::string_view left_;
};

/// Whether a mark may stand behind the part of this number.
bool fits(char mark, int part) {
  constexpr std::array<std::string_view, 3> allowed{":hd", ":m", "s"};
  return mark == '\0' || allowed[static_cast<std::size_t>(part)].find(mark) != std::string_view::npos;
}

std::optional<double> parse_sexagesimal(std::string_view text, bool hours) {
  Reader reader{text};
  reader.skip_blanks();
  const bool negative = reader.take("-") || reader.take("\xe2\x88\x92");  // or the sign of typesetters
  if (!negative) reader.take("+");
  double value = 0, unit = 1;
  int parts = 0;
  char mark = ':';
  bool lettered = false, has_fraction = false;
  for (; parts < 3; ++parts, unit /= 60) {
    reader.skip_blanks();
    if (reader.at_end()) break;
    if (has_fraction) return {};  // only the last part has one
    const auto number = reader.number(has_fraction);
    if (!number || (parts > 0 && *number > 60)) return {};
    value += *number * unit;
    mark = reader.mark();
    if (!fits(mark, parts)) return {};
    if (parts == 0 && (mark == 'h' || mark == 'd')) {
      hours = mark == 'h';
      lettered = true;
    }
  }
  reader.skip_blanks();
  if (!reader.at_end() || parts == 0 || (parts == 1 && !lettered)) return {};
  return (negative ? -1 : 1) * (hours ? 15 : 1) * value;
}

}  // namespace

AngleUnit angle_unit(std::string_view unit, bool is_right_ascension) {
  const std::string name = bare(unit);
  if (name.empty()) return {.hours = is_right_ascension};
  const auto known = std::ranges::find(named_units, std::string_view{name}, &NamedUnit::name);
  if (known == named_units.end() || (known->unit.hours && !is_right_ascension))
    throw Error{fmt::format("the unit `{}` of a {} is not known", unit, is_right_ascension ? "right ascension" : "declination"),
                "give positions in deg, rad, arcsec, hourangle or as h:m:s and d:m:s"};
  return known->unit;
}

std::optional<double> parse_angle(std::string_view text, const AngleUnit& unit) {
  if (const auto number = parse_number(text)) return std::isfinite(*number) ? std::optional{*number * unit.degrees} : std::nullopt;
  return parse_sexagesimal(text, unit.hours);
}

}  // namespace lensfind::sky
