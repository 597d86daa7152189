#include "lensfind/base/atomic_file.h"

#include <atomic>
#include <cerrno>
#include <charconv>
#include <cstring>

#include <fcntl.h>
#include <fmt/format.h>
#include <signal.h>
#include <unistd.h>

#include "lensfind/base/error.h"

namespace lensfind {
namespace {

constexpr std::size_t buffer_bytes = std::size_t{1} << 18;

[[noreturn]] void fail(const std::filesystem::path& path, int error) {
  const char* hint = error == ENOSPC || error == EDQUOT  ? "free some space or choose another disk; nothing half-written is left"
                     : error == EACCES || error == EROFS ? "choose a folder that you may write to"
                     : error == ENOENT                   ? "does its folder exist?"
                                                         : "check the path and the disk";
  throw Error{fmt::format("{}: {}", path.string(), std::strerror(error)), hint};
}

void sync_folder(const std::filesystem::path& folder) {
  const int descriptor = ::open(folder.empty() ? "." : folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (descriptor < 0) return;
  ::fsync(descriptor);
  ::close(descriptor);
}

}  // namespace

std::filesystem::path temporary_beside(const std::filesystem::path& path) {
  static std::atomic<unsigned> count{0};
  std::filesystem::path named = path.has_filename() ? path : path.parent_path();
  named += fmt::format(".tmp-{}-{}", ::getpid(), count++);
  return named;
}

AtomicFile::AtomicFile(std::filesystem::path path, Durability durability)
    : path_{std::move(path)}, temporary_{temporary_beside(path_)}, durability_{durability} {
  descriptor_ = ::open(temporary_.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0666);
  if (descriptor_ < 0) fail(path_, errno);
}

AtomicFile::~AtomicFile() {
  if (descriptor_ < 0) return;
  ::close(descriptor_);
  ::unlink(temporary_.c_str());
}

void AtomicFile::write(std::span<const std::byte> bytes) {
  write(std::string_view{reinterpret_cast<const char*>(bytes.data()), bytes.size()});
}

void AtomicFile::write(std::string_view text) {
  buffer_.append(text);
  if (buffer_.size() >= buffer_bytes) flush();
}

void AtomicFile::flush() {
  for (std::size_t done = 0; done < buffer_.size();) {
    const ssize_t written = ::write(descriptor_, buffer_.data() + done, buffer_.size() - done);
    if (written < 0 && errno == EINTR) continue;
    if (written < 0) fail(path_, errno);
    done += static_cast<std::size_t>(written);
  }
  buffer_.clear();
}

void AtomicFile::commit() {
  flush();
  if (durability_ == Durability::survives_power_loss && ::fsync(descriptor_) != 0) fail(path_, errno);
  const int closed = ::close(descriptor_);
  descriptor_ = -1;
  // Some file systems (NFS) report a full disk only here.
  if (closed != 0 || ::rename(temporary_.c_str(), path_.c_str()) != 0) {
    const int error = errno;
    ::unlink(temporary_.c_str());
    fail(path_, error);
  }
  if (durability_ == Durability::survives_power_loss) sync_folder(path_.parent_path());
}

void write_file(const std::filesystem::path& path, std::string_view bytes, Durability durability) {
  AtomicFile file{path, durability};
  file.write(bytes);
  file.commit();
}

AtomicFolder::AtomicFolder(std::filesystem::path final_path, bool overwrite)
    : final_{std::move(final_path)}, temporary_{temporary_beside(final_)}, overwrite_{overwrite} {
  if (!overwrite_) require_absent(final_);
  const std::filesystem::path named = final_.has_filename() ? final_ : final_.parent_path();
  remove_stale_temporaries(named.has_parent_path() ? named.parent_path() : ".", named.filename().string());
  std::error_code status;
  std::filesystem::create_directories(temporary_, status);
  if (status) fail(final_, status.value());
}

AtomicFolder::~AtomicFolder() {
  std::error_code ignored;
  if (!temporary_.empty()) std::filesystem::remove_all(temporary_, ignored);
}

void AtomicFolder::commit() {
  std::error_code status;
  if (overwrite_) std::filesystem::remove_all(final_, status);
  std::filesystem::rename(temporary_, final_, status);
  if (status) fail(final_, status.value());
  temporary_.clear();
}

void require_absent(const std::filesystem::path& out, bool resumable) {
  std::error_code status;
  if (std::filesystem::exists(std::filesystem::symlink_status(out, status))) {
    throw Error{fmt::format("{} exists already", out.string()),
                resumable ? "give --resume to go on with it, --overwrite to replace it, or another name"
                          : "give --overwrite to replace it, or another name"};
  }
}

void remove_stale_temporaries(const std::filesystem::path& folder, const std::string& wanted) {
  std::error_code status;
  for (const auto& entry : std::filesystem::directory_iterator{folder, status}) {
    const std::string name = entry.path().filename().string();
    const std::size_t at = name.rfind(".tmp-");
    if (at == std::string::npos || (!wanted.empty() && name.substr(0, at) != wanted)) continue;
    int process = 0;
    const auto read = std::from_chars(name.data() + at + 5, name.data() + name.size(), process);
    if (read.ec != std::errc{} || *read.ptr != '-' || process <= 0) continue;
    const bool runs = process == ::getpid() || ::kill(process, 0) == 0 || errno == EPERM;
    if (!runs) std::filesystem::remove_all(entry.path(), status);
  }
}

}  // namespace lensfind
