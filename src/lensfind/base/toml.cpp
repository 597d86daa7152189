#include <sstream>

#include <fmt/format.h>
#include <toml++/toml.h>

#include "lensfind/base/error.h"
#include "lensfind/base/toml_limits.h"
#include "lensfind/base/value.h"

namespace lensfind::base {
namespace {

Value from_node(const toml::node& node, const std::string& origin) {
  if (const auto* table = node.as_table()) {
    Value value = empty_object();
    for (const auto& [key, member] : *table) value.as_object().emplace_back(std::string{key.str()}, from_node(member, origin));
    return value;
  }
  if (const auto* array = node.as_array()) {
    Value value{Value::Array{}};
    for (const auto& item : *array) value.push_back(from_node(item, origin));
    return value;
  }
  if (const auto* text = node.as_string()) return Value{text->get()};
  if (const auto* integer = node.as_integer()) return Value{integer->get()};
  if (const auto* number = node.as_floating_point()) return Value{number->get()};
  if (const auto* flag = node.as_boolean()) return Value{flag->get()};
  throw Error{fmt::format("{}, line {}: dates and times are not used here", origin, node.source().begin.line), "write the value as text"};
}

std::string plain(const Value& value) {
  if (value.is_array()) {
    std::string text = "[";
    for (const Value& item : value.as_array()) text += (text.size() > 1 ? ", " : "") + plain(item);
    return text + "]";
  }
  if (value.is_object()) {
    std::string text = "{ ";
    for (const auto& [key, member] : value.as_object()) text += (text.size() > 2 ? ", " : "") + key + " = " + plain(member);
    return text + " }";
  }
  if (value.is_number() && !value.is_integer()) {
    std::string text = fmt::format("{}", value.as_number());
    return text.find_first_of(".ein") == std::string::npos ? text + ".0" : text;
  }
  return to_json(value, -1);
}

bool is_list_of_tables(const Value& value) { return value.is_array() && !value.as_array().empty() && value.as_array().front().is_object(); }

}  // namespace

Value parse_toml(std::string_view text, const std::string& origin) {
  check_toml_limits(text, origin);
  try {
    return from_node(toml::parse(text, std::string_view{origin}), origin);
  } catch (const toml::parse_error& error) {
    throw Error{
        fmt::format("{}, line {}, column {}: {}", origin, error.source().begin.line, error.source().begin.column, error.description()),
        "correct the file (TOML: https://toml.io)"};
  }
}

Value read_toml(const std::filesystem::path& path) { return parse_toml(read_text(path), path.string()); }

std::string to_toml(const Value& value) {
  std::string text;
  for (const auto& [key, member] : value.as_object()) {
    if (member.is_null() || is_list_of_tables(member)) continue;
    text += fmt::format("{} = {}\n", key, plain(member));
  }
  for (const auto& [key, member] : value.as_object()) {
    if (!is_list_of_tables(member)) continue;
    for (const Value& row : member.as_array()) {
      text += fmt::format("\n[[{}]]\n", key);
      for (const auto& [name, cell] : row.as_object()) {
        if (!cell.is_null()) text += fmt::format("{} = {}\n", name, plain(cell));
      }
    }
  }
  return text;
}

}  // namespace lensfind::base
