#include "lensfind/base/unpack_budget.h"

#include <utility>

#include <fmt/format.h>

#include "lensfind/base/error.h"

namespace lensfind::base {

UnpackBudget::UnpackBudget(std::string origin, std::string hint, std::uint64_t limit)
    : origin_{std::move(origin)}, hint_{std::move(hint)}, limit_{limit} {}

void UnpackBudget::take(std::uint64_t count, std::uint64_t bytes_each) {
  const std::uint64_t left = limit_ - taken_;
  if (bytes_each != 0 && count > left / bytes_each)
    throw Error{fmt::format("{}: unpacks to more than the {} MiB that one input may take", origin_, limit_ >> 20), hint_};
  taken_ += count * bytes_each;
}

}  // namespace lensfind::base
