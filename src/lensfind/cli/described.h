#pragma once

#include <string>
#include <vector>

#include "lensfind/base/value.h"
#include "lensfind/cli/command.h"

namespace lensfind::cli {

/// A command, or a part of one, with all that it takes.
struct Described {
  std::string name;     ///< "score", "grades merge"
  std::string summary;  ///< its line in `lensfind --help`
  Value help;           ///< what `lensfind NAME --help --json` prints; without options where the command has parts
};

/// Every command, and behind it its parts, in the order of `lensfind --help`.
std::vector<Described> described_commands();

}  // namespace lensfind::cli
