#pragma once

#include <chrono>
#include <cstddef>
#include <functional>
#include <memory>
#include <string_view>

#include "lensfind/inspect/bytes_http.h"
#include "lensfind/inspect/request_framing.h"

namespace lensfind::inspect {

/// What a client may cost.
struct ListenerOptions {
  std::chrono::milliseconds request{10000};  ///< from the first byte of a request to its last; of a new connection from its beginning
  std::chrono::milliseconds answer{30000};   ///< until the answer is taken
  std::chrono::milliseconds idle{5000};      ///< between two requests
  std::size_t connections = 256;             ///< at once; of more than these, the one whose time ends first is dropped
  std::size_t workers = 16;                  ///< threads that answer
  RequestLimits limits = {};
};

/// Takes requests from many clients. One thread reads and writes for all of them; a request goes to a worker once it is all there. So no
/// client holds a thread, however slowly it sends or takes: it is dropped when its time is over. Memory is bounded by connections and
/// limits.
class Listener {
 public:
  using Answering = std::function<HttpAnswer(std::string_view request)>;

  /// Of a socket that listens, which is closed with the object. `answering` is called from several threads.
  Listener(int socket, Answering answering, ListenerOptions options = {});
  ~Listener();
  Listener(const Listener&) = delete;
  Listener& operator=(const Listener&) = delete;

  /// Until `stop` says so, which is asked ten times a second. Answers that were begun are ended.
  void run(const std::function<bool()>& stop);

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace lensfind::inspect
