#include <cstdint>

#include "fuzz/memory_file.h"
#include "lensfind/base/error.h"
#include "lensfind/image/fits.h"
#include "lensfind/image/fits_cards.h"

/// CFITSIO forgets a tile that it cannot unpack.
extern "C" const char* __lsan_default_suppressions() { return "leak:imcomp_decompress_tile"; }

/// Whatever bytes come, read_fits_cutout gives an image with a fact a band or throws Error, and header cards are read without harm.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const lensfind::FitsCards cards{{reinterpret_cast<const char*>(data), size}};
  (void)lensfind::zero_point(cards);
  (void)lensfind::pixel_scale_arcsec(cards);
  const MemoryFile file{data, size, ".fits"};
  try {
    const lensfind::FitsCutout cutout = lensfind::read_fits_cutout(file.path());
    const auto bands = static_cast<std::size_t>(cutout.image.shape().bands);
    if (cutout.facts.filters.size() != bands || cutout.facts.zero_points.size() != bands) __builtin_trap();
  } catch (const lensfind::Error& error) {
    if (error.hint().empty()) __builtin_trap();
  }
  return 0;
}
