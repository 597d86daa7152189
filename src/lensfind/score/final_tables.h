#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "lensfind/score/about.h"
#include "lensfind/score/chunks.h"
#include "lensfind/score/run_record.h"
#include "lensfind/score/table.h"

namespace lensfind::score {

/// Inputs of a whole run.
struct TableCounts {
  std::int64_t scored = 0, rejected = 0;
  Readings readings = {};
  ImageLikeness images = {};
};

/// The chunk of a number, or nothing where it is missing or damaged.
using ReadChunk = std::function<std::optional<Chunk>(std::int64_t number)>;

/// Puts the chunks of a run together: the table of scores as CSV, FITS or Parquet by its name, the rejected inputs as CSV, and
/// OUT.run.json. The last says what made them, and compares what was measured with the images that the model was trained on; FITS and
/// Parquet tables hold it too. The table of scores gets its name last. Throws Error where a chunk is missing, or where scored and rejected
/// are not as many as the inputs.
TableCounts write_tables(const ReadChunk& chunks, const RunRecord& record, const TableNames& names);

/// What a finished run's OUT.run.json says. Throws Error where it is damaged.
TableCounts counts_from(const Value& finished);

}  // namespace lensfind::score
