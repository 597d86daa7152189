#include <cmath>
#include <limits>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "lensfind/base/error.h"
#include "lensfind/base/value.h"

namespace lensfind::base {
namespace {

constexpr int deepest = 200;

/// Builds a Value while nlohmann's parser reads, so that integers stay exact and members keep their order.
class Builder : public nlohmann::json_sax<nlohmann::json> {
 public:
  explicit Builder(const std::string& origin) : origin_{origin} {}

  bool null() override { return add(Value{}); }
  bool boolean(bool value) override { return add(Value{value}); }
  bool number_integer(number_integer_t value) override { return add(Value{std::int64_t{value}}); }
  bool number_unsigned(number_unsigned_t value) override {
    constexpr auto max = static_cast<number_unsigned_t>(std::numeric_limits<std::int64_t>::max());
    return add(value > max ? Value{static_cast<double>(value)} : Value{static_cast<std::int64_t>(value)});
  }
  bool number_float(number_float_t value, const string_t&) override { return add(Value{value}); }
  bool string(string_t& value) override { return add(Value{std::move(value)}); }
  bool binary(binary_t&) override { return false; }
  bool start_object(std::size_t) override { return open(empty_object()); }
  bool start_array(std::size_t) override { return open(Value{Value::Array{}}); }
  bool key(string_t& value) override {
    levels_.back().key = std::move(value);
    return true;
  }
  bool end_object() override { return close(); }
  bool end_array() override { return close(); }
  bool parse_error(std::size_t position, const std::string&, const nlohmann::json::exception&) override {
    throw Error{fmt::format("{}: no valid JSON at byte {}", origin_, position), "the file is damaged or of another kind"};
  }

  Value take() { return std::move(result_); }

 private:
  struct Level {
    Value value;
    std::string key;
  };

  bool open(Value value) {
    if (levels_.size() >= deepest)
      throw Error{fmt::format("{}: JSON nested over {} levels", origin_, deepest), "the file is damaged or of another kind"};
    levels_.push_back({std::move(value), {}});
    return true;
  }
  bool close() {
    Value value = std::move(levels_.back().value);
    levels_.pop_back();
    return add(std::move(value));
  }
  bool add(Value value) {
    if (levels_.empty()) {
      result_ = std::move(value);
    } else if (levels_.back().value.is_array()) {
      levels_.back().value.push_back(std::move(value));
    } else {
      levels_.back().value.as_object().emplace_back(std::move(levels_.back().key), std::move(value));
    }
    return true;
  }

  const std::string& origin_;
  std::vector<Level> levels_;
  Value result_;
};

void write(const Value& value, int indent, int depth, std::string& out) {
  const std::string gap = indent < 0 ? "" : "\n" + std::string(static_cast<std::size_t>(indent * (depth + 1)), ' ');
  const std::string end = indent < 0 ? "" : "\n" + std::string(static_cast<std::size_t>(indent * depth), ' ');
  if (value.is_null()) {
    out += "null";
  } else if (value.is_bool()) {
    out += value.as_bool() ? "true" : "false";
  } else if (value.is_integer()) {
    fmt::format_to(std::back_inserter(out), "{}", value.as_integer());
  } else if (value.is_number()) {
    const double number = value.as_number();
    if (std::isfinite(number)) {
      const std::string digits = fmt::format("{}", number);
      out += digits;
      // A whole number keeps its kind: 1.0 reads back as a number, not as an integer.
      if (digits.find_first_of(".e") == std::string::npos) out += ".0";
    } else {
      out += "null";
    }
  } else if (value.is_string()) {
    out += nlohmann::json(value.as_string()).dump(-1, ' ', false, nlohmann::json::error_handler_t::replace);
  } else if (value.is_array()) {
    const Value::Array& items = value.as_array();
    // A list of plain values stays on one line: a curve of 2,000 points must not become 6,000 lines.
    const bool flat = std::none_of(items.begin(), items.end(), [](const Value& item) { return item.is_array() || item.is_object(); });
    out += '[';
    for (std::size_t i = 0; i < items.size(); ++i) {
      if (i > 0) out += flat && indent >= 0 ? ", " : ",";
      if (!flat) out += gap;
      write(items[i], indent, depth + 1, out);
    }
    if (!flat) out += end;
    out += ']';
  } else {
    const Value::Object& members = value.as_object();
    out += '{';
    for (std::size_t i = 0; i < members.size(); ++i) {
      if (i > 0) out += ',';
      out += gap;
      write(Value{members[i].first}, indent, depth, out);
      out += indent < 0 ? ":" : ": ";
      write(members[i].second, indent, depth + 1, out);
    }
    if (!members.empty()) out += end;
    out += '}';
  }
}

}  // namespace

Value parse_json(std::string_view text, const std::string& origin) {
  Builder builder{origin};
  nlohmann::json::sax_parse(text.begin(), text.end(), &builder);
  return builder.take();
}

Value read_json(const std::filesystem::path& path) { return parse_json(read_text(path), path.string()); }

std::string to_json(const Value& value, int indent) {
  std::string out;
  write(value, indent, 0, out);
  return out;
}

}  // namespace lensfind::base
