#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>

#include "lensfind/base/folder_lock.h"
#include "lensfind/base/value.h"
#include "lensfind/score/readings.h"

namespace lensfind::score {

/// What a run made of some consecutive inputs: lines of the two tables, and what tells whether they look like what the model knows.
struct Chunk {
  std::string scores, rejected;
  std::int64_t scored_count = 0, rejected_count = 0;
  Readings readings = {};     ///< of the scored ones
  std::string measured = {};  ///< what some of them look like, a line each (likeness.h)
};

/// The finished chunks of a run on disk, in TABLE.parts/: run.json says what the run is, 000000.chunk... hold the rows with a checksum and
/// whose run they are of. A chunk is there whole or not at all, even after a power failure; one of another run is not there.
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
  /// The same, and from now on its chunks are read and written. begin() and join() do that for their run.
  Value take_up();
  void write(std::int64_t number, const Chunk& chunk);
  /// Nothing where the chunk is missing or damaged (then it is to be made again).
  [[nodiscard]] std::optional<Chunk> read(std::int64_t number) const;
  /// Whether the chunks 0 to count - 1 are there.
  [[nodiscard]] bool has_all(std::int64_t count) const;
  /// Throws Error, and removes nothing, where somebody keeps other files in it.
  void remove();

  /// Waits until no other process holds the folder's lock. Nothing where the folder has gone. Throws Error where it cannot be opened.
  [[nodiscard]] std::optional<FolderLock> lock() const;

 private:
  [[nodiscard]] std::filesystem::path file(std::int64_t number) const;

  std::filesystem::path folder_;
  std::string identity_;  ///< of the run
};

}  // namespace lensfind::score
