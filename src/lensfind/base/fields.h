#pragma once

#include <limits>
#include <optional>
#include <string>
#include <string_view>
#include <type_traits>
#include <vector>

#include "lensfind/base/error.h"
#include "lensfind/base/value.h"

/// Described fields: a struct of settings says once, in `static void describe(auto& field)`, what each of its members is called in files
/// and on the command line, which values it may take, and what it means. Reading, writing, range checks, `--set`, `--help` and the docs'
/// tables all come from that one visit:
///
///     struct Optimiser {
///       double rate = 1e-4;
///       static void describe(auto& field) { field(&Optimiser::rate, "rate", positive(), "learning rate"); }
///     };
///
/// A fifth argument is the name that older files use; it is read, also by `--set`, and never written.
/// Members may be bool, int, std::int64_t, double, std::string, an enum class whose enumerators count from 0 (with `choices`), a list of
/// one of these, or a list of described structs. A member's default is what the struct's default constructor leaves in it.
namespace lensfind {

/// What values a field may take, its unit, and how it is spelled in help.
struct Range {
  double min = -std::numeric_limits<double>::infinity();
  double max = std::numeric_limits<double>::infinity();
  bool above_min = false;            ///< `least` itself is not allowed
  std::vector<std::string> choices;  ///< the only texts allowed; empty: any
  std::string unit;

  [[nodiscard]] Range in(std::string text) const {
    Range copy = *this;
    copy.unit = std::move(text);
    return copy;
  }
  [[nodiscard]] bool holds(double value) const { return value <= max && (above_min ? value > min : value >= min); }
  /// "> 0", ">= 1", "0 to 1", "adamw | sgd", or empty.
  [[nodiscard]] std::string text() const;
};

inline Range any() { return {}; }
inline Range positive() { return {.min = 0, .above_min = true}; }
inline Range at_least(double min) { return {.min = min}; }
inline Range between(double min, double max) { return {.min = min, .max = max}; }
inline Range choices(std::vector<std::string> names) { return {.choices = std::move(names)}; }

/// One line of `--help` or of the docs' table.
struct FieldInfo {
  std::string name, type, range, unit, default_text, help;
};

namespace fields_detail {

template <typename T>
struct is_list : std::false_type {};
template <typename T>
struct is_list<std::vector<T>> : std::true_type {};

/// Accepts any call of field(...): used only to ask whether a type is described.
struct Probe {
  template <typename... Arguments>
  void operator()(Arguments&&...) {}
};

template <typename T>
concept Described = requires(Probe probe) {
  T::describe(probe);
};

[[noreturn]] void fail(const std::string& origin, const std::string& name, const std::string& what, const std::string& hint);
void check_number(const std::string& origin, const std::string& name, const Range& range, double value);
std::size_t index_of_choice(const std::string& origin, const std::string& name, const Range& range, const std::string& value);
[[noreturn]] void unknown_key(const std::string& origin, const std::string& key, const std::vector<std::string>& known);
Value value_from_text(const std::string& text, bool is_text);
/// Splits "key=value"; throws Error where there is no `=`.
std::pair<std::string, std::string> split_assignment(const std::string& assignment);

}  // namespace fields_detail

/// Reads a struct from an object: members that are named take the value, the others keep what they have. An unknown key, a value of the
/// wrong kind or out of range throws Error; `origin` (a file's name, "--set") stands before it.
template <fields_detail::Described T>
void read_fields(const Value& table, T& into, const std::string& origin);

/// All members as an object, in the order in which they are described.
template <fields_detail::Described T>
Value write_fields(const T& from);

/// Name, type, range, unit, default and help of every member, in order.
template <fields_detail::Described T>
std::vector<FieldInfo> list_fields();

/// Sets one member from "key=value" as `--set` takes it; a list is written `[1, 2]`.
template <fields_detail::Described T>
void set_field(T& into, const std::string& assignment, const std::string& origin = "--set");

// Only templates from here on.
namespace fields_detail {

template <typename M>
void read_member(const Value& value, M& member, const Range& range, const std::string& origin, const std::string& name);

template <typename M>
void read_list(const Value& value, std::vector<M>& list, const Range& range, const std::string& origin, const std::string& name) {
  std::vector<M> items;
  for (const Value& item : value.as_array()) {
    M read{};
    read_member(item, read, range, origin, name);
    items.push_back(std::move(read));
  }
  list = std::move(items);
}

template <typename M>
void read_member(const Value& value, M& member, const Range& range, const std::string& origin, const std::string& name) {
  try {
    if constexpr (Described<M>) {
      read_fields(value, member, origin + ": " + name);
    } else if constexpr (is_list<M>::value) {
      read_list(value, member, range, origin, name);
    } else if constexpr (std::is_same_v<M, bool>) {
      member = value.as_bool();
    } else if constexpr (std::is_enum_v<M>) {
      member = static_cast<M>(index_of_choice(origin, name, range, value.as_string()));
    } else if constexpr (std::is_integral_v<M>) {
      check_number(origin, name, range, static_cast<double>(value.as_integer()));
      member = static_cast<M>(value.as_integer());
      if (static_cast<std::int64_t>(member) != value.as_integer()) fail(origin, name, "is too large", "give a smaller number");
    } else if constexpr (std::is_floating_point_v<M>) {
      check_number(origin, name, range, value.as_number());
      member = static_cast<M>(value.as_number());
    } else {
      static_assert(std::is_same_v<M, std::string>, "a field of this type cannot be described");
      if (!range.choices.empty()) index_of_choice(origin, name, range, value.as_string());
      member = value.as_string();
    }
  } catch (const Error& error) {
    // An accessor of Value knows only the kinds; the file and the key are known here.
    if (std::string_view{error.what()}.find(name) != std::string_view::npos) throw;
    fail(origin, name, error.what(), error.hint());
  }
}

template <typename M>
Value write_member(const M& member, const Range& range) {
  if constexpr (Described<M>) {
    return write_fields(member);
  } else if constexpr (is_list<M>::value) {
    Value list{Value::Array{}};
    for (const auto& item : member) list.push_back(write_member(item, range));
    return list;
  } else if constexpr (std::is_enum_v<M>) {
    return Value{range.choices.at(static_cast<std::size_t>(member))};
  } else if constexpr (std::is_integral_v<M> && !std::is_same_v<M, bool>) {
    return Value{static_cast<std::int64_t>(member)};
  } else {
    return Value{member};
  }
}

template <typename M>
std::string type_name() {
  if constexpr (Described<M>)
    return "table";
  else if constexpr (is_list<M>::value)
    return "list of " + type_name<typename M::value_type>();
  else if constexpr (std::is_same_v<M, bool>)
    return "true or false";
  else if constexpr (std::is_integral_v<M>)
    return "integer";
  else if constexpr (std::is_floating_point_v<M>)
    return "number";
  else
    return "text";
}

template <typename M>
constexpr bool holds_text() {
  return std::is_enum_v<M> || std::is_same_v<M, std::string>;
}

template <typename T>
struct Reader {
  const Value& table;
  T& into;
  const std::string& origin;
  std::vector<std::string> known;
  std::vector<std::string> former_names = {};  ///< old names that the table uses

