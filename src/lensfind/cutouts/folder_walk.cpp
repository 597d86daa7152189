#include "lensfind/cutouts/folder_walk.h"

#include <algorithm>

#include <sys/stat.h>

#include "lensfind/base/error.h"
#include "lensfind/base/natural_order.h"

namespace lensfind::cutouts {
namespace {

namespace fs = std::filesystem;

[[noreturn]] void fail(const fs::path& folder, const std::error_code& error) {
  throw Error{folder.string() + ": the folder cannot be read: " + error.message(),
              "make it readable (a mount may have gone) and go on with --resume, or leave it out"};
}

bool lies_in(const fs::path& path, const fs::path& folder) {
  return std::mismatch(folder.begin(), folder.end(), path.begin(), path.end()).first == folder.end();
}

void sort_last_first(std::vector<std::string>& names) {
  std::ranges::sort(names, [](const std::string& a, const std::string& b) { return natural_less(b, a); });
}

}  // namespace

FolderWalk::FolderWalk(fs::path root, Wanted wanted, Entered entered)
    : root_{std::move(root)}, wanted_{std::move(wanted)}, told_{std::move(entered)} {
  std::error_code error;
  real_root_ = fs::canonical(root_, error);
  if (error) fail(root_, error);
}

std::optional<std::string> FolderWalk::next() {
  if (entered_.empty() && is_new_folder({}, false)) enter({});
  while (!open_.empty()) {
    Folder& folder = open_.back();
    if (!folder.files.empty()) {
      std::string file = folder.inside + folder.files.back();
      folder.files.pop_back();
      return file;
    }
    if (folder.folders.empty()) {
      open_.pop_back();
      continue;
    }
    const fs::path inner = folder.relative / folder.folders.back();
    folder.folders.pop_back();
    std::error_code error;
    if (is_new_folder(inner, fs::is_symlink(root_ / inner, error))) enter(inner);
  }
  return {};
}

void FolderWalk::enter(const fs::path& relative) {
  std::error_code error;
  fs::directory_iterator entries{root_ / relative, error};
  Folder folder{relative, (relative / "").native(), {}, {}};
  for (; !error && entries != fs::directory_iterator{}; entries.increment(error)) {
    std::string name = entries->path().filename().string();
    if (name.starts_with('.')) continue;
    std::error_code unknown;  // a link that leads nowhere: it is listed as a file, and set aside by name
    if (entries->is_directory(unknown)) {
      folder.folders.push_back(std::move(name));
    } else if (wanted_(folder.inside, name)) {
      folder.files.push_back(std::move(name));
    }
  }
  if (error) fail(root_ / relative, error);
  sort_last_first(folder.files);
  sort_last_first(folder.folders);
  if (told_) told_(folder.inside, folder.files);
  open_.push_back(std::move(folder));
}

bool FolderWalk::is_new_folder(const fs::path& relative, bool link) {
  struct stat status {};
  if (::stat((root_ / relative).c_str(), &status) != 0) fail(root_ / relative, {errno, std::generic_category()});
  if (link) {
    // What lies in the tree is met at its own place, under its own name.
    std::error_code error;
    const fs::path real = fs::canonical(root_ / relative, error);
    if (error || lies_in(real, real_root_)) return false;
  }
  return entered_.emplace(status.st_dev, status.st_ino).second;
}

}  // namespace lensfind::cutouts
