#include "lensfind/cli/streams.h"

#include <atomic>
#include <cerrno>
#include <csignal>

#include <fcntl.h>
#include <poll.h>
#include <unistd.h>

namespace lensfind::cli {
namespace {

constexpr int wait_milliseconds = 1000;  // for a stream that does not block and whose reader is slow

std::atomic<bool> messages_end{false}, results_end{false}, results_lost{false};

/// Writes all of it; 0, or the error at which it stopped.
int write_all(int descriptor, std::string_view text) {
  while (!text.empty()) {
    const ssize_t written = ::write(descriptor, text.data(), text.size());
    if (written >= 0) {
      text.remove_prefix(static_cast<std::size_t>(written));
      continue;
    }
    if (errno == EINTR) continue;
    pollfd ready{descriptor, POLLOUT, 0};
    if (errno == EAGAIN && ::poll(&ready, 1, wait_milliseconds) == 1) continue;
    return errno;
  }
  return 0;
}

}  // namespace

void prepare_streams() {
  for (const int descriptor : {STDIN_FILENO, STDOUT_FILENO, STDERR_FILENO}) {
    // The lowest free number is the one that is missing.
    if (::fcntl(descriptor, F_GETFD) < 0 && errno == EBADF && ::open("/dev/null", O_RDWR) < 0) return;
  }
  std::signal(SIGPIPE, SIG_IGN);
  std::signal(SIGXFSZ, SIG_IGN);
}

void print_message(std::string_view text) {
  if (!messages_end && write_all(STDERR_FILENO, text) == EPIPE) messages_end = true;
}

void print_result(std::string_view text) {
  if (results_end) return;
  const int error = write_all(STDOUT_FILENO, text);
  if (error == 0) return;
  results_end = true;
  if (error != EPIPE) results_lost = true;
}

bool results_are_written() { return !results_lost; }

}  // namespace lensfind::cli
