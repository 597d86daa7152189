#pragma once

#include <string>
#include <string_view>

#include "lensfind/base/error.h"

namespace lensfind {

/// What `read` returns. An Error of it that does not name `origin`, as those of Value's accessors, which know only keys and kinds, is
/// thrown with that name before it.
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

}  // namespace lensfind
