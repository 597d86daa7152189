#include "lensfind/base/unpack_budget.h"

#include <cstdint>
#include <limits>

#include <gmock/gmock.h>

#include "lensfind/base/error.h"

namespace lensfind::base {
namespace {

TEST(UnpackBudget, LetsItsLimitPassAndNotAByteMore) {
  UnpackBudget budget{"a.npz", "unpack it", 1000};
  budget.take(25, 40);
  EXPECT_EQ(budget.taken(), 1000u);
  budget.take(0, 8);
  EXPECT_THROW(budget.take(1), Error);
}

TEST(UnpackBudget, DoesNotOverflow) {
  constexpr std::uint64_t max = std::numeric_limits<std::uint64_t>::max();
  UnpackBudget budget{"a.npz", "unpack it"};
  budget.take(1);
  EXPECT_THROW(budget.take(max), Error);
  EXPECT_THROW(budget.take(max / 4 + 1, 4), Error);  // the product is 0 in 64 bits
  EXPECT_EQ(budget.taken(), 1u);
}

TEST(UnpackBudget, NamesTheInputAndTheLimit) {
  UnpackBudget budget{"bomb.npz", "unpack it"};
  try {
    budget.take(std::uint64_t{10} << 30);
    FAIL();
  } catch (const Error& error) {
    EXPECT_STREQ(error.what(), "bomb.npz: unpacks to more than the 2048 MiB that one input may take");
    EXPECT_EQ(error.hint(), "unpack it");
  }
}

}  // namespace
}  // namespace lensfind::base
