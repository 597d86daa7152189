#include "lensfind/evaluate/distributions.h"

#include <cmath>
#include <limits>
#include <utility>
#include <vector>

#include <gtest/gtest.h>

namespace lensfind::evaluate {
namespace {

// Numbers of scipy 1.17: scipy.special.betainc, scipy.stats.beta.ppf, scipy.stats.t.ppf (tests/reference/distributions.py).
struct Known {
  double p, a, b, value;
};

TEST(Distributions, BetaQuantilesAgreeWithScipy) {
  const Known known[] = {
      {.025, .5, 10.5, 4.7890433157581876e-05},   {.975, .5, 10.5, 0.21719626750921053},       {.025, 3.5, 7.5, 0.09269459393815316},
      {.95, 1, 1000, 0.002991249545095295},       {.025, .5, 100000.5, 4.910333297971967e-09}, {.975, .5, 100000.5, 2.5119052649257954e-05},
      {.975, 1000.5, 1e6, 0.0010623408658503063}, {.025, 195.5, .5, 0.9872171660891176},       {.5, 2, 3, 0.3857275681323895},
      {.025, 5e4, 5e4, 0.49690104685250314},      {.95, 11, 19445, 0.0008717133987198294}};
  for (const Known& k : known) {
    EXPECT_NEAR(beta_quantile(k.p, k.a, k.b) / k.value, 1, 1e-9) << k.p << " " << k.a << " " << k.b;
    EXPECT_NEAR(incomplete_beta(k.a, k.b, k.value), k.p, 1e-10);
  }
  EXPECT_EQ(beta_quantile(0, 2, 3), 0);
  EXPECT_EQ(beta_quantile(1, 2, 3), 1);
}

TEST(Distributions, StudentAgreesWithScipy) {
  EXPECT_NEAR(student_quantile(.975, 1), 12.706204736174694, 1e-9);
  EXPECT_NEAR(student_quantile(.975, 4), 2.7764451051977934, 1e-11);
  EXPECT_NEAR(student_quantile(.975, 4.7), 2.62072607535317, 1e-11);
  EXPECT_NEAR(student_quantile(.95, 30.5), 1.6963751158527451, 1e-11);
  EXPECT_NEAR(student_quantile(.025, 12), -2.1788128296672293, 1e-11);
  EXPECT_NEAR(student_quantile(.975, std::numeric_limits<double>::infinity()), 1.959963984540054, 1e-7);
  EXPECT_NEAR(student_two_sided(2, 5), 0.10193947882985835, 1e-12);
  EXPECT_NEAR(student_two_sided(-6, 12.5), 5.2410591455022384e-05, 1e-15);
}

TEST(Distributions, BetaQuantilesInOnePassAreThoseFoundOneByOne) {
  for (const auto& [a, b] : {std::pair{.5, 20.5}, {3.0, 2.0}, {200.5, .5}, {.04, 300.0}, {5e6, 5e6}, {12.0, 1e7}, {1.0, 1.0}}) {
    const std::vector<double> quantiles = beta_quantiles(a, b, 999);
    ASSERT_EQ(quantiles.size(), 999u);
    for (std::size_t k = 0; k < 999; k += 37)
      EXPECT_NEAR(incomplete_beta(a, b, quantiles[k]), (static_cast<double>(k) + .5) / 999, 4e-4) << a << " " << b << " " << k;
  }
}

}  // namespace
}  // namespace lensfind::evaluate
