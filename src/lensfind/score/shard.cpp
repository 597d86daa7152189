#include "lensfind/score/shard.h"

#include <cstdlib>
#include <string_view>

#include <fmt/format.h>

#include "lensfind/base/csv.h"
#include "lensfind/base/error.h"

namespace lensfind::score {
namespace {

std::optional<std::int64_t> number_in_environment(const char* name) {
  const char* text = std::getenv(name);
  return text ? parse_integer(text) : std::nullopt;
}

}  // namespace

Shard shard_from_text(const std::string& text) {
  const auto slash = text.find('/');
  const auto index = parse_integer(std::string_view{text}.substr(0, slash));
  const auto count = slash == std::string::npos ? std::nullopt : parse_integer(std::string_view{text}.substr(slash + 1));
  if (!index || !count || *index < 0 || *index >= *count || *count > 1'000'000) {
    throw Error{fmt::format("'{}' is no shard", text), "write i/n with i from 0 to n - 1, e.g. 0/8"};
  }
  return {static_cast<int>(*index), static_cast<int>(*count)};
}

std::optional<Shard> shard_from_slurm() {
  const auto task = number_in_environment("SLURM_ARRAY_TASK_ID");
  const auto count = number_in_environment("SLURM_ARRAY_TASK_COUNT");
  if (!task || !count) return {};
  const std::int64_t index = *task - number_in_environment("SLURM_ARRAY_TASK_MIN").value_or(0);
  if (index < 0 || index >= *count) {
    throw Error{fmt::format("Slurm's array of {} tasks has gaps: this is task {}", *count, *task),
                "number the array without gaps, as in --array=0-99, or give --shard I/N"};
  }
  return Shard{static_cast<int>(index), static_cast<int>(*count)};
}

}  // namespace lensfind::score
