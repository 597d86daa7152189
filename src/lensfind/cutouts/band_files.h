#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace lensfind::cutouts {

/// An object whose bands are FITS files of their own.
struct BandFiles {
  std::string id;                            ///< "sub/NAME"
  std::string name;                          ///< "sub/NAME_*.fits"
  std::vector<std::filesystem::path> paths;  ///< in the order of the bands, whether they are there or not

  /// Whether `path` is the file that stands for all of them: the first that exists.
  [[nodiscard]] bool is_first(const std::filesystem::path& path) const;
};

/// How the files of one band are named: a path below a folder with {id} and {band} in it.
class BandPattern {
 public:
  /// Without a pattern files are named {id}_{band} and their suffix. With fewer than two bands no file is one of a band. Throws Error where
  /// the pattern does not hold {id} and {band} once each, or is given without names of bands.
  explicit BandPattern(std::vector<std::string> bands = {}, std::string pattern = {});

  /// Whether there are bands that files may be of.
  [[nodiscard]] bool joins_files() const { return bands_.size() >= 2; }
  /// The object to which the file `name` below `root` belongs as one band. Nothing where it is no band's file.
  [[nodiscard]] std::optional<BandFiles> object_of(const std::filesystem::path& root, const std::string& name) const;

 private:
  std::vector<std::string> bands_;
  std::string pattern_;
};

}  // namespace lensfind::cutouts
