#include <cstdint>
#include <string>

#include "lensfind/base/error.h"
#include "lensfind/base/value.h"

/// Reads any text as TOML, and as JSON: what was read is written, and read again it is the same.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text{reinterpret_cast<const char*>(data), size};
  try {
    static_cast<void>(lensfind::parse_toml(text, "fuzz.toml"));
  } catch (const lensfind::Error&) {
  }
  try {
    const std::string written = to_json(lensfind::parse_json(text, "fuzz.json"));
    if (to_json(lensfind::parse_json(written, "again.json")) != written) __builtin_trap();
  } catch (const lensfind::Error&) {
  }
  return 0;
}