  template <typename M, typename Owner>
  void operator()(M Owner::*member, const char* name, const Range& range, const char*, const char* former = nullptr) {
    known.emplace_back(name);
    const Value* value = table.find(name);
    if (former != nullptr) {
      if (const Value* old = table.find(former)) {
        if (value != nullptr)
          fail(origin, former, std::string{"is the old name of `"} + name + "`, which is given too", "keep one of them");
        value = old;
        former_names.emplace_back(former);
      }
    }
    if (value != nullptr) read_member(*value, into.*member, range, origin, name);
  }
};

template <typename T>
struct Writer {
  const T& from;
  Value out = empty_object();

  template <typename M, typename Owner>
  void operator()(M Owner::*member, const char* name, const Range& range, const char*, const char* = nullptr) {
    out.set(name, write_member(from.*member, range));
  }
};

template <typename T>
struct Lister {
  T defaults{};
  std::vector<FieldInfo> out;

  template <typename M, typename Owner>
  void operator()(M Owner::*member, const char* name, const Range& range, const char* help, const char* = nullptr) {
    const Value value = write_member(defaults.*member, range);
    out.push_back({name, type_name<M>(), range.text(), range.unit, value.is_string() ? value.as_string() : to_json(value, -1), help});
  }
};

template <typename T>
struct Setter {
  T& into;
  const std::string& key;
  const std::string& text;
  const std::string& origin;
  bool found = false;
  std::vector<std::string> known;

  template <typename M, typename Owner>
  void operator()(M Owner::*member, const char* name, const Range& range, const char*, const char* former = nullptr) {
    known.emplace_back(name);
    if (key != name && (former == nullptr || key != former)) return;
    found = true;
    read_member(value_from_text(text, holds_text<M>()), into.*member, range, origin, name);
  }
};

}  // namespace fields_detail

template <fields_detail::Described T>
void read_fields(const Value& table, T& into, const std::string& origin) {
  if (!table.is_object()) throw Error{origin + ": a table was expected, not " + std::string{table.kind()}, "write `key = value` lines"};
  fields_detail::Reader<T> reader{table, into, origin, {}};
  T::describe(reader);
  for (const auto& [key, value] : table.as_object()) {
    bool known = false;
    for (const std::string& name : reader.known) known = known || name == key;
    for (const std::string& name : reader.former_names) known = known || name == key;
    if (!known) fields_detail::unknown_key(origin, key, reader.known);
  }
}

template <fields_detail::Described T>
Value write_fields(const T& from) {
  fields_detail::Writer<T> writer{from};
  T::describe(writer);
  return std::move(writer.out);
}

template <fields_detail::Described T>
std::vector<FieldInfo> list_fields() {
  fields_detail::Lister<T> lister;
  T::describe(lister);
  return std::move(lister.out);
}

template <fields_detail::Described T>
void set_field(T& into, const std::string& assignment, const std::string& origin) {
  const auto [key, text] = fields_detail::split_assignment(assignment);
  fields_detail::Setter<T> setter{into, key, text, origin, false, {}};
  T::describe(setter);
  if (!setter.found) fields_detail::unknown_key(origin, key, setter.known);
}

/// A help text of all fields, a line each, aligned: `name = default   help (range, unit)`.
std::string fields_help(const std::vector<FieldInfo>& fields);
/// The same as a Markdown table.
std::string fields_markdown(const std::vector<FieldInfo>& fields);

}  // namespace lensfind
