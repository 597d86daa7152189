#pragma once

#include <cstddef>
#include <filesystem>
#include <span>
#include <string>
#include <string_view>

namespace lensfind {

/// Whether a finished file must survive a power failure (models, checkpoints, manifests, finished chunks) or only a killed program.
enum class Durability { survives_kill, survives_power_loss };

/// A file that appears under its name only when it is whole: bytes go to `<path>.tmp-<pid>-<n>` in the same folder, commit() renames.
/// Destroyed without commit(), it leaves nothing. Throws Error with the system's words (a full disk, no permission).
class AtomicFile {
 public:
  explicit AtomicFile(std::filesystem::path path, Durability durability = Durability::survives_kill);
  ~AtomicFile();
  AtomicFile(const AtomicFile&) = delete;
  AtomicFile& operator=(const AtomicFile&) = delete;

  void write(std::span<const std::byte> bytes);
  void write(std::string_view text);
  void commit();

 private:
  void flush();

  std::filesystem::path path_, temporary_;
  Durability durability_;
  int descriptor_ = -1;
  std::string buffer_;
};

/// Writes a whole file at once, atomically.
void write_file(const std::filesystem::path& path, std::string_view bytes, Durability durability = Durability::survives_kill);

/// A temporary name beside `path`, for writers that need a path of their own (CFITSIO, gnuplot, SQLite).
std::filesystem::path temporary_beside(const std::filesystem::path& path);

/// A folder that appears under its name only when it is whole: fill `path()`, then commit(). Destroyed without commit(), it leaves nothing.
/// Where the final folder exists already, the constructor throws Error, or with `overwrite` commit() replaces it.
class AtomicFolder {
 public:
  explicit AtomicFolder(std::filesystem::path final_path, bool overwrite = false);
  ~AtomicFolder();
  AtomicFolder(const AtomicFolder&) = delete;
  AtomicFolder& operator=(const AtomicFolder&) = delete;

  [[nodiscard]] const std::filesystem::path& path() const { return temporary_; }
  void commit();

 private:
  std::filesystem::path final_, temporary_;
  bool overwrite_;
};

/// Throws Error where `out` exists and may not be replaced; the hint names --overwrite (and --resume where `resumable`).
void require_absent(const std::filesystem::path& out, bool resumable = false);

/// Removes what a killed process of this machine left in `folder`: `*.tmp-<pid>-<n>` entries whose process no longer runs; with `name`,
/// only those of that final name.
void remove_stale_temporaries(const std::filesystem::path& folder, const std::string& name = "");

}  // namespace lensfind
