#include <cstdint>
#include <span>

#include "lensfind/base/error.h"
#include "lensfind/image/npz.h"

/// Whatever bytes come, parse_npz gives images whose pixels are all there or throws Error.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  for (const std::vector<std::string>& bands : {std::vector<std::string>{}, {"g", "r"}}) {
    try {
      for (const lensfind::Image& image : lensfind::parse_npz(std::as_bytes(std::span{data, size}), "fuzz.npz", bands).images) {
        if (image.values().size() != image.shape().values()) __builtin_trap();
      }
    } catch (const lensfind::Error& error) {
      if (error.hint().empty()) __builtin_trap();
    }
  }
  return 0;
}
