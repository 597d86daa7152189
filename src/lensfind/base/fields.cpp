#include "lensfind/base/fields.h"

#include <algorithm>
#include <cmath>

#include <fmt/format.h>
#include <fmt/ranges.h>

namespace lensfind::base {

std::string Range::text() const {
  if (!choices.empty()) return fmt::format("{}", fmt::join(choices, " | "));
  const bool below = std::isfinite(min);
  const bool above = std::isfinite(max);
  if (below && above && above_min && below_max) return fmt::format("between {} and {}", min, max);
  if (below && above && below_max) return fmt::format("{} to below {}", min, max);
  if (below && above) return fmt::format("{} to {}{}", min, max, above_min ? fmt::format(", above {}", min) : "");
  if (below) return fmt::format("{} {}", above_min ? ">" : ">=", min);
  if (above) return fmt::format("{} {}", below_max ? "<" : "<=", max);
  return "";
}

namespace fields_detail {

void fail(const std::string& origin, const std::string& name, const std::string& what, const std::string& hint) {
  throw Error{fmt::format("{}: `{}`: {}", origin, name, what), hint};
}

void check_number(const std::string& origin, const std::string& name, const Range& range, double value) {
  if (!std::isfinite(value)) fail(origin, name, fmt::format("{} is no finite number", value), "give a number");
  if (!range.holds(value)) fail(origin, name, fmt::format("{} is out of range", value), fmt::format("`{}` must be {}", name, range.text()));
}

void check_choice(const std::string& origin, const std::string& name, const std::vector<std::string>& choices, const std::string& value) {
  if (std::ranges::find(choices, value) != choices.end()) return;
  taken(origin, name, [&] { refuse_name(value, choices); });
}

void unknown_key(const std::string& origin, const std::string& key, const std::vector<std::string>& known) {
  const std::string near = nearest_name(key, known);
  throw Error{fmt::format("{}: unknown key `{}`", origin, key),
              near.empty() ? fmt::format("the keys are {}", fmt::join(known, ", ")) : fmt::format("did you mean `{}`?", near)};
}

Value value_from_text(const std::string& text, bool is_text) {
  const bool quoted = text.size() >= 2 && text.front() == '"' && text.back() == '"';
  if (is_text && !quoted) return Value{text};
  try {
    return parse_toml("value = " + text, "--set").at("value");
  } catch (const Error&) {
    return Value{text};  // refused by the reader of the field, which knows what it wants
  }
}

std::pair<std::string, std::string> split_assignment(const std::string& assignment) {
  const std::size_t at = assignment.find('=');
  if (at == std::string::npos || at == 0)
    throw Error{fmt::format("--set {}: no `key=value`", assignment), "write for instance --set epochs=5"};
  const auto trimmed = [](std::string text) {
    text.erase(0, text.find_first_not_of(' '));
    text.erase(text.find_last_not_of(' ') + 1);
    return text;
  };
  return {trimmed(assignment.substr(0, at)), trimmed(assignment.substr(at + 1))};
}

}  // namespace fields_detail

namespace {

std::string in_brackets(const FieldInfo& field) {
  if (field.range.empty()) return field.unit;
  return field.unit.empty() ? field.range : field.range + " " + field.unit;
}

}  // namespace

std::string fields_help(const std::vector<FieldInfo>& fields) {
  std::size_t width = 0;
  const auto left = [](const FieldInfo& field) {
    return field.name + " = " + (field.default_text.size() > 24 ? "..." : field.default_text);
  };
  for (const FieldInfo& field : fields) width = std::max(width, left(field).size());
  std::string text;
  for (const FieldInfo& field : fields) {
    const std::string brackets = in_brackets(field);
    text += fmt::format("  {:<{}}  {}{}\n", left(field), width, field.help, brackets.empty() ? "" : " (" + brackets + ")");
  }
  return text;
}

std::string fields_markdown(const std::vector<FieldInfo>& fields) {
  std::string text = "| key | default | range | meaning |\n|---|---|---|---|\n";
  const auto escaped = [](std::string cell) {
    for (std::size_t at = cell.find('|'); at != std::string::npos; at = cell.find('|', at + 2)) cell.insert(at, "\\");
    return cell;
  };
  constexpr std::size_t longest_default = 60;
  for (const FieldInfo& field : fields) {
    const std::string shown = field.default_text.size() > longest_default ? "..." : field.default_text;
    text += fmt::format("| `{}` | `{}` | {} | {} |\n", field.name, escaped(shown), escaped(in_brackets(field)), escaped(field.help));
  }
  return text;
}

}  // namespace lensfind::base
