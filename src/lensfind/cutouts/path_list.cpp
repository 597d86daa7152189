#include "lensfind/cutouts/path_list.h"

#include <algorithm>
#include <array>
#include <istream>
#include <memory>
#include <string_view>
#include <utility>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "lensfind/base/error.h"
#include "lensfind/base/text_stream.h"
#include "lensfind/sky/seeing_columns.h"
#include "lensfind/sky/table.h"

namespace lensfind::cutouts {
namespace {

namespace fs = std::filesystem;

// As sky::bare_name() has them, in order of preference.
constexpr std::array path_names{"path",      "file",   "filename",   "filepath",   "fname", "image",    "imagepath",
                                "imagefile", "cutout", "cutoutpath", "cutoutfile", "fits",  "fitsfile", "npy"};

/// What a row says of its file.
class PathTable {
 public:
  PathTable(fs::path table, BandPattern bands, const ListOptions& options)
      : table_{std::move(table)}, bands_{std::move(bands)}, names_{options.bands} {
    rows_ = sky::open_table(table_);
    seeing_.emplace(rows_->columns());
    const std::vector<std::string>& columns = rows_->columns();
    path_ = path_column(columns, table_);
    std::vector<std::string> notes;
    id_ = sky::find_id_column(columns, options.columns.id, table_, notes);
    const bool named = !options.columns.ra.empty() || !options.columns.dec.empty();
    if (named || sky::PositionColumns::are_in(rows_->heads(), options.columns))
      position_.emplace(rows_->heads(), table_, options.columns, notes);
    if (options.findings) options.findings->notes.insert(options.findings->notes.end(), notes.begin(), notes.end());
  }

  std::optional<ListedFile> next() {
    if (!rows_->next(fields_)) return {};
    const fs::path name{std::string{fields_[path_]}};
    if (name.empty()) throw Error{rows_->where() + ": the path is empty", "give each row the path of a file, relative to the list"};
    ListedFile file = object_of(listed_file(table_.parent_path() / name, name.generic_string()), bands_);
    if (id_ && !fields_[*id_].empty()) {
      file.id = std::string{fields_[*id_]};
      file.id_given = true;
    }
    if (position_) file.position = position_->of(fields_);
    if (!seeing_->places().empty()) {
      std::vector<float> values;
      for (const std::size_t place : seeing_->places()) values.push_back(sky::seeing_in(fields_[place]));
      file.seeing = sky::seeing_by_band(values, seeing_->bands(), names_);
    }
    return file;
  }

 private:
  fs::path table_;
  BandPattern bands_;
  std::vector<std::string> names_;  ///< of the model's bands
  std::optional<sky::SeeingColumns> seeing_;
  std::unique_ptr<sky::TableReader> rows_;
  std::vector<std::string_view> fields_;
  std::size_t path_ = 0;
  std::optional<std::size_t> id_;
  std::optional<sky::PositionColumns> position_;
};

}  // namespace

ListedFile listed_file(fs::path path, std::string name) {
  ListedFile file{.path = std::move(path), .name = std::move(name)};
  file.id = file.name.substr(0, file.name.size() - cutout_suffix(file.name).size());
  file.kind = kind_of_file(file.path);
  return file;
}

ListedFile object_of(ListedFile file, const BandPattern& bands) {
  const std::string& path = file.path.native();
  std::optional<BandFiles> object = bands.object_of(path.substr(0, path.size() - std::min(path.size(), file.name.size())), file.name);
  if (!object) return file;
  file.name = std::move(object->name);
  file.bands = std::move(object->paths);
  if (!file.id_given) file.id = std::move(object->id);
  return file;
}

std::size_t path_column(const std::vector<std::string>& columns, const fs::path& table) {
  for (const char* name : path_names) {
    const auto found = std::ranges::find(columns, name, sky::bare_name);
    if (found != columns.end()) return static_cast<std::size_t>(found - columns.begin());
  }
  throw Error{fmt::format("{}: has no column of paths among {}", table.string(), fmt::join(columns, ", ")),
              "call it path or file; paths are relative to the list. Objects to cut from fields are given with --catalogue"};
}

FileList lines_of(const fs::path& list, const BandPattern& bands) {
  const std::shared_ptr<std::istream> file = open_text(list);
  return [list, bands, file, first = true]() mutable -> std::optional<ListedFile> {
    std::string line;
    while (std::getline(*file, line)) {
      if (std::exchange(first, false) && line.starts_with("\xEF\xBB\xBF")) line.erase(0, 3);
      line.erase(line.find_last_not_of(" \t\r") + 1);
      if (!line.empty() && line[0] != '#') return object_of(listed_file(list.parent_path() / line, fs::path{line}.generic_string()), bands);
    }
    if (file->bad()) throw Error{list.string() + ": the list cannot be read to its end", "check the disk and go on with --resume"};
    return {};
  };
}

FileList rows_of(const fs::path& table, const BandPattern& bands, const ListOptions& options) {
  return [rows = std::make_shared<PathTable>(table, bands, options)] { return rows->next(); };
}

}  // namespace lensfind::cutouts
