#pragma once

#include <chrono>
#include <string>
#include <string_view>

#include <httplib.h>

namespace lensfind::inspect {

/// How long one client may hold a worker.
struct HttpPatience {
  std::chrono::milliseconds request{10000};  ///< from the first byte of a request to its last
  std::chrono::milliseconds answer{30000};   ///< from the request's last byte to the answer's last
  std::chrono::milliseconds idle{5000};      ///< between two requests
};

/// httplib's server with a limit of time for each request as a whole: its own limits count from byte to byte, so that a client that sends
/// one now and then would hold a worker for hours.
class TimedHttp final : public httplib::Server {
 public:
  explicit TimedHttp(HttpPatience patience = {});

  /// What would be sent to a client that sends these bytes: one answer or, over the same connection, several. For tests.
  std::string answers_to(std::string_view bytes);

 private:
  bool process_and_close_socket(socket_t socket) override;

  HttpPatience patience_;
};

}  // namespace lensfind::inspect
