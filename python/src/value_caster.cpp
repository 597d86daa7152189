#include "value_caster.h"

#include <cstdint>

namespace lensfind::python {

namespace nb = nanobind;

namespace {

constexpr int max_depth = 200;  // as parse_json()

Value list_of(nb::handle object, int depth) {
  Value list{Value::Array{}};
  for (nb::handle item : nb::borrow<nb::object>(object)) list.push_back(value_of(item, depth + 1));
  return list;
}

Value table_of(const nb::dict& object, int depth) {
  Value table = empty_object();
  for (const auto [key, item] : object) table.set(nb::str(key).c_str(), value_of(item, depth + 1));
  return table;
}

}  // namespace

Value value_of(nb::handle object, int depth) {
  if (depth > max_depth) throw nb::type_error("nested too deeply");
  if (object.is_none()) return {};
  if (nb::isinstance<nb::bool_>(object)) return nb::cast<bool>(object);
  if (nb::isinstance<nb::int_>(object)) return nb::cast<std::int64_t>(object);
  if (nb::isinstance<nb::float_>(object)) return nb::cast<double>(object);
  if (nb::isinstance<nb::str>(object)) return std::string{nb::borrow<nb::str>(object).c_str()};
  if (nb::isinstance<nb::dict>(object)) return table_of(nb::borrow<nb::dict>(object), depth);
  if (nb::isinstance<nb::list>(object) || nb::isinstance<nb::tuple>(object)) return list_of(object, depth);
  if (nb::hasattr(object, "tolist")) return value_of(object.attr("tolist")(), depth + 1);  // numpy's numbers and arrays
  if (nb::hasattr(object, "__fspath__")) return std::string{nb::str(object.attr("__fspath__")()).c_str()};
  throw nb::type_error("neither number, text, list nor dictionary");
}

nb::object object_of(const Value& value) {
  if (value.is_bool()) return nb::bool_(value.as_bool());
  if (value.is_integer()) return nb::int_(value.as_integer());
  if (value.is_number()) return nb::float_(value.as_number());
  if (value.is_string()) return nb::str(value.as_string().data(), value.as_string().size());
  if (value.is_array()) {
    nb::list list;
    for (const Value& item : value.as_array()) list.append(object_of(item));
    return list;
  }
  if (value.is_object()) {
    nb::dict table;
    for (const auto& [key, item] : value.as_object()) table[key.c_str()] = object_of(item);
    return table;
  }
  return nb::none();
}

}  // namespace lensfind::python
