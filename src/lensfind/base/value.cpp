#include "lensfind/base/value.h"

#include <algorithm>
#include <span>

#include <fmt/format.h>

#include "lensfind/base/error.h"
#include "lensfind/base/open_file.h"

namespace lensfind::base {
namespace {

[[noreturn]] void wrong_kind(std::string_view wanted, const Value& value) {
  throw Error{fmt::format("{} was expected, not {}", wanted, value.kind()), "correct the value in the file or on the command line"};
}

}  // namespace

std::string_view Value::kind() const {
  constexpr std::string_view names[] = {"null", "true or false", "an integer", "a number", "a text", "a list", "a table"};
  return names[data_.index()];
}

bool Value::as_bool() const {
  if (const auto* value = std::get_if<bool>(&data_)) return *value;
  wrong_kind("true or false", *this);
}

std::int64_t Value::as_integer() const {
  if (const auto* value = std::get_if<std::int64_t>(&data_)) return *value;
  wrong_kind("an integer", *this);
}

double Value::as_number() const {
  if (const auto* value = std::get_if<double>(&data_)) return *value;
  if (const auto* value = std::get_if<std::int64_t>(&data_)) return static_cast<double>(*value);
  wrong_kind("a number", *this);
}

const std::string& Value::as_string() const {
  if (const auto* value = std::get_if<std::string>(&data_)) return *value;
  wrong_kind("a text", *this);
}

const Value::Array& Value::as_array() const {
  if (const auto* value = std::get_if<Array>(&data_)) return *value;
  wrong_kind("a list", *this);
}

const Value::Object& Value::as_object() const {
  if (const auto* value = std::get_if<Object>(&data_)) return *value;
  wrong_kind("a table", *this);
}

Value::Array& Value::as_array() { return const_cast<Array&>(std::as_const(*this).as_array()); }
Value::Object& Value::as_object() { return const_cast<Object&>(std::as_const(*this).as_object()); }

const Value* Value::find(std::string_view key) const {
  const Object& members = as_object();
  const auto found = std::find_if(members.begin(), members.end(), [&](const auto& member) { return member.first == key; });
  return found == members.end() ? nullptr : &found->second;
}

const Value& Value::at(std::string_view key) const {
  if (const Value* value = find(key)) return *value;
  throw Error{fmt::format("the key `{}` is missing", key), "the file is from another program or another version of lensfind, or was cut"};
}

Value& Value::set(std::string key, Value value) {
  if (is_null()) data_ = Object{};
  Object& members = as_object();
  const auto found = std::find_if(members.begin(), members.end(), [&](const auto& member) { return member.first == key; });
  if (found == members.end()) {
    members.emplace_back(std::move(key), std::move(value));
  } else {
    found->second = std::move(value);
  }
  return *this;
}

void Value::push_back(Value value) {
  if (is_null()) data_ = Array{};
  as_array().push_back(std::move(value));
}

std::string read_text(const std::filesystem::path& path, std::uintmax_t max_bytes) {
  const OpenFile file{path};
  if (file.size() > max_bytes) {
    throw Error{fmt::format("{}: {} bytes, more than the {} that such a file may have", path.string(), file.size(), max_bytes),
                "is it the right file?"};
  }
  std::string text(file.size(), '\0');
  file.read(0, std::as_writable_bytes(std::span{text}));
  return text;
}

}  // namespace lensfind::base
