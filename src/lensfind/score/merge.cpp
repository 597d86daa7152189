#include <fmt/format.h>

#include "lensfind/base/atomic_file.h"
#include "lensfind/base/error.h"
#include "lensfind/base/run_lock.h"
#include "lensfind/score/final_tables.h"
#include "lensfind/score/out_check.h"
#include "lensfind/score/run.h"
#include "lensfind/score/run_record.h"

namespace lensfind::score {
namespace {

namespace fs = std::filesystem;

std::vector<ChunkFolder> open_folders(const std::vector<fs::path>& paths) {
  std::vector<ChunkFolder> folders;
  for (const fs::path& path : paths) {
    folders.push_back(ChunkFolder::at(path));
    if (!folders.back().exists())
      throw Error{path.string() + ": holds no chunks of a run", "give the OUT.parts folders that shards of one `lensfind score` left"};
    folders.back().take_up();
  }
  return folders;
}

/// "3, 7-9 and 41": numbers of chunks, the first few.
std::string ranges_text(const std::vector<std::int64_t>& numbers) {
  std::string text;
  std::size_t ranges = 0;
  for (std::size_t i = 0; i < numbers.size(); ++ranges) {
    if (ranges == 10) return text + ", ...";
    std::size_t last = i;
    while (last + 1 < numbers.size() && numbers[last + 1] == numbers[last] + 1) ++last;
    text += (i == 0 ? "" : ", ") + (last == i ? fmt::format("{}", numbers[i]) : fmt::format("{}-{}", numbers[i], numbers[last]));
    i = last + 1;
  }
  return text;
}

std::optional<Chunk> read_from_any(const std::vector<ChunkFolder>& folders, std::int64_t number) {
  for (const ChunkFolder& folder : folders) {
    if (std::optional<Chunk> chunk = folder.read(number)) return chunk;
  }
  return {};
}

}  // namespace

RunSummary merge_chunks(const std::vector<fs::path>& paths, const fs::path& out, bool overwrite) {
  const TableNames names{out};
  check_name(names);
  const RunLock lock{out};
  if (!overwrite) require_absent(out);
  check_out(names, {.overwrite = overwrite});
  const std::vector<ChunkFolder> folders = open_folders(paths);
  const Value begun = folders.at(0).run();
  const RunRecord record = run_record(begun, (folders[0].path() / "run.json").string());
  for (const ChunkFolder& folder : folders) check_same_run(folder.run(), record, folder.path());
  std::vector<std::int64_t> missing;
  for (std::int64_t number = 0; number < record.chunks(); ++number) {
    if (!read_from_any(folders, number)) missing.push_back(number);
  }
  if (!missing.empty()) {
    throw Error{fmt::format("{} of {} chunks are missing or damaged: {}", missing.size(), record.chunks(), ranges_text(missing)),
                "run the shards that have them again: chunk c belongs to shard c modulo n of n"};
  }
  check_columns(names, record.columns);
  const TableCounts counts = write_tables([&](std::int64_t number) { return read_from_any(folders, number); }, record, names);
  return {.inputs = record.inputs,
          .scored = counts.scored,
          .rejected = counts.rejected,
          .readings = counts.readings,
          .engine = record.engine,
          .precision = value_named<Precision>(record.precision),
          .prevalence = record.prevalence,
          .images = counts.images,
          .table = names.scores,
          .rejected_table = names.rejected};
}

}  // namespace lensfind::score
