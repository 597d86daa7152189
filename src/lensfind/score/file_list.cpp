#include "lensfind/score/file_list.h"

#include <algorithm>
#include <fstream>
#include <memory>

#include <fmt/format.h>

#include "lensfind/base/csv.h"
#include "lensfind/base/error.h"
#include "lensfind/image/fits.h"
#include "lensfind/score/folder_walk.h"

namespace lensfind::score {
namespace {

namespace fs = std::filesystem;

bool is_cutout_name(const fs::path& name) { return name.extension() == ".npy" || name.extension() == ".npz" || is_fits_name(name); }

/// ".npy", ".fits.gz": all that is no part of the id.
std::string suffix_of(const fs::path& name) {
  const std::string last = name.extension().string();
  if (is_fits_name(name) && (last == ".gz" || last == ".fz")) return name.stem().extension().string() + last;
  return last;
}

std::string without_suffix(const fs::path& name) {
  const std::string text = name.generic_string();
  return text.substr(0, text.size() - suffix_of(name).size());
}

ListedFile listed(const fs::path& path, const fs::path& name) { return {path, name.generic_string(), without_suffix(name), false, {}}; }

/// How the files of one band are named: a path with {id} and {band} in it.
class BandPattern {
 public:
  BandPattern(std::vector<std::string> bands, std::string pattern) : bands_{std::move(bands)}, pattern_{std::move(pattern)} {
    if (pattern_.empty()) return;
    for (const char* part : {"{id}", "{band}"}) {
      const auto found = pattern_.find(part);
      if (found == std::string::npos || pattern_.find(part, found + 1) != std::string::npos)
        throw Error{fmt::format("the pattern '{}' does not hold {} once", pattern_, part), "write it as {band}/cutout-{id}.fits"};
    }
    if (bands_.size() < 2) throw Error{"a pattern needs the names of at least two bands", "name each with --band, in the model's order"};
  }

  /// Takes a file that holds one band as its whole object; leaves others as they are.
  [[nodiscard]] ListedFile whole_object(ListedFile file) const {
    if (bands_.size() < 2 || !is_fits_name(file.path)) return file;
    const std::string pattern = pattern_.empty() ? "{id}_{band}" + suffix_of(file.path) : pattern_;
    const fs::path root = file.path.native().substr(0, file.path.native().size() - std::min(file.path.native().size(), file.name.size()));
    for (const std::string& band : bands_) {
      const std::string named = with(pattern, "{band}", band);
      const auto at = named.find("{id}");
      const std::size_t behind = named.size() - at - 4;
      if (file.name.size() <= at + behind || !file.name.starts_with(named.substr(0, at)) || !file.name.ends_with(named.substr(at + 4)))
        continue;
      const std::string id = file.name.substr(at, file.name.size() - at - behind);
      for (const std::string& other : bands_) file.bands.push_back(root / with(with(pattern, "{band}", other), "{id}", id));
      if (!file.id_given) file.id = id;
      file.name = with(with(pattern, "{band}", "*"), "{id}", id);
      return file;
    }
    return file;
  }

 private:
  static std::string with(std::string text, std::string_view part, const std::string& value) {
    return text.replace(text.find(part), part.size(), value);
  }

  std::vector<std::string> bands_;
  std::string pattern_;
};

/// Whether a file is the one of its object's bands that stands for all: the first that there is.
bool is_first_band(const ListedFile& file) {
  std::error_code unknown;
  for (const fs::path& band : file.bands) {
    if (band == file.path) return true;
    if (fs::exists(band, unknown)) return false;
  }
  return true;
}

FileList files_of_folder(const fs::path& folder, const BandPattern& bands) {
  return [folder, bands, walk = std::make_shared<FolderWalk>(folder, is_cutout_name)]() -> std::optional<ListedFile> {
    while (const std::optional<fs::path> relative = walk->next()) {
      ListedFile file = bands.whole_object(listed(folder / *relative, *relative));
      if (file.bands.empty() || is_first_band(file)) return file;
    }
    return {};
  };
}

FileList one_file(const fs::path& path, const BandPattern& bands) {
  return [file = std::optional{bands.whole_object(listed(path, path.filename()))}]() mutable { return std::exchange(file, std::nullopt); };
}

FileList lines_of(const fs::path& list, const BandPattern& bands) {
  auto file = std::make_shared<std::ifstream>(list);
  if (!*file) throw Error{list.string() + ": the list cannot be read", "check its permissions"};
  return [list, bands, file]() -> std::optional<ListedFile> {
    std::string line;
    while (std::getline(*file, line)) {
      if (line.ends_with('\r')) line.pop_back();
      if (!line.empty() && line[0] != '#') return bands.whole_object(listed(list.parent_path() / line, line));
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
    ListedFile file = bands.whole_object(listed(list.parent_path() / name, name));
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
  if (is_cutout_name(argument)) return one_file(argument, bands);
  if (argument.extension() == ".txt") return without_repeated_objects(lines_of(argument, bands));
  if (argument.extension() == ".csv") return without_repeated_objects(rows_of(argument, bands));
  throw Error{argument.string() + ": inputs of this kind are not known",
              "give a folder, an .npy or .npz cutout or stack, a FITS cutout, or a .txt or .csv list of paths"};
}

}  // namespace lensfind::score
