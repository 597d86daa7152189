#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "lensfind/image/image.h"

namespace lensfind::score {

/// Something that pixels are read from: a file, a stack.
class Source {
 public:
  virtual ~Source() = default;
  /// The cutout in its own size, float32. From any thread. Throws Error where it cannot be read.
  [[nodiscard]] virtual Image read(std::int64_t index) const = 0;
};

/// One cutout that is to be scored.
struct Input {
  std::string id;                        ///< path relative to the INPUT folder without suffix ("sub/12"), or "stack.npy#12"
  std::string name;                      ///< as the table of rejected inputs names it ("sub/12.npy")
  std::shared_ptr<const Source> source;  ///< null: already known to be unreadable
  std::int64_t index = 0;                ///< in the source
  std::string problem;                   ///< why it is unreadable, where the source is null
};

/// The cutouts that INPUT arguments stand for, one after the other, always in the same order:
/// - a folder: its .npy files at any depth, in natural order of names (2 before 10); other files are passed over. Links to folders are
///   followed, but no folder is entered twice, so loops end;
/// - an .npy file: a cutout, or a stack (n, bands, height, width) of n;
/// - a .txt file: a path a line, or a .csv file with a column `path` and optionally `id`; relative to the list. Empty lines and, in .txt,
/// lines
///   that begin with # are passed over.
/// Only the names of one folder (and of those it lies in) are held in memory.
class InputStream {
 public:
  /// Throws Error where an argument does not exist or is of no known kind.
  explicit InputStream(std::vector<std::filesystem::path> arguments);
  ~InputStream();
  InputStream(InputStream&&) noexcept;
  InputStream& operator=(InputStream&&) noexcept;

  /// The next input, or nothing at the end. Throws Error where a folder or list cannot be read (a mount that has gone): that is no reason
  /// to set inputs aside.
  std::optional<Input> next();
  /// Passes over `count` inputs, of stacks without looking at each. Returns how many there were.
  std::int64_t skip(std::int64_t count);

 private:
  struct State;
  std::unique_ptr<State> state_;
};

/// Pixels of an input as the network wants them: of `wanted`'s bands, larger ones cut at their centre, all finite. Throws Error with the
/// reason where it does not fit.
void read_input(const Input& input, MutableImageView wanted);

}  // namespace lensfind::score
