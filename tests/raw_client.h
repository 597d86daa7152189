#pragma once

#include <chrono>
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>

#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

namespace lensfind::testing {

/// A connection to a port of this machine that sends and reads bytes as they are, well-behaved or not.
class RawClient {
 public:
  explicit RawClient(int port) : socket_{::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)} {
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_port = htons(static_cast<std::uint16_t>(port));
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    is_connected_ = ::connect(socket_, reinterpret_cast<sockaddr*>(&address), sizeof address) == 0;
  }
  RawClient(RawClient&& other) noexcept
      : socket_{std::exchange(other.socket_, -1)}, is_connected_{other.is_connected_}, read_{std::move(other.read_)} {}
  RawClient(const RawClient&) = delete;
  RawClient& operator=(const RawClient&) = delete;
  ~RawClient() {
    if (socket_ >= 0) ::close(socket_);
  }

  [[nodiscard]] bool is_connected() const { return is_connected_; }
  /// All of it, or false where the other side has closed.
  [[nodiscard]] bool send(std::string_view bytes) const {
    while (!bytes.empty()) {
      const ssize_t now = ::send(socket_, bytes.data(), bytes.size(), MSG_NOSIGNAL);
      if (now <= 0) return false;
      bytes.remove_prefix(static_cast<std::size_t>(now));
    }
    return true;
  }
  /// Reads what comes until `enough` is among it, the other side closes, or the time is over. All that was read so far.
  const std::string& read_until(std::string_view enough, std::chrono::milliseconds time) {
    const auto end = std::chrono::steady_clock::now() + time;
    while (!is_closed_ && read_.find(enough) == std::string::npos && read_some(end)) {
    }
    return read_;
  }
  /// Whether the other side closes within this time; what comes before is read.
  bool closes_within(std::chrono::milliseconds time) {
    const auto end = std::chrono::steady_clock::now() + time;
    while (!is_closed_ && read_some(end)) {
    }
    return is_closed_;
  }

 private:
  bool read_some(std::chrono::steady_clock::time_point end) {
    const auto left = std::chrono::duration_cast<std::chrono::microseconds>(end - std::chrono::steady_clock::now()).count();
    if (left <= 0) return false;
    const timeval patience{left / 1000000, left % 1000000};
    ::setsockopt(socket_, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
    char block[4096];
    const ssize_t got = ::recv(socket_, block, sizeof block, 0);
    if (got > 0) read_.append(block, static_cast<std::size_t>(got));
    is_closed_ = got == 0 || (got < 0 && errno != EAGAIN && errno != EWOULDBLOCK);
    return true;
  }

  int socket_;
  bool is_connected_ = false, is_closed_ = false;
  std::string read_;
};

}  // namespace lensfind::testing
