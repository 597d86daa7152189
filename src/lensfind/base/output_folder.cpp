#include "lensfind/base/output_folder.h"

#include <algorithm>
#include <cerrno>
#include <cstdlib>

#include <fmt/format.h>
#include <sys/stat.h>

#include "lensfind/base/atomic_file.h"
#include "lensfind/base/error.h"
#include "lensfind/base/replace_folder.h"
#include "lensfind/base/temporary_name.h"

namespace lensfind::base {
namespace {

namespace fs = std::filesystem;

constexpr const char* another_folder = "give --out another folder, or remove this one yourself";

bool stands(const fs::path& path) {
  std::error_code status;
  return fs::exists(fs::symlink_status(path, status));
}

bool is_empty_folder(const fs::path& path) {
  std::error_code status;
  return fs::is_directory(path, status) && fs::is_empty(path, status);
}

[[noreturn]] void leave_alone(const fs::path& out, const std::string& why, const char* hint = another_folder) {
  throw Error{fmt::format("{}: {}, so it is left alone", out.string(), why), hint};
}

/// The path without links, dots and a slash at its end, as far as it exists.
fs::path full(const fs::path& path) {
  std::error_code status;
  fs::path found = fs::weakly_canonical(fs::absolute(path, status), status);
  if (status) found = fs::absolute(path, status).lexically_normal();
  return found.has_filename() ? found : found.parent_path();
}

bool lies_in(const fs::path& path, const fs::path& folder) {
  return std::mismatch(folder.begin(), folder.end(), path.begin(), path.end()).first == folder.end();
}

/// OUT as it is renamed: without a slash at its end, `.` and `..`.
fs::path named(const fs::path& out) {
  if (out.empty()) throw Error{"OUT has no name", "give --out the name of a folder"};
  const fs::path plain = out.lexically_normal();
  return plain.has_filename() ? plain : plain.parent_path();
}

void require_no_place_of_the_user(const fs::path& out, const fs::path& where) {
  std::error_code status;
  if (lies_in(full(fs::current_path(status)), where)) leave_alone(out, "the folder in which you work lies in it");
  const char* home = std::getenv("HOME");
  if (home != nullptr && *home != '\0' && lies_in(full(home), where)) leave_alone(out, "your home lies in it");
}

void require_no_input(const Output& out, const fs::path& where) {
  for (const fs::path& input : out.inputs) {
    if (input.empty() || !stands(input)) continue;
    const fs::path read = full(input);
    if (read == where) leave_alone(out.path, "it is read");
    if (lies_in(read, where)) leave_alone(out.path, input.string() + ", which is read, lies in it");
    if (lies_in(where, read)) leave_alone(out.path, fmt::format("it lies in {}, which is read", input.string()));
  }
}

void require_ours(const Output& out) {
  const std::optional<FolderKind> kind = kind_of_folder(out.path);
  if (!kind) leave_alone(out.path, "lensfind did not make this folder");
  if (*kind != out.kind) leave_alone(out.path, fmt::format("it holds {}, not {}", folder_kind_name(*kind), folder_kind_name(out.kind)));
  if (const fs::path foreign = foreign_entry(out.path); !foreign.empty())
    leave_alone(out.path, fmt::format("lensfind did not make {}", foreign.string()),
                "move what is yours out of it, or give --out another folder");
}

void make_folder(const fs::path& folder) {
  std::error_code status;
  fs::create_directories(folder, status);
  if (status) throw_write_error(folder, status.value());
}

/// A new folder of this process's own beside OUT; never one that is there already, nor a link.
fs::path make_temporary(const fs::path& out) {
  for (int tries = 0; tries < 8; ++tries) {
    const fs::path temporary = temporary_beside(out);
    if (::mkdir(temporary.c_str(), 0777) == 0) return temporary;
    if (errno != EEXIST) break;
  }
  throw_write_error(out, errno);
}

}  // namespace

void require_replaceable(const Output& out) {
  std::error_code status;
  const fs::file_status itself = fs::symlink_status(out.path, status);
  if (fs::is_symlink(itself)) leave_alone(out.path, "it is a link", "name the folder that it leads to, or another");
  if (!fs::is_directory(itself)) leave_alone(out.path, "it is no folder");
  const fs::path where = full(out.path);
  require_no_place_of_the_user(out.path, where);
  require_no_input(out, where);
  if (!is_empty_folder(out.path)) require_ours(out);
}

void require_free(const Output& out) {
  Output plain = out;
  plain.path = named(out.path);
  if (!plain.overwrite) require_absent(plain.path);
  if (stands(plain.path)) require_replaceable(plain);
}

AtomicFolder::AtomicFolder(Output out) : out_{std::move(out)} {
  out_.path = named(out_.path);
  require_free(out_);
  if (out_.path.has_parent_path()) make_folder(out_.path.parent_path());
  lock_.emplace(out_.path);
  put_back_replaced(out_.path);
  require_free(out_);
  remove_stale_temporaries(out_.path.has_parent_path() ? out_.path.parent_path() : ".", out_.path.filename().string());
  temporary_ = make_temporary(out_.path);
}

AtomicFolder::~AtomicFolder() {
  std::error_code ignored;
  if (!temporary_.empty()) fs::remove_all(temporary_, ignored);
}

void AtomicFolder::commit() {
  mark_folder(temporary_, out_.kind, out_.command, true);
  if (out_.overwrite && stands(out_.path)) {
    require_replaceable(out_);  // hours may have passed
    replace_folder(temporary_, out_.path);
  } else {
    give_name(temporary_, out_.path);
  }
  remove_replaced(out_.path);
  temporary_.clear();
}

GrowingFolder::GrowingFolder(Output out) : out_{std::move(out)} {
  out_.path = named(out_.path);
  if (out_.resume) out_.overwrite = false;
  check();
  // Where its folder is missing, nobody writes OUT, and nothing is to be made before the work begins.
  if (out_.path.has_parent_path() && !stands(out_.path.parent_path())) return;
  lock_.emplace(out_.path);
  put_back_replaced(out_.path);
  check();
}

void GrowingFolder::check() const {
  if (!stands(out_.path)) return;
  if (!out_.resume && !out_.overwrite) require_absent(out_.path, true);
  if (out_.overwrite) require_replaceable(out_);
  if (out_.resume && !is_empty_folder(out_.path) && kind_of_folder(out_.path) != out_.kind)
    leave_alone(out_.path, fmt::format("it does not hold {}", folder_kind_name(out_.kind)), "give --out a new folder");
}

void GrowingFolder::begin(Progress& progress) {
  if (!lock_) {
    make_folder(out_.path.parent_path());
    lock_.emplace(out_.path);
  }
  check();
  if (!lock_->note().empty()) progress.warn(lock_->note());
  const fs::path aside = replaced_name(out_.path);
  if (out_.overwrite && stands(out_.path)) {
    // An unfinished one is no loss beside the whole one that it was to replace.
    if (stands(aside) && kind_of_folder(aside) && !is_whole_folder(out_.path)) {
      fs::remove_all(out_.path);
    } else {
      set_aside(out_.path);
    }
  }
  if (stands(aside))
    progress.line(fmt::format("what stood in {} is kept as {} until the new folder is whole", out_.path.string(), aside.string()));
  make_folder(out_.path);
  mark_folder(out_.path, out_.kind, out_.command, false);
}

void GrowingFolder::complete() {
  // A finished folder, perhaps of somebody else's, that is only looked at again, stays untouched.
  if (!is_whole_folder(out_.path)) mark_folder(out_.path, out_.kind, out_.command, true);
  remove_replaced(out_.path);
}

void GrowingFolder::give_up() {
  std::error_code ignored;
  fs::remove_all(out_.path, ignored);
  put_back_replaced(out_.path);
}

}  // namespace lensfind::base
