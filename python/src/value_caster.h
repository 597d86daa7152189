#pragma once

#include <nanobind/nanobind.h>

#include "lensfind/base/value.h"

namespace lensfind::python {

/// None, bool, int, float, str, and lists, tuples and dictionaries of these, at most 200 deep; numpy's numbers too. Throws nb::type_error
/// that names what else it is.
Value value_of(nanobind::handle object, int depth = 0);
nanobind::object object_of(const Value& value);

}  // namespace lensfind::python

namespace nanobind::detail {

/// Lets bound functions take and give Value.
template <>
struct type_caster<lensfind::Value> {
  NB_TYPE_CASTER(lensfind::Value, const_name("object"))

  bool from_python(handle source, uint32_t, cleanup_list*) noexcept {
    try {
      value = lensfind::python::value_of(source);
      return true;
    } catch (...) {
      PyErr_Clear();
      return false;
    }
  }
  static handle from_cpp(const lensfind::Value& from, rv_policy, cleanup_list*) noexcept {
    try {
      return lensfind::python::object_of(from).release();
    } catch (python_error& error) {
      error.restore();
      return {};
    }
  }
};

}  // namespace nanobind::detail
