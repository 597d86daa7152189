#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "lensfind/score/table.h"

namespace lensfind::score {

/// How a run treats what is there already.
struct OutPolicy {
  bool overwrite = false;
  bool ours = false;                               ///< an earlier part of the same run may have left it
  bool with_top = false;                           ///< a table and page of the best are wanted too
  std::vector<std::filesystem::path> inputs = {};  ///< what is read, and must not be written over
};

/// Throws Error where OUT is no name of a table: empty, a folder, a device or pipe.
void check_name(const TableNames& names);

/// Tries before the work what would fail after it. Throws Error where OUT's files cannot be written under their names. Also where a file of
/// such a name is an input, or where this run has not made it and may not replace it. Leaves nothing.
void check_out(const TableNames& names, const OutPolicy& policy);

/// The same for what a table of these columns (behind id, logit and probability) needs: a format that was built in, and names that it can
/// hold.
void check_columns(const TableNames& names, const std::vector<std::string>& columns);

}  // namespace lensfind::score
