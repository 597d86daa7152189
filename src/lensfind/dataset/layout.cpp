#include "lensfind/dataset/layout.h"

#include <algorithm>
#include <array>
#include <set>
#include <unordered_map>

#include <fmt/format.h>

#include "lensfind/base/csv.h"
#include "lensfind/base/error.h"
#include "lensfind/dataset/natural_order.h"
#include "lensfind/image/fits.h"

namespace lensfind {
namespace {

namespace fs = std::filesystem;

constexpr const char* layouts_hint =
    "a set is a folder with {train,test}_{lenses,nonlenses}/<id>.npy, a folder with train.npy and train.csv, a CSV with the columns "
    "path,label, or a folder of .npy or FITS files";

struct ClassFolder {
  const char* name;
  Part part;
  Label label;
};

// Folders without a part belong to sets that were never divided.
constexpr std::array<ClassFolder, 6> class_folders{{{"train_lenses", Part::train, Label::lens},
                                                    {"train_nonlenses", Part::train, Label::non_lens},
                                                    {"test_lenses", Part::test, Label::lens},
                                                    {"test_nonlenses", Part::test, Label::non_lens},
                                                    {"lenses", Part::all, Label::lens},
                                                    {"nonlenses", Part::all, Label::non_lens}}};

bool is_cutout_name(const fs::path& path) { return path.extension() == ".npy" || is_fits_name(path); }

/// An id: the path relative to the root, without suffix, with `/` on every system.
std::string id_of(const fs::path& relative) {
  fs::path id = relative;
  if (is_fits_name(id) && (id.extension() == ".gz" || id.extension() == ".fz")) id.replace_extension();
  return id.replace_extension().generic_string();
}

bool by_natural_name(const fs::path& a, const fs::path& b) { return natural_less(a.filename().native(), b.filename().native()); }

/// A link that leads nowhere or round in circles is no folder; as a file it is set aside when it is read.
bool is_folder(const fs::directory_entry& entry) {
  std::error_code ignored;
  return entry.is_directory(ignored);
}

/// Files of one folder in natural order; hidden ones are passed over.
std::vector<fs::path> cutouts_in(const fs::path& folder) {
  std::vector<fs::path> found;
  for (const fs::directory_entry& entry : fs::directory_iterator{folder}) {
    const fs::path& path = entry.path();
    if (is_cutout_name(path) && !path.filename().string().starts_with('.') && !is_folder(entry)) found.push_back(path);
  }
  std::ranges::sort(found, by_natural_name);
  return found;
}

ListedSample listed_file(const fs::path& path, const fs::path& root, Label label) {
  const fs::path relative = path.lexically_relative(root);
  const std::string id = id_of(relative);
  return {{.id = id, .path = path, .label = label, .group = id}, {path, nullptr, -1}, relative.generic_string()};
}

ListedSample listed_image(const fs::path& path, const std::shared_ptr<const NpyStack>& stack, std::int64_t index,
                          const std::string& stack_name, Label label) {
  const std::string id = fmt::format("{}#{}", stack_name, index);
  return {{.id = id, .path = path, .index = index, .label = label, .group = id}, {path, stack, index}, id};
}

/// A file as one sample, or all images of a stack. A file that cannot be read is listed, so that it is set aside by name later.
void list_file(const fs::path& path, const fs::path& root, std::vector<ListedSample>& samples) {
  bool stack = false;
  try {
    stack = !is_fits_name(path) && is_npy_stack(path);
  } catch (const Error&) {
    stack = false;
  }
  if (!stack) {
    samples.push_back(listed_file(path, root, Label::unknown));
    return;
  }
  const auto images = std::make_shared<const NpyStack>(path);
  const std::string name = path.lexically_relative(root).generic_string();
  for (std::int64_t i = 0; i < images->size(); ++i) samples.push_back(listed_image(path, images, i, name, Label::unknown));
}

/// Which of the parts that a set has is meant, and what to say where it lacks the one asked for.
Part resolve_part(Part wanted, bool has_train, bool has_test, const fs::path& root, std::vector<std::string>& notes) {
  if (wanted == Part::test && !has_test) {
    notes.push_back(fmt::format("{} has no test part: all its samples are used", root.string()));
    return Part::all;
  }
  if (wanted == Part::train && !has_train) {
    if (has_test)
      throw Error{root.string() + ": has only a test part, and the train part was asked for",
                  "give the set that holds train_lenses and train_nonlenses"};
    return Part::all;
  }
  return wanted;
}

void list_class_folders(const fs::path& root, Part part, Listing& listing) {
  const auto has = [&](Part of) {
    return std::ranges::any_of(class_folders,
                               [&](const ClassFolder& folder) { return folder.part == of && fs::is_directory(root / folder.name); });
  };
  listing.part = resolve_part(part, has(Part::train), has(Part::test), root, listing.notes);
  for (const ClassFolder& folder : class_folders) {
    if (!fs::is_directory(root / folder.name) || (listing.part != Part::all && folder.part != listing.part)) continue;
    for (const fs::path& path : cutouts_in(root / folder.name)) {
      listing.samples.push_back(listed_file(path, root, folder.label));
      listing.samples.back().sample.part = folder.part;
    }
  }
}

/// "1", "0" or empty, also as 1.0 and 0.0.
Label label_of(std::string_view text, const CsvReader& table) {
  if (text.empty()) return Label::unknown;
  const std::optional<double> number = parse_number(text);
  if (number == 1.0) return Label::lens;
  if (number == 0.0) return Label::non_lens;
  throw Error{fmt::format("{}: the label is \"{}\"", table.where(), text), "1 is a lens, 0 is none, empty is unknown"};
}

/// NAME.npy with NAME.csv (id,label), a row an image.
void list_stack(const fs::path& root, const std::string& name, std::vector<ListedSample>& samples,
                std::unordered_map<std::string, std::string>& row_names) {
  const fs::path path = root / (name + ".npy");
  const auto images = std::make_shared<const NpyStack>(path);
  CsvReader table{root / (name + ".csv")};
  const std::size_t id = table.column("id");
  const std::size_t label = table.column("label");
  std::int64_t row = 0;
  for (; table.next(); ++row) {
    samples.push_back(listed_image(path, images, row, name + ".npy", label_of(table[label], table)));
    samples.back().sample.part = part_from_name(name);
    row_names.emplace(samples.back().sample.id, table[id]);
  }
  if (row != images->size()) {
    throw Error{fmt::format("{}: holds {} images, but {}.csv has {} rows", path.string(), images->size(), name, row),
                "each image has one row, in the same order"};
  }
}

bool has_stack(const fs::path& root, const char* name) {
  return fs::exists(root / (std::string{name} + ".npy")) && fs::exists(root / (std::string{name} + ".csv"));
}

void list_stacks(const fs::path& root, Part part, Listing& listing, std::unordered_map<std::string, std::string>& row_names) {
  const bool has_train = has_stack(root, "train");
  const bool has_test = has_stack(root, "test");
  listing.part = resolve_part(part, has_train, has_test, root, listing.notes);
  if (has_train && listing.part != Part::test) list_stack(root, "train", listing.samples, row_names);
  if (has_test && listing.part != Part::train) list_stack(root, "test", listing.samples, row_names);
}

/// All cutouts and stacks at any depth, folder by folder. Links to folders are followed, but none is entered twice, so loops end.
void list_folder(const fs::path& folder, const fs::path& root, std::set<fs::path>& entered, std::vector<ListedSample>& samples) {
  if (!entered.insert(fs::canonical(folder)).second) return;
  for (const fs::path& path : cutouts_in(folder)) list_file(path, root, samples);
  std::vector<fs::path> folders;
  for (const fs::directory_entry& entry : fs::directory_iterator{folder}) {
    if (is_folder(entry) && !entry.path().filename().string().starts_with('.')) folders.push_back(entry.path());
  }
  std::ranges::sort(folders, by_natural_name);
  for (const fs::path& inner : folders) list_folder(inner, root, entered, samples);
}

/// The row's file, or its image of a stack where the path ends in `#i`.
ListedSample listed_row(std::string_view text, const fs::path& root,
                        std::unordered_map<std::string, std::shared_ptr<const NpyStack>>& stacks) {
  const std::size_t mark = text.rfind(".npy#");
  const std::optional<std::int64_t> index = mark == std::string_view::npos ? std::nullopt : parse_integer(text.substr(mark + 5));
  const fs::path written{std::string{index ? text.substr(0, mark + 4) : text}};
  const fs::path path = (root / written).lexically_normal();
  const std::string inside = path.lexically_relative(root).generic_string();
  const fs::path relative = inside.empty() || inside.starts_with("..") ? written : fs::path{inside};
  if (!index) return {{.id = id_of(relative), .path = path}, {path, nullptr, -1}, relative.generic_string()};
  std::shared_ptr<const NpyStack>& stack = stacks[path.string()];
  if (stack == nullptr) stack = std::make_shared<const NpyStack>(path);
  return listed_image(path, stack, *index, relative.generic_string(), Label::unknown);
}

void list_table(const fs::path& path, Part part, Listing& listing) {
  CsvReader table{path};
  const std::size_t file = table.column("path");
  const std::optional<std::size_t> label = table.find("label");
  const std::optional<std::size_t> group = table.find("group");
  std::unordered_map<std::string, std::shared_ptr<const NpyStack>> stacks;
  while (table.next()) {
    if (table[file].empty())
      throw Error{table.where() + ": the path is empty", "give each row the path of a .npy file, relative to the CSV"};
    ListedSample listed = listed_row(table[file], listing.root, stacks);
    if (label) listed.sample.label = label_of(table[*label], table);
    listed.sample.group = group && !table[*group].empty() ? std::string{table[*group]} : listed.sample.id;
    listing.samples.push_back(std::move(listed));
  }
  listing.part = resolve_part(part, false, false, path, listing.notes);
}

/// Objects of a simulated set: truth.csv's column group, by id. `row_names` are the ids that a stack's own table gives.
void take_groups(const fs::path& truth, const std::unordered_map<std::string, std::string>& row_names, std::vector<ListedSample>& samples) {
  if (!fs::exists(truth)) return;
  CsvReader table{truth};
  const std::optional<std::size_t> id = table.find("id");
  const std::optional<std::size_t> group = table.find("group");
  if (!id || !group) return;
  std::unordered_map<std::string, std::string> groups;
  while (table.next()) {
    if (!table[*group].empty()) groups.emplace(table[*id], table[*group]);
  }
  for (ListedSample& listed : samples) {
    const auto row = row_names.find(listed.sample.id);
    const auto found = groups.find(row == row_names.end() ? listed.sample.id : row->second);
    if (found != groups.end()) listed.sample.group = found->second;
  }
}

void list_directory(const fs::path& root, Part part, Listing& listing) {
  std::unordered_map<std::string, std::string> row_names;
  if (std::ranges::any_of(class_folders, [&](const ClassFolder& folder) { return fs::is_directory(root / folder.name); })) {
    list_class_folders(root, part, listing);
  } else if (has_stack(root, "train") || has_stack(root, "test")) {
    list_stacks(root, part, listing, row_names);
  } else {
    std::set<fs::path> entered;
    list_folder(root, root, entered, listing.samples);
    listing.part = resolve_part(part, false, false, root, listing.notes);
  }
  take_groups(root / "truth.csv", row_names, listing.samples);
}

Listing list_path(const fs::path& path, Part part) {
  if (!fs::exists(path)) throw Error{path.string() + ": there is no such file or folder", "check the path; " + std::string{layouts_hint}};
  Listing listing;
  if (fs::is_directory(path)) {
    listing.root = path;
    list_directory(path, part, listing);
    return listing;
  }
  listing.root = path.has_parent_path() ? path.parent_path() : fs::path{"."};
  if (path.extension() == ".csv") {
    list_table(path, part, listing);
  } else if (is_cutout_name(path)) {
    list_file(path, listing.root, listing.samples);
    listing.part = resolve_part(part, false, false, path, listing.notes);
  } else {
    throw Error{path.string() + ": is no set of cutouts", layouts_hint};
  }
  return listing;
}

}  // namespace

Listing list_samples(const fs::path& path, Part part) {
  Listing listing;
  try {
    listing = list_path(path, part);
  } catch (const fs::filesystem_error& error) {
    throw Error{fmt::format("{}: {}", error.path1().string(), error.code().message()), "check the folder's permissions and the disk"};
  }
  if (listing.samples.empty()) {
    const std::string for_part = listing.part == Part::all ? "" : fmt::format(" for {}", part_name(listing.part));
    throw Error{fmt::format("{}: holds no cutouts{}", path.string(), for_part), layouts_hint};
  }
  return listing;
}

}  // namespace lensfind
