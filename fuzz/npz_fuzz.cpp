#include <cstdint>
#include <span>

#include "lensfind/base/error.h"
#include "lensfind/image/npz.h"

/// Whatever bytes come, parse_npz gives images whose pixels are all there, of the shape and number that the outline says, or throws Error.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto bytes = std::as_bytes(std::span{data, size});
  for (const std::vector<std::string>& bands : {std::vector<std::string>{}, {"g", "r"}}) {
    try {
      const lensfind::image::NpzOutline outline = lensfind::image::parse_npz_outline(bytes, "fuzz.npz", bands);
      const lensfind::image::NpzCutouts cutouts = lensfind::image::parse_npz(bytes, "fuzz.npz", bands);
      if (static_cast<std::int64_t>(cutouts.images.size()) != outline.count || cutouts.stack != outline.stack) __builtin_trap();
      for (const lensfind::image::Image& image : cutouts.images) {
        if (image.shape() != outline.shape || image.values().size() != image.shape().values()) __builtin_trap();
      }
    } catch (const lensfind::Error& error) {
      if (error.hint().empty()) __builtin_trap();
    }
  }
  return 0;
}
