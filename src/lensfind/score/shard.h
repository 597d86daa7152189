#pragma once

#include <cstdint>
#include <optional>
#include <string>

namespace lensfind::score {

/// Which part of a run one of several processes takes: every count-th chunk from the index-th on. The processes run on one machine, or on
/// many that share the folder of OUT.
struct Shard {
  int index = 0;
  int count = 1;  ///< 1: the process takes all

  [[nodiscard]] bool has(std::int64_t chunk) const { return chunk % count == index; }
};

/// From "i/n" with i from 0 to n - 1; throws Error.
Shard shard_from_text(const std::string& text);

/// The shard of a Slurm array task: SLURM_ARRAY_TASK_ID counted from SLURM_ARRAY_TASK_MIN, of SLURM_ARRAY_TASK_COUNT. Nothing outside an
/// array. Throws Error for an array with gaps (`--array=0-9:2`), whose tasks cannot be counted from one task's number.
std::optional<Shard> shard_from_slurm();

}  // namespace lensfind::score
