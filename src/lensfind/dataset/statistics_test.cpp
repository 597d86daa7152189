#include "lensfind/dataset/statistics.h"

#include <cmath>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "lensfind/base/error.h"
#include "lensfind/dataset/dataset.h"
#include "lensfind/dataset/test_set.h"

namespace lensfind {
namespace {

using testing::DoubleEq;
using testing::ElementsAre;

// Three cutouts of two bands, 1 x 2 pixels.
PixelStore store() { return {ImageShape{2, 1, 2}, std::vector<float>{1, 3, 10, 10, 5, 7, 20, 20, 1000, 1000, 1000, 1000}}; }

TEST(BandStatistics, AreThoseOfThePopulationABand) {
  const std::vector<std::int64_t> first_two{0, 1};
  const BandStatistics statistics = band_statistics(store(), first_two);
  EXPECT_THAT(statistics.mean, ElementsAre(DoubleEq(4), DoubleEq(15)));
  EXPECT_THAT(statistics.std_dev, ElementsAre(DoubleEq(std::sqrt(5.0)), DoubleEq(5)));  // variances (9 + 1 + 1 + 9) / 4 and 25
}

TEST(BandStatistics, SeeOnlyTheSamplesNamedAndAsPrepared) {
  const std::vector<std::int64_t> last{2};
  const BandStatistics statistics = band_statistics(store(), last, [](MutableImageView image) {
    for (float& value : image.values()) value /= 2;
  });
  EXPECT_THAT(statistics.mean, ElementsAre(DoubleEq(500), DoubleEq(500)));
  EXPECT_THAT(statistics.std_dev, ElementsAre(DoubleEq(0), DoubleEq(0)));
  EXPECT_THROW(band_statistics(store(), {}), Error);
}

class GenuineStatistics : public TestSet {};

// numpy: np.load of the 20 files stacked, .astype('f8').mean((0, 2, 3)) and .std((0, 2, 3)).
TEST_F(GenuineStatistics, AgreeWithNumpy) {
  const std::filesystem::path genuine = shared("data/deeplense-sample");
  if (genuine.empty()) GTEST_SKIP() << "data/deeplense-sample is absent";
  const Dataset data = load_dataset(genuine, {});
  std::vector<std::int64_t> all;
  for (std::int64_t i = 0; i < data.size(); ++i) all.push_back(i);
  const BandStatistics statistics = band_statistics(data.pixels, all);
  const std::vector<double> mean{0.207711053845, 0.139922417270, 0.063147220326}, std_dev{0.155866164738, 0.133313019709, 0.085648944861};
  for (std::size_t b = 0; b < 3; ++b) {
    EXPECT_NEAR(statistics.mean[b], mean[b], 1e-9);
    EXPECT_NEAR(statistics.std_dev[b], std_dev[b], 1e-9);
  }
}

}  // namespace
}  // namespace lensfind
