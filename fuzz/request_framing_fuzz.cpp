#include <cstdint>
#include <string_view>

#include "lensfind/inspect/request_framing.h"

namespace {

using namespace lensfind::inspect;

constexpr RequestLimits limits{.head = 400, .body = 100};

bool is_undecided(const Framing& framing) { return framing.size == 0 && framing.refusal == 0; }

}  // namespace

/// However a request comes in pieces, what is found at its end is what is found at once: a piece decides nothing that the next one changes,
/// and nothing larger than the limits is ever waited for.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size > 2000) return 0;
  const std::string_view bytes{reinterpret_cast<const char*>(data), size};
  const Framing whole = frame_request(bytes, limits);
  if (whole.size > size || whole.size > limits.head + limits.body) __builtin_trap();
  if (whole.size > 0 && whole.refusal != 0) __builtin_trap();
  if (is_undecided(whole) && size >= limits.head + limits.body) __builtin_trap();
  bool is_decided = false;
  for (std::size_t length = 0; length <= size; ++length) {
    const Framing part = frame_request(bytes.substr(0, length), limits);
    if (is_decided && is_undecided(part)) __builtin_trap();
    is_decided = !is_undecided(part);
    if (is_decided && (part.size != whole.size || part.refusal != whole.refusal)) __builtin_trap();
  }
  return 0;
}
