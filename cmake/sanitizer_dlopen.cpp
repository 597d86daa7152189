#include <dlfcn.h>

/// Linked into programs that are built with the address or thread sanitizer, whose own dlopen ends the process on RTLD_DEEPBIND: oneTBB,
/// which OpenVINO ships, asks for it when it loads its binding library. The flag only keeps that library's symbols to itself, and can be
/// done without.
extern "C" void* dlopen(const char* file, int mode) {
  using Dlopen = void* (*)(const char*, int);
  static const auto next = reinterpret_cast<Dlopen>(dlsym(RTLD_NEXT, "dlopen"));
  return next(file, mode & ~RTLD_DEEPBIND);
}
