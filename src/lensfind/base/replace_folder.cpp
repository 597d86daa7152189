#include "lensfind/base/replace_folder.h"

#include <cerrno>
#include <cstdio>

#include <fcntl.h>

#include "lensfind/base/atomic_file.h"
#include "lensfind/base/error.h"
#include "lensfind/base/folder_mark.h"

namespace lensfind::base {
namespace {

namespace fs = std::filesystem;

bool stands(const fs::path& path) {
  std::error_code status;
  return fs::exists(fs::symlink_status(path, status));
}

bool is_empty_folder(const fs::path& path) {
  std::error_code status;
  return fs::is_directory(fs::symlink_status(path, status)) && fs::is_empty(path, status);
}

void remove_quietly(const fs::path& path) {
  std::error_code ignored;
  fs::remove_all(path, ignored);
}

/// Renames, or throws with the system's words.
void move(const fs::path& from, const fs::path& to) {
  if (::rename(from.c_str(), to.c_str()) != 0) throw_write_error(to, errno);
}

}  // namespace

fs::path replaced_name(const fs::path& out) { return fs::path{out} += ".replaced"; }

void set_aside(const fs::path& out) {
  const fs::path aside = replaced_name(out);
  if (stands(aside)) {
    if (!kind_of_folder(aside) && !is_empty_folder(aside))
      throw Error{aside.string() + ": lensfind did not make this folder, and needs its name while it replaces " + out.string(),
                  "move it away, or give --out another folder"};
    remove_quietly(aside);
  }
  move(out, aside);
}

void put_back_replaced(const fs::path& out) {
  const fs::path aside = replaced_name(out);
  if (stands(out) || !stands(aside) || !kind_of_folder(aside)) return;
  move(aside, out);
}

void remove_replaced(const fs::path& out) {
  const fs::path aside = replaced_name(out);
  if (stands(out) && stands(aside) && (kind_of_folder(aside) || is_empty_folder(aside))) remove_quietly(aside);
}

void give_name(const fs::path& fresh, const fs::path& out) {
  if (::renameat2(AT_FDCWD, fresh.c_str(), AT_FDCWD, out.c_str(), RENAME_NOREPLACE) == 0) return;
  const int error = errno;
  if (error != EINVAL && error != ENOSYS && error != EEXIST) throw_write_error(out, error);
  // A file system without that flag, or a name that was taken meanwhile.
  require_absent(out);
  move(fresh, out);
}

void replace_folder(const fs::path& fresh, const fs::path& out) {
  if (::renameat2(AT_FDCWD, fresh.c_str(), AT_FDCWD, out.c_str(), RENAME_EXCHANGE) == 0) {
    remove_quietly(fresh);
    return;
  }
  if (errno != EINVAL && errno != ENOSYS) throw_write_error(out, errno);
  set_aside(out);
  try {
    give_name(fresh, out);
  } catch (const Error&) {
    put_back_replaced(out);
    throw;
  }
  remove_replaced(out);
}

}  // namespace lensfind::base
