#pragma once

#include <cstdint>
#include <filesystem>
#include <initializer_list>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include "lensfind/base/namespace.h"

namespace lensfind::base {

/// A value as JSON and TOML files hold it. Objects keep the order in which their members were added. Integers are exact to 64 bits. Every
/// accessor throws Error where the value is something else, and names the key or the expected type.
class Value {
 public:
  using Array = std::vector<Value>;
  using Object = std::vector<std::pair<std::string, Value>>;

  Value() = default;
  Value(std::nullptr_t) {}
  Value(bool value) : data_{value} {}
  Value(int value) : data_{std::int64_t{value}} {}
  Value(std::int64_t value) : data_{value} {}
  Value(std::size_t value) : data_{static_cast<std::int64_t>(value)} {}
  Value(double value) : data_{value} {}
  Value(const char* value) : data_{std::string{value}} {}
  Value(std::string value) : data_{std::move(value)} {}
  Value(std::string_view value) : data_{std::string{value}} {}
  Value(Array value) : data_{std::move(value)} {}
  Value(Object value) : data_{std::move(value)} {}

  [[nodiscard]] bool is_null() const { return std::holds_alternative<std::monostate>(data_); }
  [[nodiscard]] bool is_bool() const { return std::holds_alternative<bool>(data_); }
  [[nodiscard]] bool is_integer() const { return std::holds_alternative<std::int64_t>(data_); }
  [[nodiscard]] bool is_number() const { return is_integer() || std::holds_alternative<double>(data_); }
  [[nodiscard]] bool is_string() const { return std::holds_alternative<std::string>(data_); }
  [[nodiscard]] bool is_array() const { return std::holds_alternative<Array>(data_); }
  [[nodiscard]] bool is_object() const { return std::holds_alternative<Object>(data_); }
  /// "null", "true or false", "an integer", "a number", "a text", "a list" or "a table".
  [[nodiscard]] std::string_view kind() const;

  [[nodiscard]] bool as_bool() const;
  [[nodiscard]] std::int64_t as_integer() const;
  [[nodiscard]] double as_number() const;  ///< an integer counts too
  [[nodiscard]] const std::string& as_string() const;
  [[nodiscard]] const Array& as_array() const;
  [[nodiscard]] const Object& as_object() const;
  [[nodiscard]] Array& as_array();
  [[nodiscard]] Object& as_object();

  /// The member of an object. Throws Error that names the key where it is missing.
  [[nodiscard]] const Value& at(std::string_view key) const;
  /// The member of an object, or nullptr.
  [[nodiscard]] const Value* find(std::string_view key) const;
  /// Adds or replaces a member. A null value becomes an empty object first. Returns *this, so that calls can be chained.
  Value& set(std::string key, Value value);
  /// Adds to a list. A null value becomes an empty list first.
  void push_back(Value value);

  bool operator==(const Value&) const = default;

 private:
  std::variant<std::monostate, bool, std::int64_t, double, std::string, Array, Object> data_;
};

/// An empty object (`Value{}` is null).
inline Value empty_object() { return Value{Value::Object{}}; }

/// Parses JSON text (RFC 8259). `origin` names the text in errors. Nesting over 200 levels is refused.
Value parse_json(std::string_view text, const std::string& origin);
Value read_json(const std::filesystem::path& path);
/// JSON text. Doubles are written so that they read back exactly, numbers that are not finite as null. `indent` < 0: on one line.
std::string to_json(const Value& value, int indent = 1);

/// Parses TOML (v1.0). `origin` names the text in errors, which give line and column.
Value parse_toml(std::string_view text, const std::string& origin);
Value read_toml(const std::filesystem::path& path);
/// TOML text of an object.
std::string to_toml(const Value& value);

/// The whole file as bytes. Throws Error where it cannot be read or is longer than `max_bytes`.
std::string read_text(const std::filesystem::path& path, std::uintmax_t max_bytes = std::uintmax_t{1} << 30);

}  // namespace lensfind::base
