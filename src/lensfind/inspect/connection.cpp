#include "lensfind/inspect/connection.h"

#include <array>
#include <cerrno>

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>
#include <unistd.h>

namespace lensfind::inspect {
namespace {

constexpr auto leave_time = std::chrono::seconds{1};
constexpr int timed_out = 408;

bool would_block() { return errno == EAGAIN || errno == EWOULDBLOCK || errno == EINTR; }

}  // namespace

Connection::Connection(int socket, const ListenerOptions& options)
    : socket_{socket}, options_{options}, end_{Clock::now() + options.request} {
  const int at_once = 1;  // an answer's end is not to wait until its beginning is acknowledged
  ::setsockopt(socket, IPPROTO_TCP, TCP_NODELAY, &at_once, sizeof at_once);
}

Connection::~Connection() { ::close(socket_); }

void Connection::go_on() {
  if (doing_ == Doing::sending) return send();
  if (doing_ == Doing::receiving || doing_ == Doing::leaving) receive();
}

void Connection::receive() {
  std::array<char, 16384> block{};
  const ssize_t got = ::recv(socket_, block.data(), block.size(), MSG_DONTWAIT);
  if (got < 0 && would_block()) return;
  if (got <= 0) {
    doing_ = Doing::gone;
  } else if (doing_ == Doing::receiving) {
    if (received_.empty() && is_idle_) end_ = Clock::now() + options_.request;
    is_idle_ = false;
    received_.append(block.data(), static_cast<std::size_t>(got));
  }
}

std::string Connection::take_request() {
  if (doing_ != Doing::receiving || received_.empty()) return {};
  const Framing framing = frame_request(received_, options_.limits);
  if (framing.refusal != 0) {
    give(closing_answer(framing.refusal));
    return {};
  }
  if (framing.size == 0) return {};
  std::string request = received_.substr(0, framing.size);
  received_.erase(0, framing.size);
  doing_ = Doing::answering;
  end_ = Clock::time_point::max();
  return request;
}

void Connection::give(HttpAnswer answer) {
  answer_ = std::move(answer);
  sent_ = 0;
  doing_ = Doing::sending;
  end_ = Clock::now() + options_.answer;
  send();
}

void Connection::send() {
  while (sent_ < answer_.bytes.size()) {
    const ssize_t now = ::send(socket_, answer_.bytes.data() + sent_, answer_.bytes.size() - sent_, MSG_NOSIGNAL | MSG_DONTWAIT);
    if (now < 0 && would_block()) return;
    if (now < 0) {
      doing_ = Doing::gone;
      return;
    }
    sent_ += static_cast<std::size_t>(now);
  }
  if (answer_.closes) return leave();
  wait_for_request();
}

void Connection::wait_for_request() {
  answer_ = {};
  doing_ = Doing::receiving;
  is_idle_ = received_.empty();
  end_ = Clock::now() + (is_idle_ ? options_.idle : options_.request);
}

void Connection::leave() {
  answer_ = {};
  received_ = {};
  ::shutdown(socket_, SHUT_WR);
  doing_ = Doing::leaving;
  end_ = Clock::now() + leave_time;
}

void Connection::end_now() {
  if (doing_ == Doing::receiving && !received_.empty())
    give(closing_answer(timed_out));
  else
    doing_ = Doing::gone;
}

}  // namespace lensfind::inspect
