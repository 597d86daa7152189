#include "lensfind/cli/train_library.h"

#include <dlfcn.h>
#include <fmt/format.h>

#include "lensfind/base/error.h"

namespace lensfind::cli {
namespace {

const train::Library& load() {
  void* library = dlopen(LENSFIND_TRAIN_LIBRARY, RTLD_NOW | RTLD_LOCAL);
  const void* found = library ? dlsym(library, train::library_symbol) : nullptr;
  if (!found)
    throw Error{fmt::format("training cannot be loaded: {}", dlerror()),
                "build or install lensfind anew: the library belongs in lib/ beside the folder of the program"};
  return *static_cast<const train::Library*>(found);
}

}  // namespace

const train::Library& train_library() {
  static const train::Library& loaded = load();
  return loaded;
}

}  // namespace lensfind::cli
