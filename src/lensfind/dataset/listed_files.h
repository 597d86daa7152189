#pragma once

#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "lensfind/cutouts/band_files.h"
#include "lensfind/cutouts/npz_sources.h"
#include "lensfind/dataset/layout.h"

namespace lensfind {

/// Whether a file's name says that it holds cutouts: .npy, .npz or FITS.
bool is_cutout_name(const std::filesystem::path& path);

/// Makes samples of a set's files; ids are relative to its root.
class FileLister {
 public:
  FileLister(std::filesystem::path root, std::vector<std::string> bands);

  /// A file as one cutout; nothing where it is one of an object's bands for which another stands.
  [[nodiscard]] std::optional<ListedSample> cutout(const std::filesystem::path& path, Label label) const;
  /// The same under a name of its own, as tables have them for files elsewhere.
  [[nodiscard]] std::optional<ListedSample> cutout(const std::filesystem::path& path, const std::string& name, Label label) const;
  /// Adds a file as one cutout, or all images of a stack. A file that cannot be read is one cutout: it is set aside by name when it is
  /// read.
  void add(const std::filesystem::path& path, std::vector<ListedSample>& samples) const;
  /// An image of a stack, as `name` calls that.
  [[nodiscard]] ListedSample image(const std::filesystem::path& path, const std::shared_ptr<const cutouts::Source>& stack,
                                   std::int64_t index, const std::string& name, Label label) const;
  [[nodiscard]] const std::filesystem::path& root() const { return root_; }

 private:
  std::filesystem::path root_;
  std::vector<std::string> bands_;
  cutouts::BandPattern pattern_;
  std::shared_ptr<cutouts::NpzStacks> npz_stacks_ = std::make_shared<cutouts::NpzStacks>();
};

}  // namespace lensfind
