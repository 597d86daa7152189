#include <cstddef>
#include <cstdint>
#include <string>

#include "lensfind/base/error.h"
#include "lensfind/network/onnx.h"

/// Any bytes are either an ONNX model of a known form or refused with Error.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  try {
    (void)lensfind::network::onnx_shape(std::string(reinterpret_cast<const char*>(data), size), "fuzz.onnx");
  } catch (const lensfind::Error&) {
  }
  return 0;
}
