#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <span>
#include <utility>

#include "lensfind/base/error.h"
#include "lensfind/base/namespace.h"

namespace lensfind::base {

/// A fault of the machine and not of the file that was read: no more files can be opened, memory is short, a disk or network file system
/// fails. The same read may succeed later.
class MachineFault : public Error {
 public:
  using Error::Error;
};

/// Whether the system's error number (errno) is such a fault: EMFILE, ENFILE, ENOMEM, EIO, ESTALE and their like on network file systems.
bool is_machine_fault(int error);

/// An open regular file and its size. All functions throw Error with the file's name. Every reader begins here or with
/// require_regular_file(), because pipes, devices and sockets wait for ever or never end.
class OpenFile {
 public:
  /// `path` must exist as long as this does. Does not wait where it names a pipe. Throws Error where there is no regular file.
  explicit OpenFile(const std::filesystem::path& path);
  ~OpenFile();
  OpenFile(const OpenFile&) = delete;
  OpenFile& operator=(const OpenFile&) = delete;

  [[nodiscard]] std::uint64_t size() const { return size_; }
  /// The descriptor. From now on the caller has to close it.
  [[nodiscard]] int release() { return std::exchange(descriptor_, -1); }
  void read(std::uint64_t offset, std::span<std::byte> out) const { read_at(descriptor_, path_, offset, out); }
  /// Fills `first` from the start of the file and `second` with what stands behind it.
  void read_start(std::span<std::byte> first, std::span<std::byte> second) const;

  /// Fills `out` with what stands behind `offset`. Throws also where the file ends before.
  static void read_at(int descriptor, const std::filesystem::path& path, std::uint64_t offset, std::span<std::byte> out);

 private:
  const std::filesystem::path& path_;
  int descriptor_ = -1;
  std::uint64_t size_ = 0;
};

/// Throws Error where `path` names no regular file. For other libraries' readers, which open files by themselves.
void require_regular_file(const std::filesystem::path& path);

/// Asks the system to fetch a file, up to `max_bytes`, into its cache. Does not wait for it. Where it fails, reading the file will say so.
void prefetch_file(const std::filesystem::path& path, std::uint64_t max_bytes);

/// Throws what the system says of a failure at a file, as Error; as MachineFault where it is one.
[[noreturn]] void throw_file_error(const std::filesystem::path& path, int error);

}  // namespace lensfind::base
