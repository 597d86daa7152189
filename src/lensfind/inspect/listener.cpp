#include "lensfind/inspect/listener.h"

#include <algorithm>
#include <cerrno>
#include <map>
#include <mutex>
#include <utility>
#include <vector>

#include <fcntl.h>
#include <poll.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <unistd.h>

#include "lensfind/inspect/connection.h"

namespace lensfind::inspect {
namespace {

using Clock = Connection::Clock;
using Doing = Connection::Doing;

constexpr int look_ms = 100;
constexpr auto last_answers = std::chrono::seconds{2};  // for clients to take them, at the end

short events_of(const Connection& connection) { return connection.doing() == Doing::sending ? POLLOUT : POLLIN; }

}  // namespace

struct Listener::State {
  using Number = std::uint64_t;  // of a connection, never given twice

  int socket;
  Answering answering;
  ListenerOptions options;
  int bell;  // rings when a worker has an answer
  std::map<Number, Connection> connections = {};
  Number next = 0;
  std::mutex mutex = {};
  std::vector<std::pair<Number, HttpAnswer>> answers = {};
  httplib::ThreadPool workers;

  void wait(bool accepts);
  void let_in();
  bool make_room();
  void hand_out(Number number, Connection& connection);
  void take_answers();
  void drop_overdue();
};

/// Until something can be read or written, or a while.
void Listener::State::wait(bool accepts) {
  std::vector<pollfd> waiting{{bell, POLLIN, 0}, {accepts ? socket : -1, POLLIN, 0}};
  // A negative one is passed over: while a request is answered, the end of its connection must not wake us again and again.
  for (const auto& [number, connection] : connections)
    waiting.push_back({connection.doing() == Doing::answering ? -1 : connection.socket(), events_of(connection), 0});
  if (::poll(waiting.data(), waiting.size(), look_ms) <= 0) return;
  if (waiting[0].revents != 0) {
    eventfd_t rings = 0;
    ::eventfd_read(bell, &rings);
  }
  std::size_t at = 2;
  for (auto& [number, connection] : connections) {
    if (waiting[at++].revents == 0) continue;
    connection.go_on();
    hand_out(number, connection);
  }
  if (waiting[1].revents != 0) let_in();
}

void Listener::State::let_in() {
  while (true) {
    const int client = ::accept4(socket, nullptr, nullptr, SOCK_NONBLOCK | SOCK_CLOEXEC);
    if (client < 0 && (errno == EMFILE || errno == ENFILE)) {
      if (!make_room()) return;
      continue;
    }
    if (client < 0) return;
    if (connections.size() < options.connections || make_room())
      connections.try_emplace(next++, client, options);
    else
      ::close(client);
  }
}

/// Drops the client whose time ends first; false where all are being answered.
bool Listener::State::make_room() {
  const auto first = std::ranges::min_element(connections, {}, [](const auto& entry) { return entry.second.end(); });
  if (first == connections.end() || first->second.doing() == Doing::answering) return false;
  connections.erase(first);
  return true;
}

void Listener::State::hand_out(Number number, Connection& connection) {
  std::string request = connection.take_request();
  if (request.empty()) return;
  workers.enqueue([this, number, request = std::move(request)] {
    HttpAnswer answer = answering(request);
    const std::lock_guard lock{mutex};
    answers.emplace_back(number, std::move(answer));
    ::eventfd_write(bell, 1);
  });
}

void Listener::State::take_answers() {
  std::vector<std::pair<Number, HttpAnswer>> taken;
  {
    const std::lock_guard lock{mutex};
    taken.swap(answers);
  }
  for (auto& [number, answer] : taken) {
    const auto found = connections.find(number);
    if (found == connections.end()) continue;
    found->second.give(std::move(answer));
    hand_out(number, found->second);  // it may have sent the next one already
  }
}

void Listener::State::drop_overdue() {
  const Clock::time_point now = Clock::now();
  for (auto& [number, connection] : connections)
    if (connection.end() <= now) connection.end_now();
  std::erase_if(connections, [](const auto& entry) { return entry.second.doing() == Doing::gone; });
}

Listener::Listener(int socket, Answering answering, ListenerOptions options)
    : state_{new State{.socket = socket,
                       .answering = std::move(answering),
                       .options = options,
                       .bell = ::eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC),
                       .workers = httplib::ThreadPool{options.workers}}} {
  ::fcntl(socket, F_SETFL, ::fcntl(socket, F_GETFL) | O_NONBLOCK);
}

Listener::~Listener() {
  state_->workers.shutdown();
  ::close(state_->bell);
  ::close(state_->socket);
}

void Listener::run(const std::function<bool()>& stop) {
  while (!stop()) {
    state_->wait(true);
    state_->take_answers();
    state_->drop_overdue();
  }
  const auto is_owed = [](const auto& entry) { return entry.second.doing() == Doing::answering || entry.second.doing() == Doing::sending; };
  for (const auto end = Clock::now() + last_answers; Clock::now() < end && std::ranges::any_of(state_->connections, is_owed);) {
    state_->wait(false);
    state_->take_answers();
    state_->drop_overdue();
  }
  state_->connections.clear();
}

}  // namespace lensfind::inspect
