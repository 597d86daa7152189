#pragma once

#include <cstddef>
#include <filesystem>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "lensfind/base/namespace.h"

namespace lensfind::base {

/// Whether a finished file must survive a power failure (models, checkpoints, manifests, finished chunks) or only a killed program.
enum class Durability { survives_kill, survives_power_loss };

/// A file that appears under its name only when it is whole. Bytes go to a new file beside it under a name that nobody can guess; commit()
/// renames it. Destroyed without commit(), it leaves nothing. Throws Error with the system's words (a full disk, no permission), and where
/// a pipe or device has the name.
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

/// Throws Error where `out` exists and may not be replaced. The hint names --overwrite (and --resume where `resumable`).
void require_absent(const std::filesystem::path& out, bool resumable = false);

/// Throws Error where no file can be made of the name `out`: it is empty, a folder, a pipe or a device; it is one of `inputs`, which are
/// read; or it exists and `overwrite` is not given. Clears away what killed runs left beside it.
void require_output_file(const std::filesystem::path& out, bool overwrite, const std::vector<std::filesystem::path>& inputs = {});

/// Removes what a killed process of this machine left in `folder`: entries with temporary names (temporary_name.h) whose process no longer
/// runs. With `name`, only those of that final name.
void remove_stale_temporaries(const std::filesystem::path& folder, const std::string& name = "");

/// What the system says of a failure to write, as Error.
[[noreturn]] void throw_write_error(const std::filesystem::path& path, int error);

}  // namespace lensfind::base
