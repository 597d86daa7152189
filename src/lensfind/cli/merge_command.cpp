#include <fmt/format.h>

#include "lensfind/cli/command.h"
#include "lensfind/cli/console.h"
#include "lensfind/score/run.h"

namespace lensfind::cli {

int merge_command(const std::vector<std::string>& words) {
  std::vector<std::filesystem::path> folders;
  std::filesystem::path out;
  bool overwrite = false;
  CommonArguments common;
  Arguments arguments{
      "merge",
      "Puts the table of a sharded `lensfind score` together from its finished chunks. Shards that share OUT's folder do it "
      "by themselves; this is for shards that ran on machines without a common disk, or whose last one was killed."};
  arguments.positional(folders, "PARTS", "the OUT.parts folders of the shards; a chunk is taken from the first that has it whole");
  arguments.option(out, "--out", "FILE", "the table: scores.csv, scores.fits or scores.parquet", true);
  arguments.flag(overwrite, "--overwrite", "replace OUT");
  common.declare(arguments);
  arguments.parse(words);

  Console console{common};
  const score::RunSummary summary = score::merge_chunks(folders, out, overwrite);
  console.say(fmt::format("{} cutouts scored, {} set aside", with_commas(summary.scored), with_commas(summary.rejected)));
  console.say(fmt::format("scores: {}", summary.table.string()));
  if (summary.rejected > 0) console.say(fmt::format("set aside: {}", summary.rejected_table.string()));
  console.result(empty_object()
                     .set("table", summary.table.string())
                     .set("rejected_table", summary.rejected_table.string())
                     .set("inputs", summary.inputs)
                     .set("scored", summary.scored)
                     .set("rejected", summary.rejected));
  return 0;
}

}  // namespace lensfind::cli
