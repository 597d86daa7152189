#pragma once

#include <string>
#include <string_view>

#include "lensfind/base/error.h"
#include "lensfind/base/namespace.h"

namespace lensfind::base {

/// What `read` returns. An Error from it that does not name `origin` is thrown with that name before it. Errors of Value's accessors are
/// such: they know only keys and kinds.
auto naming(const std::string& origin, auto&& read) {
  try {
    return read();
  } catch (const Stopped&) {
    throw;
  } catch (const Error& error) {
    if (std::string_view{error.what()}.find(origin) != std::string_view::npos) throw;
    throw Error{origin + ": " + error.what(), error.hint()};
  }
}

}  // namespace lensfind::base
