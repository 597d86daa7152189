#include "lensfind/base/atomic_file.h"

#include <cerrno>
#include <cstring>

#include <fcntl.h>
#include <fmt/format.h>
#include <unistd.h>

#include "lensfind/base/error.h"
#include "lensfind/base/temporary_name.h"

namespace lensfind::base {
namespace {

constexpr std::size_t buffer_bytes = std::size_t{1} << 18;

/// Where a pipe or a device has the name, a rename would put a file in its place.
void require_no_device(const std::filesystem::path& path) {
  std::error_code status;
  const std::filesystem::file_status there = std::filesystem::status(path, status);
  if (!std::filesystem::exists(there) || std::filesystem::is_regular_file(there)) return;
  if (std::filesystem::is_directory(there)) throw Error{path.string() + ": is a folder", "give the name of a file"};
  throw Error{path.string() + ": is no regular file", "a pipe, socket or device cannot be replaced by a file; give another name"};
}

/// A new file of the name; O_EXCL and O_NOFOLLOW: in a folder that others may write to, none that they have put there.
int make_new(const std::filesystem::path& path) { return ::open(path.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0666); }

void sync_folder(const std::filesystem::path& folder) {
  const int descriptor = ::open(folder.empty() ? "." : folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (descriptor < 0) return;
  ::fsync(descriptor);
  ::close(descriptor);
}

}  // namespace

void throw_write_error(const std::filesystem::path& path, int error) {
  const char* hint = error == ENOSPC || error == EDQUOT ? "free some space or choose another disk; nothing half-written is left"
                     : error == EACCES || error == EROFS || error == EPERM ? "choose a folder that you may write to"
                     : error == ENOENT || error == ENOTDIR                 ? "does its folder exist?"
                     : error == ENAMETOOLONG                               ? "give a shorter name"
                     : error == EFBIG ? "raise the limit on the size of files (ulimit -f), or choose another disk"
                                      : "check the path and the disk";
  throw Error{fmt::format("{}: {}", path.string(), std::strerror(error)), hint};
}

AtomicFile::AtomicFile(std::filesystem::path path, Durability durability)
    : path_{std::move(path)}, temporary_{temporary_beside(path_)}, durability_{durability} {
  require_no_device(path_);
  descriptor_ = make_new(temporary_);
  if (descriptor_ < 0) throw_write_error(path_, errno);
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
    if (written < 0) throw_write_error(path_, errno);
    done += static_cast<std::size_t>(written);
  }
  buffer_.clear();
}

void AtomicFile::commit() {
  flush();
  if (durability_ == Durability::survives_power_loss && ::fsync(descriptor_) != 0) throw_write_error(path_, errno);
  const int closed = ::close(descriptor_);
  descriptor_ = -1;
  // Some file systems (NFS) report a full disk only here.
  if (closed != 0 || ::rename(temporary_.c_str(), path_.c_str()) != 0) {
    const int error = errno;
    ::unlink(temporary_.c_str());
    throw_write_error(path_, error);
  }
  if (durability_ == Durability::survives_power_loss) sync_folder(path_.parent_path());
}

void write_file(const std::filesystem::path& path, std::string_view bytes, Durability durability) {
  AtomicFile file{path, durability};
  file.write(bytes);
  file.commit();
}

void require_absent(const std::filesystem::path& out, bool resumable) {
  std::error_code status;
  if (std::filesystem::exists(std::filesystem::symlink_status(out, status))) {
    throw Error{fmt::format("{} exists already", out.string()),
                resumable ? "give --resume to go on with it, --overwrite to replace it, or another name"
                          : "give --overwrite to replace it, or another name"};
  }
}

void require_output_file(const std::filesystem::path& out, bool overwrite, const std::vector<std::filesystem::path>& inputs) {
  if (out.empty() || !out.has_filename()) throw Error{fmt::format("\"{}\" is no name of a file", out.string()), "give the name of a file"};
  require_no_device(out);
  if (!overwrite) require_absent(out);
  std::error_code status;
  for (const std::filesystem::path& input : inputs) {
    if (std::filesystem::equivalent(input, out, status))
      throw Error{out.string() + ": is read, so it is not replaced", "give --out another name"};
  }
  remove_stale_temporaries(out.has_parent_path() ? out.parent_path() : ".", out.filename().string());
}

void remove_stale_temporaries(const std::filesystem::path& folder, const std::string& wanted) {
  std::error_code status, ignored;
  for (std::filesystem::directory_iterator entry{folder, status}; !status && entry != std::filesystem::directory_iterator{};
       entry.increment(status)) {
    const std::string name = entry->path().filename().string();
    const std::size_t at = name.rfind(".tmp-");
    if (at == std::string::npos || (!wanted.empty() && name.substr(0, at) != wanted)) continue;
    if (is_left_by_dead(std::string_view{name}.substr(at + 5))) std::filesystem::remove_all(entry->path(), ignored);
  }
}

}  // namespace lensfind::base
