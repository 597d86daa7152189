#pragma once

#include <array>
#include <optional>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <vector>

#include "lensfind/base/error.h"
#include "lensfind/base/namespace.h"

/// Names of enumerators in files and on the command line. The table stands beside the enum, in its namespace (for one inside a class as a
/// friend), and binds each enumerator to its name; the order of either does not matter:
///
///     enum class Part { train, test, all };
///     constexpr auto enum_names(Part) { return names_of<Part>({{Part::train, "train"}, {Part::test, "test"}, {Part::all, "all"}}); }
namespace lensfind::base {

template <typename E>
using EnumName = std::pair<E, const char*>;

/// A table for `enum_names`.
template <typename E, std::size_t count>
constexpr std::array<EnumName<E>, count> names_of(const EnumName<E> (&names)[count]) {
  return std::to_array(names);
}

/// An enum that has such a table.
template <typename E>
concept NamedEnum = std::is_enum_v<E> && requires {
  enum_names(E{});
};

/// The enumerator's name; "" for a value that the table does not hold.
template <NamedEnum E>
constexpr const char* name_of(E value) {
  for (const auto& [known, name] : enum_names(E{}))
    if (known == value) return name;
  return "";
}

/// The enumerator of that name, or nothing.
template <NamedEnum E>
constexpr std::optional<E> find_named(std::string_view name) {
  for (const auto& [value, known] : enum_names(E{}))
    if (known == name) return value;
  return std::nullopt;
}

/// All names, in the table's order.
template <NamedEnum E>
std::vector<std::string> all_names() {
  std::vector<std::string> names;
  for (const auto& [value, name] : enum_names(E{})) names.emplace_back(name);
  return names;
}

/// Throws the Error for a text that is none of `names`: "`paer` is none of apple | pear", with the nearest as hint.
[[noreturn]] void refuse_name(const std::string& text, const std::vector<std::string>& names);

/// The enumerator of that name. Throws Error that names those there are.
template <NamedEnum E>
E value_named(const std::string& name) {
  if (const std::optional<E> value = find_named<E>(name)) return *value;
  refuse_name(name, all_names<E>());
}

}  // namespace lensfind::base
