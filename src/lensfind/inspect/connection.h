#pragma once

#include <chrono>
#include <string>

#include "lensfind/inspect/listener.h"

namespace lensfind::inspect {

/// One client's connection, which never waits: read and write as far as bytes are there or are taken.
class Connection {
 public:
  using Clock = std::chrono::steady_clock;
  enum class Doing {
    receiving,  ///< a request, or nothing
    answering,  ///< a request is all there and was handed out
    sending,    ///< the answer
    leaving,    ///< all is said; what still comes is thrown away, so that the client reads its answer before it sees the end
    gone
  };

  /// Of a socket that does not block, which is closed with the object.
  Connection(int socket, const ListenerOptions& options);
  ~Connection();
  Connection(const Connection&) = delete;
  Connection& operator=(const Connection&) = delete;

  [[nodiscard]] int socket() const { return socket_; }
  [[nodiscard]] Doing doing() const { return doing_; }
  /// It is dropped then.
  [[nodiscard]] Clock::time_point end() const { return end_; }

  /// Reads or writes what there is.
  void go_on();
  /// The request that is all there, once; then doing() is `answering`. Empty where there is none.
  std::string take_request();
  void give(HttpAnswer answer);
  /// Its time is over: a client whose request is not all there is told, else it is gone.
  void end_now();

 private:
  void receive();
  void send();
  void leave();
  void wait_for_request();

  int socket_;
  const ListenerOptions& options_;
  Doing doing_ = Doing::receiving;
  Clock::time_point end_;
  bool is_idle_ = false;  ///< between two requests
  std::string received_;  ///< not handed out yet
  HttpAnswer answer_;
  std::size_t sent_ = 0;
};

}  // namespace lensfind::inspect
