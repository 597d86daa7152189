#include "lensfind/cutouts/file_list.h"

#include <algorithm>
#include <fstream>
#include <memory>

#include "lensfind/base/csv.h"
#include "lensfind/base/error.h"
#include "lensfind/base/open_file.h"
#include "lensfind/cutouts/band_files.h"
#include "lensfind/cutouts/folder_walk.h"
#include "lensfind/image/fits.h"

namespace lensfind::cutouts {
namespace {

namespace fs = std::filesystem;

bool is_cutout_name(std::string_view name) {
  const std::string_view suffix = suffix_of(name);
  return suffix == ".npy" || suffix == ".npz" || has_fits_suffix(name);
}

ListedFile listed(fs::path path, std::string name) {
  std::string id = name.substr(0, name.size() - cutout_suffix(name).size());
  return {std::move(path), std::move(name), std::move(id), false, {}};
}

/// Takes a file that holds one band as its whole object; leaves others as they are.
ListedFile whole_object(ListedFile file, const BandPattern& bands) {
  const std::string& path = file.path.native();
  std::optional<BandFiles> object = bands.object_of(path.substr(0, path.size() - std::min(path.size(), file.name.size())), file.name);
  if (!object) return file;
  file.name = std::move(object->name);
  file.bands = std::move(object->paths);
  if (!file.id_given) file.id = std::move(object->id);
  return file;
}

FileList files_of_folder(const fs::path& folder, const BandPattern& bands) {
  return
      [inside = (folder / "").native(), bands, walk = std::make_shared<FolderWalk>(folder, is_cutout_name)]() -> std::optional<ListedFile> {
        while (std::optional<std::string> relative = walk->next()) {
          fs::path path{inside + *relative};
          ListedFile file = whole_object(listed(std::move(path), std::move(*relative)), bands);
          if (file.bands.empty() || BandFiles{.paths = file.bands}.is_first(file.path)) return file;
        }
        return {};
      };
}

FileList one_file(const fs::path& path, const BandPattern& bands) {
  return [file = std::optional{whole_object(listed(path, path.filename().native()), bands)}]() mutable {
    return std::exchange(file, std::nullopt);
  };
}

FileList lines_of(const fs::path& list, const BandPattern& bands) {
  require_regular_file(list);
  auto file = std::make_shared<std::ifstream>(list);
  if (!*file) throw Error{list.string() + ": the list cannot be read", "check its permissions"};
  return [list, bands, file]() -> std::optional<ListedFile> {
    std::string line;
    while (std::getline(*file, line)) {
      if (line.ends_with('\r')) line.pop_back();
      if (!line.empty() && line[0] != '#') return whole_object(listed(list.parent_path() / line, fs::path{line}.generic_string()), bands);
    }
    if (file->bad()) throw Error{list.string() + ": the list cannot be read to its end", "check the disk and go on with --resume"};
    return {};
  };
}

FileList rows_of(const fs::path& list, const BandPattern& bands) {
  const auto table = std::make_shared<CsvReader>(list);
  const std::size_t path = table->column("path");
  const std::optional<std::size_t> id = table->find("id");
  return [list, bands, table, path, id]() -> std::optional<ListedFile> {
    if (!table->next()) return {};
    const fs::path name{(*table)[path]};
    ListedFile file = whole_object(listed(list.parent_path() / name, name.generic_string()), bands);
    if (id) {
      file.id = (*table)[*id];
      file.id_given = true;
    }
    return file;
  };
}

/// Files of one object that follow each other in a list, or on the command line, are one.
FileList without_repeated_objects(FileList files) {
  return [files = std::move(files), last = std::vector<fs::path>{}]() mutable -> std::optional<ListedFile> {
    while (std::optional<ListedFile> file = files()) {
      if (!file->bands.empty() && file->bands == last) continue;
      last = file->bands;
      return file;
    }
    return {};
  };
}

}  // namespace

FileList files_of(const fs::path& argument, const std::vector<std::string>& band_names, const std::string& pattern) {
  const BandPattern bands{band_names, pattern};
  std::error_code error;
  const fs::file_status status = fs::status(argument, error);
  if (!fs::exists(status)) {
    throw Error{argument.string() + ": " + (error ? error.message() : "no such file or folder"),
                "give folders, .npy, .npz or FITS files, or lists of them"};
  }
  if (fs::is_directory(status)) return files_of_folder(argument, bands);
  if (is_cutout_name(argument.native())) return one_file(argument, bands);
  if (argument.extension() == ".txt") return without_repeated_objects(lines_of(argument, bands));
  if (argument.extension() == ".csv") return without_repeated_objects(rows_of(argument, bands));
  throw Error{argument.string() + ": inputs of this kind are not known",
              "give a folder, an .npy or .npz cutout or stack, a FITS cutout, or a .txt or .csv list of paths"};
}

}  // namespace lensfind::cutouts
