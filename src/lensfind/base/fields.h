#pragma once

#include <filesystem>
#include <limits>
#include <optional>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <vector>

#include "lensfind/base/enum_names.h"
#include "lensfind/base/error.h"
#include "lensfind/base/namespace.h"
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
/// Members may be bool, integers, double, std::string, std::filesystem::path, an enum with a table of names (enum_names.h), a described
/// struct, an optional or a list of one of these. A member's default is what the struct's default constructor leaves in it; an optional
/// without a value is written nowhere.
namespace lensfind::base {

/// What values a field may take, its unit, and how it is spelled in help.
struct Range {
  double min = -std::numeric_limits<double>::infinity();
  double max = std::numeric_limits<double>::infinity();
  bool above_min = false;            ///< `min` itself is not allowed
  bool below_max = false;            ///< `max` itself is not allowed
  std::vector<std::string> choices;  ///< the only texts allowed; empty: any. An enum has them from its table
  std::string unit;
  std::string flag;        ///< on the command line; empty: the name with - for _, and -- before it
  std::string value_name;  ///< what help shows for the value ("FILE"); empty: the unit, or the name, in capitals
  bool no_option = false;  ///< not set on the command line, or by an option that is declared by hand

  [[nodiscard]] Range in(std::string text) const { return with(&Range::unit, std::move(text)); }
  /// Spelled otherwise on the command line than in files: `any().as("--tta")`.
  [[nodiscard]] Range as(std::string spelled) const { return with(&Range::flag, std::move(spelled)); }
  [[nodiscard]] Range taking(std::string name) const { return with(&Range::value_name, std::move(name)); }
  [[nodiscard]] Range without_option() const { return with(&Range::no_option, true); }
  [[nodiscard]] bool holds(double value) const {
    return (below_max ? value < max : value <= max) && (above_min ? value > min : value >= min);
  }
  /// "> 0", ">= 1", "0 to 1", "between 0 and 1" (neither of them), "adamw | sgd", or empty.
  [[nodiscard]] std::string text() const;

 private:
  template <typename M>
  [[nodiscard]] Range with(M Range::*member, M value) const {
    Range copy = *this;
    copy.*member = std::move(value);
    return copy;
  }
};

inline Range any() { return {}; }
inline Range positive() { return {.min = 0, .above_min = true}; }
inline Range at_least(double min) { return {.min = min}; }
inline Range between(double min, double max) { return {.min = min, .max = max}; }
/// `min` and `max` themselves are not allowed.
inline Range inside(double min, double max) { return {.min = min, .max = max, .above_min = true, .below_max = true}; }
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
template <typename T>
struct is_optional : std::false_type {};
template <typename T>
struct is_optional<std::optional<T>> : std::true_type {};

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
void check_choice(const std::string& origin, const std::string& name, const std::vector<std::string>& choices, const std::string& value);
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

/// What `get` takes of a value. An accessor of Value knows only kinds; the file and the key are known here.
auto taken(const std::string& origin, const std::string& name, auto&& get) -> decltype(get()) {
  try {
    return get();
  } catch (const Error& error) {
    fail(origin, name, error.what(), error.hint());
  }
}

template <typename M>
void read_list(const Value& value, std::vector<M>& list, const Range& range, const std::string& origin, const std::string& name) {
  std::vector<M> items;
  for (const Value& item : taken(origin, name, [&]() -> const Value::Array& { return value.as_array(); })) {
    M read{};
    read_member(item, read, range, origin, name);
    items.push_back(std::move(read));
  }
  list = std::move(items);
}

template <typename M>
void read_integer(std::int64_t value, M& member, const Range& range, const std::string& origin, const std::string& name) {
  check_number(origin, name, range, static_cast<double>(value));
  if (!std::in_range<M>(value)) fail(origin, name, "is too large or too small", "give another number");
  member = static_cast<M>(value);
}

template <typename M>
void read_member(const Value& value, M& member, const Range& range, const std::string& origin, const std::string& name) {
  if constexpr (Described<M>) {
    read_fields(value, member, origin + ": " + name);
  } else if constexpr (is_optional<M>::value) {
    typename M::value_type read{};
    read_member(value, read, range, origin, name);
    member = std::move(read);
  } else if constexpr (is_list<M>::value) {
    read_list(value, member, range, origin, name);
  } else if constexpr (std::is_same_v<M, bool>) {
    member = taken(origin, name, [&] { return value.as_bool(); });
  } else if constexpr (std::is_enum_v<M>) {
    static_assert(NamedEnum<M>, "write a table enum_names beside the enum");
    const std::string text = taken(origin, name, [&] { return value.as_string(); });
    check_choice(origin, name, all_names<M>(), text);
    member = *find_named<M>(text);
  } else if constexpr (std::is_integral_v<M>) {
    read_integer(taken(origin, name, [&] { return value.as_integer(); }), member, range, origin, name);
  } else if constexpr (std::is_floating_point_v<M>) {
    const double number = taken(origin, name, [&] { return value.as_number(); });
    check_number(origin, name, range, number);
    member = static_cast<M>(number);
  } else {
    static_assert(std::is_same_v<M, std::string> || std::is_same_v<M, std::filesystem::path>, "a field of this type cannot be described");
    const std::string text = taken(origin, name, [&] { return value.as_string(); });
    if (!range.choices.empty()) check_choice(origin, name, range.choices, text);
    member = text;
  }
}

/// An optional without a value is null here.
template <typename M>
Value write_member(const M& member) {
  if constexpr (Described<M>) {
    return write_fields(member);
  } else if constexpr (is_optional<M>::value) {
    return member ? write_member(*member) : Value{};
  } else if constexpr (is_list<M>::value) {
    Value list{Value::Array{}};
    for (const auto& item : member) list.push_back(write_member(item));
    return list;
  } else if constexpr (std::is_enum_v<M>) {
    return Value{name_of(member)};
  } else if constexpr (std::is_same_v<M, std::filesystem::path>) {
    return Value{member.string()};
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
  else if constexpr (is_optional<M>::value)
    return type_name<typename M::value_type>();
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
  if constexpr (is_optional<M>::value) return holds_text<typename M::value_type>();
  return std::is_enum_v<M> || std::is_same_v<M, std::string> || std::is_same_v<M, std::filesystem::path>;
}

/// The values that a member may take, in words: of an enum, or of a list of one, its names.
template <typename M>
std::string range_text(const Range& range) {
  if constexpr (is_list<M>::value || is_optional<M>::value) {
    return range_text<typename M::value_type>(range);
  } else if constexpr (NamedEnum<M>) {
    return Range{.choices = all_names<M>()}.text();
  } else {
    return range.text();
  }
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
  void operator()(M Owner::*member, const char* name, const Range&, const char*, const char* = nullptr) {
    if (Value value = write_member(from.*member); !value.is_null()) out.set(name, std::move(value));
  }
};

template <typename T>
struct Lister {
  T defaults{};
  std::vector<FieldInfo> out;

  template <typename M, typename Owner>
  void operator()(M Owner::*member, const char* name, const Range& range, const char* help, const char* = nullptr) {
    const Value value = write_member(defaults.*member);
    const std::string text = value.is_string() ? value.as_string() : value.is_null() ? "" : to_json(value, -1);
    out.push_back({name, type_name<M>(), range_text<M>(range), range.unit, text, help});
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

}  // namespace lensfind::base
