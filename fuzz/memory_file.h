#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <string>

#include <fcntl.h>
#include <unistd.h>

/// Puts a fuzzer's bytes into a file in memory for readers that take paths only, and removes it again.
class MemoryFile {
 public:
  MemoryFile(const std::uint8_t* data, std::size_t size, const std::string& suffix)
      : path_{"/dev/shm/lensfind-fuzz-" + std::to_string(::getpid()) + suffix} {
    const int file = ::open(path_.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
    if (file < 0 || ::write(file, data, size) != static_cast<ssize_t>(size)) __builtin_trap();
    ::close(file);
  }
  ~MemoryFile() { ::unlink(path_.c_str()); }
  MemoryFile(const MemoryFile&) = delete;
  MemoryFile& operator=(const MemoryFile&) = delete;

  [[nodiscard]] const std::filesystem::path& path() const { return path_; }

 private:
  std::filesystem::path path_;
};
