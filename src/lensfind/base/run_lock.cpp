#include "lensfind/base/run_lock.h"

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <optional>
#include <sstream>
#include <utility>
#include <vector>

#include <fcntl.h>
#include <fmt/format.h>
#include <signal.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "lensfind/base/error.h"
#include "lensfind/base/folder_lock.h"

namespace lensfind::base {
namespace {

namespace fs = std::filesystem;

/// Who wrote a line of a lock file: "1234 host".
struct Holder {
  pid_t process = 0;
  std::string host;
};

std::string this_host() {
  std::array<char, 256> name{};
  return ::gethostname(name.data(), name.size() - 1) == 0 && name[0] != '\0' ? name.data() : "this computer";
}

/// The holders that a lock file names, the last one last.
std::vector<Holder> holders_in(int descriptor) {
  std::string text(1 << 16, '\0');  // enough for the names of two thousand
  const off_t size = std::max<off_t>(0, ::lseek(descriptor, 0, SEEK_END) - static_cast<off_t>(text.size()));
  const ssize_t got = ::pread(descriptor, text.data(), text.size(), size);
  text.resize(got > 0 ? static_cast<std::size_t>(got) : 0);
  std::vector<Holder> holders;
  std::istringstream lines{text};
  for (std::string line; std::getline(lines, line);) {
    Holder holder;
    std::istringstream words{line};
    if (words >> holder.process && words.ignore() && std::getline(words, holder.host) && holder.process > 0) holders.push_back(holder);
  }
  return holders;
}

/// Of another computer's processes nothing is known.
bool may_run(const Holder& holder) { return holder.host != this_host() || ::kill(holder.process, 0) == 0 || errno == EPERM; }

/// The last holder that may run.
std::optional<Holder> living_holder(int descriptor) {
  const std::vector<Holder> holders = holders_in(descriptor);
  const auto found = std::find_if(holders.rbegin(), holders.rend(), may_run);
  return found == holders.rend() ? std::nullopt : std::optional{*found};
}

[[noreturn]] void refuse(const fs::path& out, const std::optional<Holder>& holder, const std::string& hint) {
  const std::string who = holder ? fmt::format(" (process {} on host {})", holder->process, holder->host) : "";
  throw Error{fmt::format("another lensfind{} is writing {}", who, out.string()), hint};
}

bool has_no_locks(int error) { return error == ENOSYS || error == EOPNOTSUPP || error == ENOLCK || error == EINVAL; }

}  // namespace

fs::path RunLock::file_of(const fs::path& out) {
  fs::path named = out.has_filename() ? out : out.parent_path();
  return named += ".lock";
}

RunLock::RunLock(const fs::path& out, Sharing sharing) : RunLock{out, sharing, ::flock} {}

RunLock::RunLock(const fs::path& out, Sharing sharing, SystemLock system_lock) : file_{file_of(out)}, system_lock_{system_lock} {
  try {
    do {
      close();
      open(out);
    } while (!take(out, sharing, system_lock));
    sign(sharing);
  } catch (...) {
    close();
    throw;
  }
}

RunLock::RunLock(RunLock&& other) noexcept
    : file_{std::move(other.file_)},
      descriptor_{std::exchange(other.descriptor_, -1)},
      system_lock_{other.system_lock_},
      note_{std::move(other.note_)} {}

RunLock::~RunLock() {
  // Only the last of several removes the file. One that was opened but not locked yet by another is looked for again there.
  if (descriptor_ >= 0 && (system_lock_ == nullptr || system_lock_(descriptor_, LOCK_EX | LOCK_NB) == 0)) ::unlink(file_.c_str());
  close();
}

void RunLock::open(const fs::path& out) {
  descriptor_ = ::open(file_.c_str(), O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK, 0666);
  struct stat status {};
  if (descriptor_ >= 0 && ::fstat(descriptor_, &status) == 0 && S_ISREG(status.st_mode)) return;
  const int error = descriptor_ >= 0 ? EEXIST : errno;
  throw Error{fmt::format("{}: cannot be locked: {}: {}", out.string(), file_.string(), std::strerror(error)),
              error == ENOENT                   ? "does its folder exist?"
              : error == ENAMETOOLONG           ? "give it a shorter name"
              : error == ENOSPC                 ? "free some space or choose another disk"
              : fs::exists(file_.parent_path()) ? "choose a folder that you may write to, or remove that file if it is not yours to keep"
                                                : "does its folder exist?"};
}

bool RunLock::take(const fs::path& out, Sharing sharing, SystemLock system_lock) {
  if (system_lock(descriptor_, (sharing == Sharing::alone ? LOCK_EX : LOCK_SH) | LOCK_NB) != 0) {
    const int error = errno;
    if (error == EINTR) return false;
    if (error == EWOULDBLOCK) refuse(out, living_holder(descriptor_), "wait until it is done, stop it, or give another OUT");
    if (!has_no_locks(error)) {
      throw Error{fmt::format("{}: cannot be locked: {}", out.string(), std::strerror(error)), "check the disk, or write to another one"};
    }
    take_without_system(out);
    return true;
  }
  // Between opening and locking the holder before may have removed it.
  if (!is_still_named(descriptor_, file_)) return false;
  const std::vector<Holder> left = holders_in(descriptor_);
  if (sharing == Sharing::alone && !left.empty() && left.back().host != this_host()) {
    note_ = fmt::format("process {} on host {} wrote {} before and left its lock; if it still runs, stop it", left.back().process,
                        left.back().host, out.string());
  }
  return true;
}

void RunLock::take_without_system(const fs::path& out) {
  system_lock_ = nullptr;
  if (const std::optional<Holder> holder = living_holder(descriptor_))
    refuse(out, holder, fmt::format("if it no longer runs, remove {}", file_.string()));
  note_ = fmt::format("the file system of {} has no locks: see to it that no other lensfind writes it", out.string());
}

void RunLock::sign(Sharing sharing) const {
  // A name that cannot be written (a full disk) makes a refusal vaguer and no more.
  const std::string line = fmt::format("{} {}\n", ::getpid(), this_host());
  if (sharing == Sharing::alone && ::ftruncate(descriptor_, 0) != 0) return;
  ::lseek(descriptor_, 0, SEEK_END);
  [[maybe_unused]] const ssize_t written = ::write(descriptor_, line.data(), line.size());
}

void RunLock::close() noexcept {
  if (descriptor_ >= 0) ::close(descriptor_);
  descriptor_ = -1;
}

}  // namespace lensfind::base
