#include "lensfind/cutouts/file_list.h"

#include <algorithm>
#include <array>
#include <set>
#include <utility>

#include "lensfind/base/error.h"
#include "lensfind/cutouts/band_files.h"
#include "lensfind/cutouts/folder_walk.h"
#include "lensfind/cutouts/path_list.h"
#include "lensfind/image/fits.h"

namespace lensfind::cutouts {
namespace {

namespace fs = std::filesystem;

constexpr std::array line_suffixes{".txt", ".lst", ".list"};
constexpr std::array table_suffixes{".csv", ".tsv", ".ecsv", ".parquet", ".parq", ".pq", ".vot", ".votable", ".xml"};

bool has_suffix(const fs::path& path, const auto& suffixes) {
  std::string suffix{image::suffix_of(path.native())};
  for (char& letter : suffix)
    if (letter >= 'A' && letter <= 'Z') letter = static_cast<char>(letter + 32);
  return std::ranges::any_of(suffixes, [&](const char* known) { return suffix == known; });
}

/// The ids that several of a folder's files would have.
std::set<std::string> shared_ids(const fs::path& root, const std::string& inside, const std::vector<std::string>& files,
                                 const BandPattern& bands) {
  const auto suffix = [](const std::string& name) { return cutout_suffix(name); };
  if (!bands.joins_files() && std::ranges::adjacent_find(files, std::not_equal_to{}, suffix) == files.end()) return {};
  std::vector<std::pair<std::string, std::string>> ids;  // with the object's name
  for (const std::string& name : files) {
    ListedFile file = object_of(listed_file(root / inside / name, inside + name), bands);
    ids.emplace_back(std::move(file.id), std::move(file.name));
  }
  std::ranges::sort(ids);
  ids.erase(std::unique(ids.begin(), ids.end()), ids.end());
  std::set<std::string> shared;
  for (std::size_t i = 1; i < ids.size(); ++i) {
    if (ids[i].first == ids[i - 1].first) shared.insert(ids[i].first);
  }
  return shared;
}

/// Lists a folder.
class FolderFiles {
 public:
  FolderFiles(const fs::path& folder, BandPattern bands, std::shared_ptr<ListFindings> findings)
      : inside_{(folder / "").native()},
        bands_{std::move(bands)},
        findings_{std::move(findings)},
        walk_{folder, [this](const std::string& inside, const std::string& name) { return is_cutout(inside, name); },
              [this](const std::string& inside, const std::vector<std::string>& files) {
                shared_ = shared_ids(inside_, inside, files, bands_);
              }} {}
  FolderFiles(const FolderFiles&) = delete;
  FolderFiles& operator=(const FolderFiles&) = delete;

  std::optional<ListedFile> next() {
    while (std::optional<std::string> relative = walk_.next()) {
      fs::path path{inside_ + *relative};
      ListedFile file = object_of(listed_file(std::move(path), std::move(*relative)), bands_);
      if (!file.bands.empty() && !BandFiles{.paths = file.bands}.is_first(file.path)) continue;
      if (shared_.contains(file.id)) file.id = file.name;
      return file;
    }
    return {};
  }

 private:
  bool is_cutout(const std::string& inside, const std::string& name) {
    if (kind_by_name(name) != FileKind::none || kind_of_file(inside_ + inside + name) != FileKind::none) return true;
    if (findings_) findings_->passed_over.add(inside + name);
    return false;
  }

  std::string inside_;
  BandPattern bands_;
  std::shared_ptr<ListFindings> findings_;
  std::set<std::string> shared_;  ///< ids of several files of the folder that the walk is in
  FolderWalk walk_;
};

FileList files_of_folder(const fs::path& folder, const BandPattern& bands, const ListOptions& options) {
  return [files = std::make_shared<FolderFiles>(folder, bands, options.findings)] { return files->next(); };
}

FileList one_file(const fs::path& path, const BandPattern& bands) {
  return [file = std::optional{object_of(listed_file(path, path.filename().native()), bands)}]() mutable {
    return std::exchange(file, std::nullopt);
  };
}

/// An object is listed once, whichever and how many of its bands' files a list names.
FileList without_repeated_objects(FileList files) {
  return [files = std::move(files), seen = std::set<std::size_t>{}]() mutable -> std::optional<ListedFile> {
    while (std::optional<ListedFile> file = files()) {
      if (file->bands.empty() || seen.insert(fs::hash_value(file->bands.front())).second) return file;
    }
    return {};
  };
}

/// Names and ids with `folder` before them.
FileList with_folder(FileList files, const fs::path& folder) {
  const std::string before = (folder.lexically_normal() / "").generic_string();
  if (before == "./" || folder.empty()) return files;
  return [files = std::move(files), before]() -> std::optional<ListedFile> {
    std::optional<ListedFile> file = files();
    if (!file) return {};
    file->name = before + file->name;
    if (!file->id_given) file->id = before + file->id;
    return file;
  };
}

}  // namespace

bool is_list_name(const fs::path& argument) { return has_suffix(argument, line_suffixes) || is_table_name(argument); }
bool is_table_name(const fs::path& argument) { return has_suffix(argument, table_suffixes); }

FileList files_of(const fs::path& argument, const ListOptions& options) {
  const BandPattern bands{options.bands, options.pattern};
  std::error_code error;
  const fs::file_status status = fs::status(argument, error);
  if (!fs::exists(status)) {
    throw Error{argument.string() + ": " + (error ? error.message() : "no such file or folder"),
                "give folders, .npy, .npz or FITS files, or lists of them"};
  }
  const bool folder = fs::is_directory(status);
  const bool table = is_table_name(argument), list = is_list_name(argument);
  FileList files;
  if (folder) {
    files = files_of_folder(argument, bands, options);
  } else if (kind_by_name(argument.native()) != FileKind::none || (!table && !list && kind_of_file(argument) != FileKind::none)) {
    files = one_file(argument, bands);
  } else if (table) {
    files = without_repeated_objects(rows_of(argument, bands, options));
  } else if (list) {
    files = without_repeated_objects(lines_of(argument, bands));
  } else {
    throw Error{argument.string() + ": inputs of this kind are not known",
                "give a folder, an .npy or .npz cutout or stack, a FITS cutout, or a .txt or .csv list of paths"};
  }
  return options.long_ids ? with_folder(std::move(files), folder ? argument : argument.parent_path()) : files;
}

}  // namespace lensfind::cutouts
