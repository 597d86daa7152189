#include "lensfind/inspect/bytes_http.h"

#include <fmt/format.h>
#include <sys/socket.h>

namespace lensfind::inspect {
namespace {

constexpr int waiting_connections = 128;

/// A request in memory and what is answered.
class MemoryStream final : public httplib::Stream {
 public:
  explicit MemoryStream(std::string_view request) : left_{request} {}

  bool is_readable() const override { return !left_.empty(); }
  bool is_writable() const override { return true; }
  socket_t socket() const override { return INVALID_SOCKET; }
  void get_remote_ip_and_port(std::string& ip, int& port) const override { ip.clear(), port = 0; }
  void get_local_ip_and_port(std::string& ip, int& port) const override { ip.clear(), port = 0; }
  ssize_t read(char* bytes, std::size_t size) override {
    const std::size_t taken = left_.copy(bytes, size);
    left_.remove_prefix(taken);
    return static_cast<ssize_t>(taken);
  }
  ssize_t write(const char* bytes, std::size_t size) override {
    written.append(bytes, size);
    return static_cast<ssize_t>(size);
  }

  std::string written;

 private:
  std::string_view left_;
};

const char* name_of(int status) {
  switch (status) {
    case 408:
      return "408 Request Timeout";
    case 413:
      return "413 Content Too Large";
    case 431:
      return "431 Request Header Fields Too Large";
    case 501:
      return "501 Not Implemented";
    default:
      return "400 Bad Request";
  }
}

}  // namespace

BytesHttp::BytesHttp() {
  // httplib lets two servers share a port, so that each would get half of the requests.
  set_socket_options([](socket_t socket) {
    const int again = 1;  // at once after a server that has ended
    ::setsockopt(socket, SOL_SOCKET, SO_REUSEADDR, &again, sizeof again);
  });
}

int BytesHttp::listen_at(const std::string& address, int port) {
  const int taken = port == 0 ? bind_to_any_port(address) : bind_to_port(address, port) ? port : -1;
  // httplib lets five clients wait to be let in; a sixth would try again after a second.
  return taken > 0 && ::listen(svr_sock_, waiting_connections) == 0 ? taken : -1;
}

HttpAnswer BytesHttp::answer(std::string_view request) {
  MemoryStream stream{request};
  bool closes = false;
  const bool is_well = process_request(stream, false, closes, nullptr);
  return {std::move(stream.written), closes || !is_well};
}

HttpAnswer closing_answer(int status) {
  return {fmt::format("HTTP/1.1 {}\r\nContent-Length: 0\r\nConnection: close\r\n\r\n", name_of(status)), true};
}

}  // namespace lensfind::inspect
