#include "bindings.h"
#include "lensfind/base/error.h"

namespace lensfind::python {
namespace {

void raise(const char* name, const Error& error) {
  const nb::object type = nb::module_::import_("lensfind._errors").attr(name);
  const nb::object raised = type(error.what(), error.hint().c_str());
  PyErr_SetObject(type.ptr(), raised.ptr());
}

}  // namespace

void bind_errors() {
  nb::register_exception_translator([](const std::exception_ptr& thrown, void*) {
    try {
      std::rethrow_exception(thrown);
    } catch (const Stopped& error) {
      raise("Stopped", error);
    } catch (const Error& error) {
      raise("Error", error);
    }
  });
}

}  // namespace lensfind::python
