#include "lensfind/base/number_text.h"

#include <limits>

#include <gtest/gtest.h>

namespace lensfind::base {
namespace {

TEST(WithCommas, PartsThousandsOfWholeNumbers) {
  EXPECT_EQ(with_commas(0), "0");
  EXPECT_EQ(with_commas(999), "999");
  EXPECT_EQ(with_commas(-999), "-999");
  EXPECT_EQ(with_commas(1000), "1,000");
  EXPECT_EQ(with_commas(-1234567), "-1,234,567");
  EXPECT_EQ(with_commas(std::numeric_limits<std::int64_t>::min()), "-9,223,372,036,854,775,808");
}

TEST(WithCommas, LeavesFractionsAsTheyAre) { EXPECT_EQ(with_commas("-12345.67891"), "-12,345.67891"); }

}  // namespace
}  // namespace lensfind::base
