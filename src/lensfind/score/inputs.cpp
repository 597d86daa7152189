#include "lensfind/score/inputs.h"

#include <algorithm>
#include <fstream>
#include <functional>

#include <fmt/format.h>
#include <sys/stat.h>

#include "lensfind/base/csv.h"
#include "lensfind/base/error.h"
#include "lensfind/dataset/faults.h"
#include "lensfind/dataset/hash128.h"
#include "lensfind/dataset/pixel_store.h"
#include "lensfind/image/npy.h"
#include "lensfind/score/folder_walk.h"

namespace lensfind::score {
namespace {

namespace fs = std::filesystem;

/// A file that an argument names.
struct ListedFile {
  fs::path path;
  std::string name;  ///< relative to its INPUT
  std::string id;    ///< given by a list, else empty
};
using FileList = std::function<std::optional<ListedFile>()>;

/// Consecutive inputs with one source.
struct Group {
  ListedFile file;
  std::shared_ptr<const Source> source;
  bool stack = false;
  std::int64_t count = 1;
};

class NpyFile final : public Source {
 public:
  explicit NpyFile(fs::path path) : path_{std::move(path)} {}
  Image read(std::int64_t) const override { return read_npy(path_); }

 private:
  fs::path path_;
};

class StackFile final : public Source {
 public:
  explicit StackFile(NpyStack stack) : stack_{std::move(stack)} {}
  std::int64_t size() const { return stack_.size(); }
  Image read(std::int64_t index) const override {
    Image image{stack_.shape()};
    stack_.read(index, image.values());
    return image;
  }

 private:
  NpyStack stack_;
};

bool is_npy(const fs::path& name) { return name.extension() == ".npy"; }

std::string without_suffix(const std::string& name) { return fs::path{name}.replace_extension().generic_string(); }

FileList files_of_folder(const fs::path& folder) {
  return [folder, walk = std::make_shared<FolderWalk>(folder, is_npy)]() -> std::optional<ListedFile> {
    const std::optional<fs::path> relative = walk->next();
    if (!relative) return {};
    return ListedFile{folder / *relative, relative->generic_string(), {}};
  };
}

FileList one_file(const fs::path& path) {
  return [path, given = false]() mutable -> std::optional<ListedFile> {
    if (std::exchange(given, true)) return {};
    return ListedFile{path, path.filename().string(), {}};
  };
}

FileList lines_of(const fs::path& list) {
  auto file = std::make_shared<std::ifstream>(list);
  if (!*file) throw Error{list.string() + ": the list cannot be read", "check its permissions"};
  return [list, file]() -> std::optional<ListedFile> {
    std::string line;
    while (std::getline(*file, line)) {
      if (line.ends_with('\r')) line.pop_back();
      if (!line.empty() && line[0] != '#') return ListedFile{list.parent_path() / line, line, {}};
    }
    if (file->bad()) throw Error{list.string() + ": the list cannot be read to its end", "check the disk and go on with --resume"};
    return {};
  };
}

FileList rows_of(const fs::path& list) {
  const auto table = std::make_shared<CsvReader>(list);
  const std::size_t path = table->column("path");
  const std::optional<std::size_t> id = table->find("id");
  return [list, table, path, id]() -> std::optional<ListedFile> {
    if (!table->next()) return {};
    const std::string name{(*table)[path]};
    return ListedFile{list.parent_path() / name, name, id ? std::string{(*table)[*id]} : std::string{}};
  };
}

FileList files_of(const fs::path& argument) {
  std::error_code error;
  const fs::file_status status = fs::status(argument, error);
  if (!fs::exists(status)) {
    throw Error{argument.string() + ": " + (error ? error.message() : "no such file or folder"),
                "give folders, .npy files or lists of them"};
  }
  if (fs::is_directory(status)) return files_of_folder(argument);
  const std::string suffix = argument.extension().string();
  if (suffix == ".npy") return one_file(argument);
  if (suffix == ".txt") return lines_of(argument);
  if (suffix == ".csv") return rows_of(argument);
  throw Error{argument.string() + ": inputs of this kind are not known",
              "give a folder, an .npy cutout or stack, or a .txt or .csv list of paths"};
}

using Identity = std::pair<std::uint64_t, std::uint64_t>;

/// Device and inode, or nothing where there is no such file.
std::optional<Identity> identity_of(const fs::path& path) {
  struct stat status {};
  if (::stat(path.c_str(), &status) != 0) return {};
  return Identity{status.st_dev, status.st_ino};
}

}  // namespace

struct InputStream::State {
  std::vector<fs::path> arguments;
  std::vector<std::optional<Identity>> identities;
  std::size_t next_argument = 0;
  FileList files;
  std::uintmax_t cutout_bytes = 0;  ///< size of the last file that was one cutout
  std::optional<Group> group;
  std::int64_t index = 0;  ///< of the next input in the group

