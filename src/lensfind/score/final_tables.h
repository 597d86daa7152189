#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "lensfind/score/chunks.h"
#include "lensfind/score/table.h"

namespace lensfind::score {

/// Inputs of a whole run.
struct TableCounts {
  std::int64_t scored = 0, rejected = 0;
};

/// The chunk of a number, or nothing where it is missing or damaged.
using ReadChunk = std::function<std::optional<Chunk>(std::int64_t number)>;

/// Puts `count` chunks together: the table of scores as CSV, FITS or Parquet by its name, and the rejected inputs as CSV. The table of
/// scores gets its name last. Throws Error where a chunk is missing, or scored and rejected are not `inputs` together.
TableCounts write_tables(const ReadChunk& chunks, std::int64_t count, std::int64_t inputs, const TableNames& names,
                         const std::vector<std::string>& columns);

}  // namespace lensfind::score
