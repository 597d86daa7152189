#include "lensfind/dataset/statistics.h"

#include <cmath>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "lensfind/base/error.h"
#include "lensfind/base/value.h"
#include "lensfind/dataset/dataset.h"
#include "lensfind/testing/shared_files.h"

namespace lensfind::dataset {
namespace {

using ::testing::DoubleEq;
using ::testing::ElementsAre;

// Three cutouts of two bands, 1 x 2 pixels.
PixelStore store() { return {image::ImageShape{2, 1, 2}, std::vector<float>{1, 3, 10, 10, 5, 7, 20, 20, 1000, 1000, 1000, 1000}}; }

TEST(BandStatistics, AreThoseOfThePopulationABand) {
  const std::vector<std::int64_t> first_two{0, 1};
  const BandStatistics statistics = band_statistics(store(), first_two);
  EXPECT_THAT(statistics.mean, ElementsAre(DoubleEq(4), DoubleEq(15)));
  EXPECT_THAT(statistics.std_dev, ElementsAre(DoubleEq(std::sqrt(5.0)), DoubleEq(5)));  // variances (9 + 1 + 1 + 9) / 4 and 25
}

TEST(BandStatistics, SeeOnlyTheSamplesNamedAndAsPrepared) {
  const std::vector<std::int64_t> last{2};
  const BandStatistics statistics = band_statistics(store(), last, [](image::MutableImageView image) {
    for (float& value : image.values()) value /= 2;
  });
  EXPECT_THAT(statistics.mean, ElementsAre(DoubleEq(500), DoubleEq(500)));
  EXPECT_THAT(statistics.std_dev, ElementsAre(DoubleEq(0), DoubleEq(0)));
  EXPECT_THROW(band_statistics(store(), {}), Error);
}

struct NumpysStatistics {
  std::filesystem::path folder;
  std::vector<double> mean, std_dev;
};

// numpy: np.load of all files stacked, .astype('f8').mean((0, 2, 3)) and .std((0, 2, 3)): tests/reference/files.py, and of genuine cutouts.
TEST(BandStatistics, AgreeWithNumpy) {
  const Value known = read_json(test::reference_file("files.json")).at("cutouts");
  std::vector<NumpysStatistics> sets{{test::reference_file("cutouts"), {}, {}}};
  for (const Value& value : known.at("mean").as_array()) sets[0].mean.push_back(value.as_number());
  for (const Value& value : known.at("std").as_array()) sets[0].std_dev.push_back(value.as_number());
  if (const auto genuine = test::shared_file("data/deeplense-sample"))
    sets.push_back({*genuine, {0.207711053845, 0.139922417270, 0.063147220326}, {0.155866164738, 0.133313019709, 0.085648944861}});
  for (const NumpysStatistics& set : sets) {
    const Dataset data = load_dataset(set.folder, {});
    std::vector<std::int64_t> all;
    for (std::int64_t i = 0; i < data.size(); ++i) all.push_back(i);
    const BandStatistics statistics = band_statistics(data.pixels, all);
    for (std::size_t b = 0; b < 3; ++b) {
      EXPECT_NEAR(statistics.mean[b], set.mean[b], 1e-9) << set.folder;
      EXPECT_NEAR(statistics.std_dev[b], set.std_dev[b], 1e-9) << set.folder;
    }
  }
}

}  // namespace
}  // namespace lensfind::dataset
