#pragma once

#include <cstddef>
#include <string_view>

namespace lensfind::inspect {

/// How large a request may be.
struct RequestLimits {
  std::size_t head = 16 << 10;  ///< bytes of the request line and the headers
  std::size_t body = 64 << 10;  ///< bytes behind them
};

/// Where the first request in a client's bytes ends.
struct Framing {
  std::size_t size = 0;  ///< bytes of the whole request; 0: it is not all there
  int refusal = 0;       ///< the HTTP status that refuses it; 0: none does
};

/// Finds the end of the first request (RFC 9112). Refused is what is too large (431, 413), and all that two readers could understand in two
/// ways (400): line ends other than CR LF, folded headers, two lengths, and bodies in chunks, which the page never sends.
Framing frame_request(std::string_view bytes, const RequestLimits& limits = {});

}  // namespace lensfind::inspect
