#include "lensfind/cutouts/passed_over.h"

#include <algorithm>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "lensfind/base/natural_order.h"

namespace lensfind::cutouts {

namespace {

constexpr std::size_t max_examples = 3;

}  // namespace

void PassedOver::add(const std::string& name) {
  ++count;
  examples.insert(std::ranges::upper_bound(examples, name, natural_less), name);
  if (examples.size() > max_examples) examples.pop_back();
}

void PassedOver::add(const PassedOver& more, const std::string& inside) {
  for (const std::string& name : more.examples) add(inside + name);
  count += more.count - static_cast<std::int64_t>(more.examples.size());
}

std::string PassedOver::text() const {
  if (count == 0) return {};
  const auto others = count - static_cast<std::int64_t>(examples.size());
  return fmt::format("{} {} and passed over: {}{}", count, count == 1 ? "file is no image" : "files are no images",
                     fmt::join(examples, ", "), others > 0 ? fmt::format(" and {} more", others) : "");
}

}  // namespace lensfind::cutouts
