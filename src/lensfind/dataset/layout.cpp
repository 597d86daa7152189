#include "lensfind/dataset/layout.h"

#include <algorithm>
#include <array>
#include <unordered_map>

#include <fmt/format.h>

#include "lensfind/base/csv.h"
#include "lensfind/base/error.h"
#include "lensfind/base/label.h"
#include "lensfind/cutouts/path_list.h"
#include "lensfind/dataset/listed_files.h"
#include "lensfind/sky/seeing_columns.h"
#include "lensfind/sky/table.h"

namespace lensfind::dataset {
namespace {

namespace fs = std::filesystem;

constexpr const char* layouts_hint =
    "a set is a folder with {train,test}_{lenses,nonlenses}/<id>.npy, a folder with train.npy and train.csv, a CSV with the columns "
    "path,label, or a folder of .npy, .npz or FITS files";

struct ClassFolder {
  const char* name;
  Split split;
  Label label;
};

// Folders without a part belong to sets that were never divided.
constexpr std::array<ClassFolder, 6> class_folders{{{"train_lenses", Split::train, Label::lens},
                                                    {"train_nonlenses", Split::train, Label::non_lens},
                                                    {"test_lenses", Split::test, Label::lens},
                                                    {"test_nonlenses", Split::test, Label::non_lens},
                                                    {"lenses", Split::all, Label::lens},
                                                    {"nonlenses", Split::all, Label::non_lens}}};

/// Which of the parts that a set has is meant, and what to say where it lacks the one asked for.
Split resolve_split(Split wanted, bool has_train, bool has_test, const fs::path& root, std::vector<std::string>& notes) {
  if (wanted == Split::test && !has_test) {
    notes.push_back(fmt::format("{} has no test split: all its samples are used", root.string()));
    return Split::all;
  }
  if (wanted == Split::train && !has_train) {
    if (has_test)
      throw Error{root.string() + ": has only a test split, and the train split was asked for",
                  "give the set that holds train_lenses and train_nonlenses"};
    return Split::all;
  }
  return wanted;
}

void list_class_folders(FileLister& files, Split split, Listing& listing) {
  const fs::path& root = files.root();
  const auto has = [&](Split of) {
    return std::ranges::any_of(class_folders,
                               [&](const ClassFolder& folder) { return folder.split == of && fs::is_directory(root / folder.name); });
  };
  listing.split = resolve_split(split, has(Split::train), has(Split::test), root, listing.notes);
  for (const ClassFolder& folder : class_folders) {
    if (!fs::is_directory(root / folder.name) || (listing.split != Split::all && folder.split != listing.split)) continue;
    files.add(root / folder.name, folder.label, folder.split, listing.samples);
  }
}

Label label_of(std::string_view text, const auto& table) {
  if (const auto label = label_from_text(text)) return *label;
  throw Error{fmt::format("{}: the label is \"{}\"", table.where(), text), label_hint};
}

/// NAME.npy with NAME.csv (id,label), a row an image.
void list_stack(const FileLister& files, const std::string& name, std::vector<ListedSample>& samples,
                std::unordered_map<std::string, std::string>& row_names) {
  const fs::path path = files.root() / (name + ".npy");
  const cutouts::StackSource images = cutouts::stack_source(path);
  CsvReader table{files.root() / (name + ".csv")};
  const std::size_t id = table.column("id");
  const std::size_t label = table.column("label");
  std::int64_t row = 0;
  for (; table.next(); ++row) {
    samples.push_back(files.image(path, images.source, row, name + ".npy", label_of(table[label], table)));
    samples.back().sample.split = value_named<Split>(name);
    row_names.emplace(samples.back().sample.id, table[id]);
  }
  if (row != images.count) {
    throw Error{fmt::format("{}: holds {} images, but {}.csv has {} rows", path.string(), images.count, name, row),
                "each image has one row, in the same order"};
  }
}

bool has_stack(const fs::path& root, const char* name) {
  return fs::exists(root / (std::string{name} + ".npy")) && fs::exists(root / (std::string{name} + ".csv"));
}

void list_stacks(const FileLister& files, Split split, Listing& listing, std::unordered_map<std::string, std::string>& row_names) {
  const fs::path& root = files.root();
  const bool has_train = has_stack(root, "train");
  const bool has_test = has_stack(root, "test");
  listing.split = resolve_split(split, has_train, has_test, root, listing.notes);
  if (has_train && listing.split != Split::test) list_stack(files, "train", listing.samples, row_names);
  if (has_test && listing.split != Split::train) list_stack(files, "test", listing.samples, row_names);
}

/// A table of any kind with the columns path and, if there are such, label and group.
void list_table(const fs::path& path, FileLister& files, Split split, Listing& listing) {
  const auto table = sky::open_table(path);
  const std::vector<std::string>& columns = table->columns();
  const auto find = [&](const char* name) -> std::optional<std::size_t> {
    const auto found = std::ranges::find(columns, name, sky::bare_name);
    return found == columns.end() ? std::nullopt : std::optional{static_cast<std::size_t>(found - columns.begin())};
  };
  const std::size_t file = cutouts::path_column(columns, path);
  const std::optional<std::size_t> label = find("label"), group = find("group");
  const sky::SeeingColumns seeing{columns};
  listing.seeing_bands = seeing.bands();
  for (std::vector<std::string_view> fields; table->next(fields);) {
    if (fields[file].empty())
      throw Error{table->where() + ": the path is empty", "give each row the path of a file, relative to the table"};
    const std::size_t before = listing.samples.size();
    files.add_row(fields[file], label ? label_of(fields[*label], *table) : Label::unknown, group ? std::string{fields[*group]} : "",
                  listing.samples);
    if (listing.samples.size() == before) continue;
    for (const std::size_t place : seeing.places()) listing.samples.back().seeing.push_back(sky::seeing_in(fields[place]));
  }
  listing.split = resolve_split(split, false, false, path, listing.notes);
}

/// What a simulated set's truth.csv says by id: the object, by its column group, and the seeing. `row_names` are the ids that a stack's own
/// table gives.
void take_truth(const fs::path& truth, const std::unordered_map<std::string, std::string>& row_names, Listing& listing) {
  if (!fs::exists(truth)) return;
  CsvReader table{truth};
  const std::optional<std::size_t> id = table.find("id");
  const std::optional<std::size_t> group = table.find("group");
  const sky::SeeingColumns seeing{table.columns()};
  if (!id) return;
  struct Row {
    std::string group;
    std::vector<float> seeing;
  };
  std::unordered_map<std::string, Row> rows;
  while (table.next()) {
    Row row{group ? std::string{table[*group]} : "", {}};
    for (const std::size_t place : seeing.places()) row.seeing.push_back(sky::seeing_in(table[place]));
    rows.emplace(table[*id], std::move(row));
  }
  listing.seeing_bands = seeing.bands();
  for (ListedSample& listed : listing.samples) {
    const auto name = row_names.find(listed.sample.id);
    const auto found = rows.find(name == row_names.end() ? listed.sample.id : name->second);
    if (found == rows.end()) continue;
    if (!found->second.group.empty()) listed.sample.group = found->second.group;
    listed.seeing = found->second.seeing;
  }
}

void list_directory(FileLister& files, Split split, Listing& listing) {
  const fs::path& root = files.root();
  std::unordered_map<std::string, std::string> row_names;
  if (std::ranges::any_of(class_folders, [&](const ClassFolder& folder) { return fs::is_directory(root / folder.name); })) {
    list_class_folders(files, split, listing);
  } else if (has_stack(root, "train") || has_stack(root, "test")) {
    list_stacks(files, split, listing, row_names);
  } else {
    files.add(root, Label::unknown, Split::all, listing.samples);
    listing.split = resolve_split(split, false, false, root, listing.notes);
  }
  take_truth(root / "truth.csv", row_names, listing);
}

Listing list_path(const fs::path& path, Split split, const std::vector<std::string>& bands) {
  if (!fs::exists(path)) throw Error{path.string() + ": there is no such file or folder", "check the path; " + std::string{layouts_hint}};
  Listing listing;
  const bool folder = fs::is_directory(path);
  listing.root = folder ? path : path.has_parent_path() ? path.parent_path() : fs::path{"."};
  FileLister files{listing.root, bands};
  if (folder) {
    list_directory(files, split, listing);
  } else if (cutouts::is_table_name(path)) {
    list_table(path, files, split, listing);
  } else {
    files.add(path, Label::unknown, Split::all, listing.samples);
    listing.split = resolve_split(split, false, false, path, listing.notes);
  }
  if (files.passed_over().count > 0) listing.notes.push_back(files.passed_over().text());
  return listing;
}

}  // namespace

Listing list_samples(const fs::path& path, Split split, const std::vector<std::string>& bands) {
  Listing listing;
  try {
    listing = list_path(path, split, bands);
  } catch (const fs::filesystem_error& error) {
    throw Error{fmt::format("{}: {}", error.path1().string(), error.code().message()), "check the folder's permissions and the disk"};
  }
  if (listing.samples.empty()) {
    const std::string for_split = listing.split == Split::all ? "" : fmt::format(" for {}", name_of(listing.split));
    throw Error{fmt::format("{}: holds no cutouts{}", path.string(), for_split), layouts_hint};
  }
  return listing;
}

}  // namespace lensfind::dataset
