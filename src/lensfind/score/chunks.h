#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <utility>

#include "lensfind/base/value.h"

namespace lensfind::score {

/// What a run made of some consecutive inputs: lines of the two tables.
struct Chunk {
  std::string scores, rejected;
  std::int64_t scored_count = 0, rejected_count = 0;
};

/// The finished chunks of a run on disk, in TABLE.parts/: run.json says what the run is, 000000.chunk... hold the rows with a checksum. A
/// chunk is there whole or not at all, even after a power failure.
class ChunkFolder {
 public:
  explicit ChunkFolder(const std::filesystem::path& table);
  /// One by its own path, TABLE.parts.
  static ChunkFolder at(const std::filesystem::path& folder);

  [[nodiscard]] const std::filesystem::path& path() const { return folder_; }
  [[nodiscard]] bool exists() const;
  /// Makes the folder anew with its run.json.
  void begin(const Value& run);
  /// Makes the folder with its run.json unless another process just did.
  void join(const Value& run);
  /// What began the run; throws Error where run.json is missing or damaged.
  [[nodiscard]] Value run() const;
  void write(std::int64_t number, const Chunk& chunk);
  /// Nothing where the chunk is missing or damaged (then it is to be made again).
  [[nodiscard]] std::optional<Chunk> read(std::int64_t number) const;
  /// Whether the chunks 0 to count - 1 are there.
  [[nodiscard]] bool has_all(std::int64_t count) const;
  void remove();

  /// While it lives, no other process has the folder's lock; a killed one loses it.
  class Lock {
   public:
    explicit Lock(int descriptor) : descriptor_{descriptor} {}
    ~Lock();
    Lock(Lock&& other) noexcept : descriptor_{std::exchange(other.descriptor_, -1)} {}
    Lock& operator=(Lock&&) = delete;

   private:
    int descriptor_;
  };
  /// Waits for the lock. Throws Error where the folder cannot be opened.
  [[nodiscard]] Lock lock() const;

 private:
  [[nodiscard]] std::filesystem::path file(std::int64_t number) const;

  std::filesystem::path folder_;
};

}  // namespace lensfind::score
