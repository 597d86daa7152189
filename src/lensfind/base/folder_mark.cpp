#include "lensfind/base/folder_mark.h"

#include <algorithm>
#include <array>
#include <set>
#include <vector>

#include "lensfind/base/atomic_file.h"
#include "lensfind/base/error.h"
#include "lensfind/base/value.h"
#include "lensfind/base/version.h"

namespace lensfind::base {
namespace {

namespace fs = std::filesystem;

constexpr const char* mark_name = ".lensfind";
constexpr std::uintmax_t longest_mark = 1 << 24;

struct Kind {
  FolderKind kind;
  std::string_view name, text;
  std::vector<std::string_view> signs;  ///< one of these tells a folder without a mark
  std::vector<std::string_view> names;  ///< what else stands at the top of an unmarked or unfinished one
};

// A cascade has an evaluation.json too: models stand first.
const std::array<Kind, 10>& kinds() {
  static const std::array<Kind, 10> all{
      {{FolderKind::model,
        "model",
        "a model",
        {"model.json", "recipe.toml", "teacher.csv"},
        {"model.onnx", "model.safetensors", "card.toml", "seen.csv", "split.csv", "validation.csv", "history.csv", "rejected.csv",
         "adapt.json", "adapt.csv", "adapt.md", "held_out.csv", "survey.toml", "steps", "checkpoint", "student", "evaluation.json",
         "training_images.json"}},
       {FolderKind::pretraining,
        "pretraining",
        "a pretraining",
        {"pretrain.toml", "pretrain.json"},
        {"encoder.safetensors", "history.csv", "rejected.csv", "checkpoint"}},
       {FolderKind::evaluation,
        "evaluation",
        "an evaluation",
        {"evaluation.json"},
        {"scores.csv", "completeness.csv", "completeness.fits", "false_positives.csv", "rejected.csv", "report.html", "figures"}},
       {FolderKind::comparison,
        "comparison",
        "a comparison",
        {"table.csv", "runs"},
        {"differences.csv", "recipes.csv", "models", "report.html", "figures"}},
       {FolderKind::simulated_set,
        "simulated_set",
        "a simulated set",
        {"simulation.toml"},
        {"truth.csv", "train.npy", "train.csv", "test.npy", "test.csv", "train_lenses", "train_nonlenses", "test_lenses", "test_nonlenses",
         ".unfinished"}},
       // .npy files alone tell nothing: they may be anybody's data.
       {FolderKind::rendered_images, "rendered_images", "rendered images", {}, {}},
       {FolderKind::demo,
        "demo",
        "a demo",
        {"survey_truth.csv"},
        {"cutouts", "survey.npy", "model", "evaluation", "scores.csv", "scores.csv.parts", "scores.rejected.csv", "scores.top.csv",
         "scores.top.html"}},
       {FolderKind::candidates, "candidates", "candidates", {}, {}},
       {FolderKind::grades, "grades", "grades brought together", {}, {}},
       {FolderKind::subjects, "subjects", "subjects to grade", {}, {}}}};
  return all;
}

const Kind& about(FolderKind kind) { return *std::ranges::find(kinds(), kind, &Kind::kind); }

struct Mark {
  FolderKind kind{};
  bool whole = false;
  std::set<std::string> holds;
};

/// What the mark says; nothing where there is none that this version understands.
std::optional<Mark> read_mark(const fs::path& folder) {
  std::error_code status;
  if (!fs::is_regular_file(fs::symlink_status(folder / mark_name, status))) return std::nullopt;
  try {
    const std::string text = read_text(folder / mark_name, longest_mark);
    const Value value = parse_json(text, mark_name);
    const std::string& name = value.at("kind").as_string();
    const auto found = std::ranges::find(kinds(), name, &Kind::name);
    if (found == kinds().end()) return std::nullopt;
    Mark mark{found->kind, value.at("whole").as_bool(), {}};
    for (const Value& entry : value.at("holds").as_array()) mark.holds.insert(entry.as_string());
    return mark;
  } catch (const Error&) {
    return std::nullopt;
  }
}

std::vector<std::string> names_in(const fs::path& folder) {
  std::vector<std::string> names;
  std::error_code status;
  for (fs::directory_iterator entry{folder, status}; !status && entry != fs::directory_iterator{}; entry.increment(status))
    names.push_back(entry->path().filename().string());
  if (status) throw Error{folder.string() + ": " + status.message(), "a folder that cannot be read is not replaced"};
  std::ranges::sort(names);
  return names;
}

/// What systems leave wherever somebody looks, and what a killed run leaves beside a folder that it was making.
bool is_no_content(const std::string& name) {
  return name == mark_name || name == ".DS_Store" || name == "Thumbs.db" || name.starts_with(".nfs") || name.ends_with(".lock") ||
         name.find(".tmp-") != std::string::npos;
}

bool belongs(const std::string& name, const Kind& kind) {
  return std::ranges::find(kind.signs, name) != kind.signs.end() || std::ranges::find(kind.names, name) != kind.names.end();
}

bool is_folder(const fs::path& path) {
  std::error_code status;
  return fs::is_directory(fs::symlink_status(path, status));
}

/// In a plain folder inside one of ours (runs/, models/): what is foreign in the marked folders among its entries.
fs::path foreign_below(const fs::path& folder) {
  if (read_mark(folder)) return foreign_entry(folder);
  std::error_code status;
  for (fs::directory_iterator entry{folder, status}; !status && entry != fs::directory_iterator{}; entry.increment(status)) {
    if (!is_folder(entry->path()) || !read_mark(entry->path())) continue;
    if (fs::path foreign = foreign_entry(entry->path()); !foreign.empty()) return foreign;
  }
  return {};
}

}  // namespace

std::string_view folder_kind_name(FolderKind kind) { return about(kind).text; }

void mark_folder(const fs::path& folder, FolderKind kind, const std::string& command, bool whole) {
  Value holds{Value::Array{}};
  if (whole) {
    for (const std::string& name : names_in(folder))
      if (name != mark_name) holds.push_back(name);
  }
  write_file(folder / mark_name, to_json(empty_object()
                                             .set("made_by", "lensfind " + command)
                                             .set("version", version())
                                             .set("kind", about(kind).name)
                                             .set("whole", whole)
                                             .set("holds", holds)) +
                                     "\n");
}

std::optional<FolderKind> kind_of_folder(const fs::path& folder) {
  if (const std::optional<Mark> mark = read_mark(folder)) return mark->kind;
  std::error_code status;
  // A mark that is damaged, or of a later version, is no leave to guess.
  if (!is_folder(folder) || fs::exists(fs::symlink_status(folder / mark_name, status))) return std::nullopt;
  const std::vector<std::string> names = names_in(folder);
  for (const Kind& kind : kinds()) {
    const auto is_there = [&](std::string_view sign) { return std::ranges::binary_search(names, std::string{sign}); };
    if (std::ranges::any_of(kind.signs, is_there)) return kind.kind;
  }
  return std::nullopt;
}

bool is_whole_folder(const fs::path& folder) {
  const std::optional<Mark> mark = read_mark(folder);
  return !mark || mark->whole;
}

fs::path foreign_entry(const fs::path& folder) {
  const std::optional<FolderKind> kind = kind_of_folder(folder);
  if (!kind) return folder;
  const std::optional<Mark> mark = read_mark(folder);
  const bool is_listed = mark && mark->whole;
  for (const std::string& name : names_in(folder)) {
    if (is_no_content(name)) continue;
    const fs::path entry = folder / name;
    const bool ours = is_listed ? mark->holds.contains(name) : belongs(name, about(*kind));
    if (!ours && !(is_folder(entry) && read_mark(entry))) return entry;
    if (!is_folder(entry)) continue;
    if (fs::path foreign = foreign_below(entry); !foreign.empty()) return foreign;
  }
  return {};
}

}  // namespace lensfind::base
