#pragma once

#include <filesystem>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "lensfind/cutouts/band_files.h"
#include "lensfind/cutouts/passed_over.h"
#include "lensfind/dataset/layout.h"

namespace lensfind::dataset {

/// Makes samples of a set's files. Ids are relative to its root.
class FileLister {
 public:
  FileLister(std::filesystem::path root, std::vector<std::string> bands);

  /// Adds all cutouts that an INPUT of `score` stands for (cutouts/file_list.h): those of a folder at any depth and the images of its
  /// stacks, or a file, or a list. A file that cannot be read is one cutout; it is set aside by name when it is read.
  void add(const std::filesystem::path& input, Label label, Split split, std::vector<ListedSample>& samples);
  /// Adds a file as one cutout, or one image of a stack where `path` ends in `#i`. Adds nothing where it is one of an object's bands for
  /// which another stands.
  void add_row(std::string_view path, Label label, const std::string& group, std::vector<ListedSample>& samples);
  /// An image of a stack, which is called `name`.
  [[nodiscard]] static ListedSample image(const std::filesystem::path& path, const std::shared_ptr<const cutouts::Source>& stack,
                                          std::int64_t index, const std::string& name, Label label);

  [[nodiscard]] const std::filesystem::path& root() const { return root_; }
  /// Files in the folders that are no cutouts.
  [[nodiscard]] const cutouts::PassedOver& passed_over() const { return passed_over_; }

 private:
  [[nodiscard]] std::shared_ptr<const cutouts::Source> stack(const std::filesystem::path& path);

  std::filesystem::path root_;
  std::vector<std::string> bands_;
  cutouts::BandPattern pattern_;
  cutouts::PassedOver passed_over_;
  std::unordered_map<std::string, std::shared_ptr<const cutouts::Source>> stacks_;  ///< stacks of which rows have named images, by path
};

}  // namespace lensfind::dataset
