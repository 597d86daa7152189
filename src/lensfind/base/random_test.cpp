#include "lensfind/base/random.h"

#include <cmath>
#include <vector>

#include <gtest/gtest.h>

namespace lensfind::base {
namespace {

using Words = std::array<std::uint32_t, 4>;

TEST(Philox, AgreesWithRandom123KnownAnswers) {
  // kat_vectors of Random123 1.14, philox4x32 10 rounds.
  EXPECT_EQ(philox4x32({0, 0, 0, 0}, {0, 0}), (Words{0x6627e8d5, 0xe169c58d, 0xbc57ac4c, 0x9b00dbd8}));
  constexpr std::uint32_t ones = 0xffffffff;
  EXPECT_EQ(philox4x32({ones, ones, ones, ones}, {ones, ones}), (Words{0x408f276d, 0x41c83b0e, 0xa20bc7c6, 0x6d5451fd}));
  EXPECT_EQ(philox4x32({0x243f6a88, 0x85a308d3, 0x13198a2e, 0x03707344}, {0xa4093822, 0x299f31d0}),
            (Words{0xd16cfe09, 0x94fdcceb, 0x5001e420, 0x24126ea1}));
}

TEST(RandomStream, DependsOnSeedPurposeAndItemAlone) {
  RandomStream a{7, Purpose::noise, 3}, b{7, Purpose::noise, 3}, c{7, Purpose::noise, 4}, d{7, Purpose::scene, 3}, e{8, Purpose::noise, 3};
  const std::uint32_t first = a();
  EXPECT_EQ(first, b());
  EXPECT_NE(first, c());
  EXPECT_NE(first, d());
  EXPECT_NE(first, e());
}

struct Moments {
  double mean, variance;
};

template <typename Draw>
Moments moments(Draw draw, int count = 200'000) {
  double sum = 0, squares = 0;
  for (int i = 0; i < count; ++i) {
    const double x = static_cast<double>(draw());
    sum += x;
    squares += x * x;
  }
  const double mean = sum / count;
  return {mean, squares / count - mean * mean};
}

TEST(RandomStream, NormalHasMeanZeroAndVarianceOne) {
  RandomStream random{1, Purpose::test};
  const Moments m = moments([&] { return random.normal(); });
  EXPECT_NEAR(m.mean, 0, .01);  // 4.5 standard errors
  EXPECT_NEAR(m.variance, 1, .015);
}

TEST(RandomStream, PoissonHasItsMeanAsVarianceOnBothSidesOfTheSwitch) {
  for (const double mean : {.3, 4., 9.9, 10.1, 50., 2000.}) {
    RandomStream random{2, Purpose::test, static_cast<std::uint64_t>(mean * 10)};
    const Moments m = moments([&] { return random.poisson(mean); });
    EXPECT_NEAR(m.mean, mean, 5 * std::sqrt(mean / 200'000)) << mean;
    EXPECT_NEAR(m.variance / mean, 1, .03) << mean;
  }
}

TEST(RandomStream, PoissonProbabilitiesMatchTheLaw) {
  // P(k) at mean 12 (transformed rejection), chi-square over k = 4..24, 20 degrees of freedom: 99.9% quantile 45.3.
  RandomStream random{3, Purpose::test};
  constexpr int draws = 200'000;
  std::vector<int> counts(100);
  for (int i = 0; i < draws; ++i) ++counts[static_cast<std::size_t>(std::min<std::int64_t>(99, random.poisson(12)))];
  double chi_square = 0;
  for (int k = 4; k <= 24; ++k) {
    const double expected = draws * std::exp(-12 + k * std::log(12.) - std::lgamma(k + 1.));
    chi_square += std::pow(counts[static_cast<std::size_t>(k)] - expected, 2) / expected;
  }
  EXPECT_LT(chi_square, 45.3);
}

TEST(RandomStream, BelowIsUniform) {
  RandomStream random{4, Purpose::test};
  std::array<int, 7> counts{};
  for (int i = 0; i < 70'000; ++i) ++counts[random.below(7)];
  for (const int count : counts) EXPECT_NEAR(count, 10'000, 450);
}

TEST(Shuffle, IsAPermutationThatTheSeedDecides) {
  std::vector<int> a{0, 1, 2, 3, 4, 5, 6, 7, 8, 9}, b = a;
  RandomStream one{5, Purpose::test}, two{5, Purpose::test};
  shuffle(a, one);
  shuffle(b, two);
  EXPECT_EQ(a, b);
  EXPECT_FALSE(std::is_sorted(a.begin(), a.end()));
  std::sort(a.begin(), a.end());
  EXPECT_EQ(a, (std::vector<int>{0, 1, 2, 3, 4, 5, 6, 7, 8, 9}));
}

}  // namespace
}  // namespace lensfind::base
