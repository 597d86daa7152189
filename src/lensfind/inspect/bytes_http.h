#pragma once

#include <string>
#include <string_view>

#include <httplib.h>

namespace lensfind::inspect {

/// What a client is sent.
struct HttpAnswer {
  std::string bytes;
  bool closes = false;  ///< it is the last on its connection
};

/// httplib's server without its network: routes, parses and answers requests that lie in memory. Its own network code has a limit of time
/// from byte to byte only, and a thread waits for each client; Listener has neither.
class BytesHttp final : public httplib::Server {
 public:
  BytesHttp();

  /// Takes a port and listens there; 0: a free one. The port, or -1 where it cannot be had.
  int listen_at(const std::string& address, int port);
  /// Where it listens; the caller closes it.
  [[nodiscard]] int listening_socket() const { return svr_sock_; }

  /// Of one request, which is all there (frame_request()). From any thread.
  HttpAnswer answer(std::string_view request);
};

/// A short answer of this status, the last on its connection.
HttpAnswer closing_answer(int status);

}  // namespace lensfind::inspect
