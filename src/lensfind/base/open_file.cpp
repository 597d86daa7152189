#include "lensfind/base/open_file.h"

#include <cerrno>
#include <cstring>

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <sys/uio.h>
#include <unistd.h>

#include "lensfind/base/error.h"

namespace lensfind::base {
namespace {

void require_regular(const struct stat& status, const std::filesystem::path& path) {
  if (S_ISDIR(status.st_mode)) throw_file_error(path, EISDIR);
  if (!S_ISREG(status.st_mode))
    throw Error{path.string() + ": is no regular file", "a pipe, socket or device cannot be read; save it as a file first"};
}

}  // namespace

bool is_machine_fault(int error) {
  switch (error) {
    case EMFILE:
    case ENFILE:
    case ENOMEM:
    case ENOBUFS:
    case EIO:
    case ESTALE:
    case ENOTCONN:
    case EREMOTEIO:
    case ETIMEDOUT:
    case EHOSTDOWN:
      return true;
    default:
      return false;
  }
}

void throw_file_error(const std::filesystem::path& path, int error) {
  if (is_machine_fault(error)) {
    throw MachineFault{fmt::format("{}: {}", path.string(), std::strerror(error)),
                       error == EMFILE || error == ENFILE ? "allow more open files (`ulimit -n`)"
                       : error == ENOMEM                  ? "free some memory, or use fewer --threads"
                                                          : "is the disk well, and the network file system there?"};
  }
  throw Error{fmt::format("{}: {}", path.string(), std::strerror(error)),
              error == ENOENT ? "check the path" : "check the file, its permissions and the disk"};
}

void require_regular_file(const std::filesystem::path& path) {
  struct stat status {};
  if (::stat(path.c_str(), &status) != 0) throw_file_error(path, errno);
  require_regular(status, path);
}

void prefetch_file(const std::filesystem::path& path, std::uint64_t max_bytes) {
  const int descriptor = ::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK);
  if (descriptor < 0) return;
  ::posix_fadvise(descriptor, 0, static_cast<off_t>(max_bytes), POSIX_FADV_WILLNEED);
  ::close(descriptor);
}

OpenFile::OpenFile(const std::filesystem::path& path) : path_{path} {
  // O_NONBLOCK: a named pipe would wait for a writer for ever.
  descriptor_ = ::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK);
  if (descriptor_ < 0) throw_file_error(path, errno);
  try {
    struct stat status {};
    if (::fstat(descriptor_, &status) != 0) throw_file_error(path, errno);
    require_regular(status, path);
    size_ = static_cast<std::uint64_t>(status.st_size);
  } catch (...) {
    ::close(descriptor_);
    throw;
  }
}

OpenFile::~OpenFile() {
  if (descriptor_ >= 0) ::close(descriptor_);
}

void OpenFile::read_start(std::span<std::byte> first, std::span<std::byte> second) const {
  const iovec both[] = {{first.data(), first.size()}, {second.data(), second.size()}};
  if (::preadv(descriptor_, both, 2, 0) == static_cast<ssize_t>(first.size() + second.size())) return;
  read(0, first);  // which says what is wrong
  read(first.size(), second);
}

void OpenFile::read_at(int descriptor, const std::filesystem::path& path, std::uint64_t offset, std::span<std::byte> out) {
  while (!out.empty()) {
    const ssize_t got = ::pread(descriptor, out.data(), out.size(), static_cast<off_t>(offset));
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) throw_file_error(path, errno);
    if (got == 0) throw Error{path.string() + ": became shorter while it was read", "is another program writing it?"};
    out = out.subspan(static_cast<std::size_t>(got));
    offset += static_cast<std::uint64_t>(got);
  }
}

}  // namespace lensfind::base
