#include "lensfind/inspect/timed_http.h"

#include <algorithm>
#include <array>
#include <cerrno>

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

namespace lensfind::inspect {
namespace {

using Clock = std::chrono::steady_clock;

constexpr std::size_t max_requests = 1000;  // over one connection
constexpr auto look = std::chrono::milliseconds{100};

/// Waits until the socket is ready; false where it is not before `end`.
bool is_ready(int socket, short events, Clock::time_point end) {
  while (true) {
    const auto left = std::chrono::ceil<std::chrono::milliseconds>(end - Clock::now()).count();
    if (left <= 0) return false;
    pollfd waiting{socket, events, 0};
    const int ready = ::poll(&waiting, 1, static_cast<int>(left));
    if (ready > 0) return true;
    if (ready < 0 && errno != EINTR) return false;
  }
}

/// A connection during one request and its answer.
class TimedStream final : public httplib::Stream {
 public:
  TimedStream(int socket, HttpPatience patience) : socket_{socket}, patience_{patience} {}

  /// A new request has as much time as the one before.
  void begin() {
    end_ = Clock::now() + patience_.request;
    is_answering_ = false;
  }
  [[nodiscard]] bool has_unread() const { return next_ < filled_; }

  bool is_readable() const override { return has_unread() || is_ready(socket_, POLLIN, end_); }
  bool is_writable() const override { return is_ready(socket_, POLLOUT, end_); }
  socket_t socket() const override { return socket_; }
  void get_remote_ip_and_port(std::string& ip, int& port) const override { ip.clear(), port = 0; }
  void get_local_ip_and_port(std::string& ip, int& port) const override { ip.clear(), port = 0; }

  ssize_t read(char* bytes, std::size_t size) override {
    if (!has_unread()) {
      if (!is_readable()) return -1;
      const ssize_t got = ::recv(socket_, buffer_.data(), buffer_.size(), 0);
      if (got <= 0) return got;
      next_ = 0;
      filled_ = static_cast<std::size_t>(got);
    }
    const std::size_t taken = std::min(size, filled_ - next_);
    std::copy_n(buffer_.data() + next_, taken, bytes);
    next_ += taken;
    return static_cast<ssize_t>(taken);
  }
  ssize_t write(const char* bytes, std::size_t size) override {
    if (!is_answering_) end_ = Clock::now() + patience_.answer;
    is_answering_ = true;
    if (!is_writable()) return -1;
    return ::send(socket_, bytes, size, MSG_NOSIGNAL);
  }

 private:
  int socket_;
  HttpPatience patience_;
  Clock::time_point end_;
  bool is_answering_ = false;
  std::array<char, 4096> buffer_{};
  std::size_t next_ = 0, filled_ = 0;
};

/// Bytes in memory in place of a connection.
class MemoryStream final : public httplib::Stream {
 public:
  explicit MemoryStream(std::string_view bytes) : left{bytes} {}

  bool is_readable() const override { return !left.empty(); }
  bool is_writable() const override { return true; }
  socket_t socket() const override { return INVALID_SOCKET; }
  void get_remote_ip_and_port(std::string& ip, int& port) const override { ip.clear(), port = 0; }
  void get_local_ip_and_port(std::string& ip, int& port) const override { ip.clear(), port = 0; }
  ssize_t read(char* bytes, std::size_t size) override {
    const std::size_t taken = left.copy(bytes, size);
    left.remove_prefix(taken);
    return static_cast<ssize_t>(taken);
  }
  ssize_t write(const char* bytes, std::size_t size) override {
    written.append(bytes, size);
    return static_cast<ssize_t>(size);
  }

  std::string_view left;
  std::string written;
};

}  // namespace

TimedHttp::TimedHttp(HttpPatience patience) : patience_{patience} {
  // What it says of itself in its answers.
  set_keep_alive_timeout(std::chrono::duration_cast<std::chrono::seconds>(patience.idle).count());
  set_keep_alive_max_count(max_requests);
}

bool TimedHttp::process_and_close_socket(socket_t socket) {
  const int at_once = 1;  // an answer's head and body are two packets: the second is not to wait for an acknowledgement of the first
  ::setsockopt(socket, IPPROTO_TCP, TCP_NODELAY, &at_once, sizeof at_once);
  TimedStream stream{socket, patience_};
  bool is_closed = false, is_well = true;
  for (std::size_t left = max_requests; left > 0 && is_well && !is_closed; --left) {
    const auto end = Clock::now() + patience_.idle;
    bool is_asked = stream.has_unread();
    while (!is_asked && svr_sock_ != INVALID_SOCKET && Clock::now() < end) is_asked = is_ready(socket, POLLIN, Clock::now() + look);
    if (!is_asked || svr_sock_ == INVALID_SOCKET) break;
    stream.begin();
    is_well = process_request(stream, left == 1, is_closed, nullptr);
  }
  ::shutdown(socket, SHUT_RDWR);
  ::close(socket);
  return is_well;
}

std::string TimedHttp::answers_to(std::string_view bytes) {
  MemoryStream stream{bytes};
  bool is_closed = false, is_well = true;
  while (is_well && !is_closed && stream.is_readable()) is_well = process_request(stream, false, is_closed, nullptr);
  return std::move(stream.written);
}

}  // namespace lensfind::inspect