  std::optional<ListedFile> next_file();
  Group group_of(ListedFile file);
  /// Goes to the next group; false at the end.
  bool advance();
};

std::optional<ListedFile> InputStream::State::next_file() {
  while (true) {
    if (files) {
      if (auto file = files()) return file;
      files = nullptr;
    }
    if (next_argument == arguments.size()) return {};
    files = files_of(arguments[next_argument++]);
  }
}

Group InputStream::State::group_of(ListedFile file) {
  // Opening each file to see whether it is a stack would double the work on a cold disk: files as long as the last cutout are taken for
  // cutouts (a stack among them is set aside by name when it is read).
  std::error_code error;
  const std::uintmax_t bytes = fs::file_size(file.path, error);
  if (error || bytes == cutout_bytes) return {file, std::make_shared<NpyFile>(file.path)};
  try {
    if (is_npy_stack(file.path)) {
      auto stack = std::make_shared<StackFile>(NpyStack{file.path});
      const std::int64_t count = stack->size();
      if (count > 0) return {std::move(file), std::move(stack), true, count};
    } else {
      cutout_bytes = bytes;
    }
  } catch (const Error&) {
    // Reading it as a cutout says what is wrong with it.
  }
  return {file, std::make_shared<NpyFile>(file.path)};
}

bool InputStream::State::advance() {
  std::optional<ListedFile> file = next_file();
  index = 0;
  if (file) {
    group = group_of(std::move(*file));
  } else {
    group.reset();
  }
  return group.has_value();
}

InputStream::InputStream(std::vector<fs::path> arguments) : state_{std::make_unique<State>()} {
  for (const fs::path& argument : arguments) {
    files_of(argument);  // a misspelt second argument is an error now, not after a night
    state_->identities.push_back(identity_of(argument));
  }
  state_->arguments = std::move(arguments);
}

InputStream::~InputStream() = default;
InputStream::InputStream(InputStream&&) noexcept = default;
InputStream& InputStream::operator=(InputStream&&) noexcept = default;

std::optional<Input> InputStream::next() {
  State& state = *state_;
  if ((!state.group || state.index == state.group->count) && !state.advance()) return {};
  const Group& group = *state.group;
  const std::int64_t index = state.index++;
  if (group.stack) {
    const std::string name = fmt::format("{}#{}", group.file.name, index);
    return Input{group.file.id.empty() ? name : fmt::format("{}#{}", group.file.id, index), name, group.source, index};
  }
  return Input{group.file.id.empty() ? without_suffix(group.file.name) : group.file.id, group.file.name, group.source, index};
}

std::int64_t InputStream::skip(std::int64_t count) {
  State& state = *state_;
  std::int64_t skipped = 0;
  while (skipped < count) {
    if ((!state.group || state.index == state.group->count) && !state.advance()) break;
    const std::int64_t now = std::min(count - skipped, state.group->count - state.index);
    state.index += now;
    skipped += now;
  }
  return skipped;
}

std::int64_t InputStream::skip_stack() {
  if (!state_->group) return 0;
  return state_->group->count - std::exchange(state_->index, state_->group->count);
}

void InputStream::check_arguments() const {
  for (std::size_t i = 0; i < state_->arguments.size(); ++i) {
    if (identity_of(state_->arguments[i]) != state_->identities[i]) {
      throw Error{state_->arguments[i].string() + ": has gone while it was read", "bring it back (is it mounted?) and go on with --resume"};
    }
  }
}

InputCount count_inputs(const std::vector<fs::path>& arguments, const StopFlag& stop) {
  InputStream stream{arguments};
  InputCount result;
  Hash128 hash;
  while (const auto first = stream.next()) {
    if (stop) throw Stopped{"stopped while the inputs were counted", "start it again"};
    const std::int64_t count = 1 + stream.skip_stack();
    const std::string text = fmt::format("{}\n{}\n", first->id, count);
    hash = hash128(std::as_bytes(std::span{text}), hash.low ^ (hash.high << 1));
    result.count += count;
  }
  result.fingerprint = hash.text();
  return result;
}

void read_input(const Input& input, MutableImageView wanted) {
  const Image image = input.source->read(input.index);
  fit_pixels(image.view(), wanted);
  const Finding finding = find_fault(wanted);
  if (finding.fault == Fault::not_finite) throw Error{finding.text, "mask or replace such pixels"};
}

}  // namespace lensfind::score
