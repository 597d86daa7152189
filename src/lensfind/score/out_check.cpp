#include "lensfind/score/out_check.h"

#include <filesystem>

#include <fmt/format.h>

#include "lensfind/base/atomic_file.h"
#include "lensfind/base/csv.h"
#include "lensfind/base/error.h"
#include "lensfind/sky/table.h"

namespace lensfind::score {
namespace {

namespace fs = std::filesystem;

bool is_there(const fs::path& path) {
  std::error_code error;
  return fs::exists(fs::symlink_status(path, error));
}

void refuse_what_is_not_ours(const fs::path& path, const OutPolicy& policy) {
  std::error_code error;
  for (const fs::path& input : policy.inputs) {
    if (fs::equivalent(input, path, error)) throw Error{path.string() + ": is read, and would be written over", "give OUT another name"};
  }
  if (fs::is_directory(path, error)) throw Error{path.string() + ": is a folder", "remove it, or give OUT another name"};
  if (!policy.overwrite && !policy.ours && is_there(path))
    throw Error{path.string() + " exists already, and is of another run", "give --overwrite to replace it, or OUT another name"};
}

}  // namespace

void check_name(const TableNames& names) {
  const fs::path& out = names.scores;
  constexpr const char* hint = "give the name of a table, as scores.csv";
  if (out.empty()) throw Error{"OUT is an empty name", hint};
  std::error_code error;
  const fs::file_status status = fs::status(out, error);
  if (!out.has_filename() || fs::is_directory(status)) throw Error{out.string() + ": is a folder", hint};
  if (fs::exists(status) && !fs::is_regular_file(status))
    throw Error{out.string() + ": is a device, pipe or socket, which a table cannot replace", hint};
}

void check_out(const TableNames& names, const OutPolicy& policy) {
  // The table itself is refused by the caller, who knows whether it may be resumed.
  refuse_what_is_not_ours(names.scores, {.ours = true, .inputs = policy.inputs});
  for (const fs::path& path : {names.rejected, names.record}) refuse_what_is_not_ours(path, policy);
  if (policy.with_top) {
    for (const fs::path& path : {names.top, names.page}) refuse_what_is_not_ours(path, policy);
  }
  // A folder that is not there or may not be written to, and names that are too long.
  for (const fs::path& path : {names.scores, names.rejected, names.top, names.page, names.record}) AtomicFile{path};
}

void check_columns(const TableNames& names, const std::vector<std::string>& columns) {
  if (sky::table_format(names.scores) == sky::TableFormat::csv) return;
  std::vector<sky::TableColumn> all;
  const CsvReader header{scores_header(columns), "the header"};
  for (const std::string& name : header.columns()) all.push_back({.name = name});
  sky::create_table(names.scores, all, 0);
}

}  // namespace lensfind::score
