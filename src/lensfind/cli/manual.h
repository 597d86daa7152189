#pragma once

#include <string>
#include <vector>

#include "lensfind/cli/described.h"

namespace lensfind::cli {

/// A page for `man`, in the macros of man(7).
struct ManualPage {
  std::string file;  ///< "lensfind-grades-merge.1"
  std::string text;
};

/// The program's own page and one of each command and part, all of the version given.
std::vector<ManualPage> manual_pages(const std::vector<Described>& commands, const std::string& version);

}  // namespace lensfind::cli
