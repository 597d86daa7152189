#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

namespace lensfind::cutouts {

/// The files of a folder at any depth that are `wanted`, always in the same order: those of a folder in natural order of names, then its
/// subfolders one by one. Hidden entries are passed over. A link to a folder is followed where it leads out of the tree. No folder is
/// entered twice, so loops end. Memory holds the names of one folder and of those it lies in only.
class FolderWalk {
 public:
  /// Whether a file is wanted. It gets the file's name and the folder `inside` the root in which it lies ("sub/"; empty: the root itself).
  using Wanted = std::function<bool(const std::string& inside, const std::string& name)>;
  /// Is told the wanted files of each folder when it is entered.
  using Entered = std::function<void(const std::string& inside, const std::vector<std::string>& files)>;

  /// Throws Error where there is no such folder.
  FolderWalk(std::filesystem::path root, Wanted wanted, Entered entered = {});

  /// Path of the next file relative to the root, or nothing at the end. Throws Error where a folder cannot be read.
  std::optional<std::string> next();

 private:
  struct Folder {
    std::filesystem::path relative;
    std::string inside;                       ///< the same with a slash behind; empty for the root
    std::vector<std::string> files, folders;  ///< names, the next one last
  };

  void enter(const std::filesystem::path& relative);
  bool is_new_folder(const std::filesystem::path& relative, bool link);

  std::filesystem::path root_, real_root_;
  Wanted wanted_;
  Entered told_;
  std::vector<Folder> open_;                                   ///< from the root to where the walk is
  std::set<std::pair<std::uint64_t, std::uint64_t>> entered_;  ///< device and inode
};

}  // namespace lensfind::cutouts
