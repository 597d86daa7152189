#include <cstdint>
#include <span>

#include "lensfind/base/error.h"
#include "lensfind/image/npy.h"

/// Whatever bytes come, parse_npy gives an image whose pixels are all there or throws Error; it never reads beyond the bytes or allocates
/// what a header merely claims.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  try {
    const lensfind::image::Image image = lensfind::image::parse_npy(std::as_bytes(std::span{data, size}), "fuzz.npy");
    if (image.values().size() != image.shape().values() || image.values().size() > size) __builtin_trap();
  } catch (const lensfind::Error& error) {
    if (error.hint().empty()) __builtin_trap();
  }
  return 0;
}
