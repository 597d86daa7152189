#include <filesystem>

#include <fmt/format.h>

#include "lensfind/base/atomic_file.h"
#include "lensfind/base/version.h"
#include "lensfind/cli/command.h"
#include "lensfind/cli/console.h"
#include "lensfind/cli/manual.h"

namespace lensfind::cli {

int manual_command(const std::vector<std::string>& words) {
  std::filesystem::path out;
  bool overwrite = false;
  CommonArguments common;
  Arguments arguments{"manual", "Writes pages for `man`: the program's, and one of each command with all that it takes."};
  arguments.option(out, "--out", "DIR", "folder of the pages, as share/man/man1; it may be there", true);
  arguments.flag(overwrite, "--overwrite", "replace pages that are there");
  common.declare(arguments);
  arguments.footer(
      "For `man lensfind-score`, where the program is on the PATH:\n"
      "  lensfind manual --out ~/.local/share/man/man1");
  arguments.parse(words);

  Console console{common};
  const std::vector<ManualPage> pages = manual_pages(described_commands(), version());
  std::filesystem::create_directories(out);
  for (const ManualPage& page : pages) require_output_file(out / page.file, overwrite);
  for (const ManualPage& page : pages) write_file(out / page.file, page.text);
  console.say(
      fmt::format("{} pages: man -M {} lensfind", pages.size(), std::filesystem::absolute(out).lexically_normal().parent_path().string()));
  console.result(empty_object().set("out", out.string()).set("pages", pages.size()));
  return 0;
}

}  // namespace lensfind::cli
