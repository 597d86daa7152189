#include <cstddef>
#include <cstdint>
#include <span>

#include "lensfind/base/error.h"
#include "lensfind/network/weights.h"

/// Any bytes are either a state dictionary or refused with Error.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  try {
    (void)lensfind::network::parse_torch_file(std::as_bytes(std::span{data, size}), "fuzz.pt");
  } catch (const lensfind::Error&) {
  }
  return 0;
}
