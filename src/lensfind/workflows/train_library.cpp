#include "lensfind/workflows/train_library.h"

#include <cstdlib>
#include <filesystem>

#include <dlfcn.h>
#include <fmt/format.h>

#include "lensfind/base/error.h"

namespace lensfind::workflows {
namespace {

namespace fs = std::filesystem;

/// Where the system looks for libraries, then beside what this code is linked into (a program, a module of Python), and in lib/ beside its
/// folder.
void* open_library() {
  if (void* library = dlopen(LENSFIND_TRAIN_LIBRARY, RTLD_NOW | RTLD_LOCAL)) return library;
  Dl_info own{};
  if (dladdr(reinterpret_cast<const void*>(&open_library), &own) == 0 || own.dli_fname == nullptr) return nullptr;
  const fs::path folder = fs::path{own.dli_fname}.parent_path();
  for (const fs::path& path : {folder / LENSFIND_TRAIN_LIBRARY, folder / ".." / "lib" / LENSFIND_TRAIN_LIBRARY})
    if (fs::exists(path)) return dlopen(path.c_str(), RTLD_NOW | RTLD_LOCAL);
  return nullptr;
}

/// OpenMP's threads wait asleep, not spinning: a thread that spins at a barrier takes the core that the thread it waits for needs. With
/// other work on the machine, spinning threads trained at a sixth to a quarter of the speed of one (benchmarks/busy_training.py). The
/// OpenMP library reads this once, when it is loaded: so nothing changes where another library brought it before, as torch in Python.
void let_threads_sleep() {
  if (std::getenv("OMP_WAIT_POLICY") == nullptr && std::getenv("GOMP_SPINCOUNT") == nullptr) setenv("GOMP_SPINCOUNT", "1000", 0);
}

const train::Library& load() {
  let_threads_sleep();
  void* library = open_library();
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

}  // namespace lensfind::workflows
