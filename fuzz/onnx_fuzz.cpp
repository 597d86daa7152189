#include <cstddef>
#include <cstdint>
#include <string>

#include "lensfind/base/error.h"
#include "lensfind/network/onnx_file.h"

/// Any bytes are either a network that can be brought into the known form or refused with Error.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  try {
    (void)lensfind::network::parse_onnx(std::string(reinterpret_cast<const char*>(data), size), "/nowhere", "fuzz.onnx");
  } catch (const lensfind::Error&) {
  }
  return 0;
}
