#include "fuzz/compressed_fits_bytes.h"
#include "fuzz/memory_file.h"
#include "lensfind/base/error.h"
#include "lensfind/image/fits.h"
#include "lensfind/image/fits_planes.h"

/// CFITSIO forgets a tile that it cannot unpack.
extern "C" const char* __lsan_default_suppressions() { return "leak:imcomp_decompress_tile"; }

/// However a compressed image is damaged, read_fits_cutout gives an image or throws Error.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string bytes = CompressedFitsBytes{data, size}.file();
  const MemoryFile file{reinterpret_cast<const std::uint8_t*>(bytes.data()), bytes.size(), ".fits"};
  try {
    (void)lensfind::image::read_with_cfitsio(file.path(), {"BAD"});
  } catch (const lensfind::Error& error) {
    if (error.hint().empty()) __builtin_trap();
  }
  return 0;
}
