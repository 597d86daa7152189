#include "lensfind/model/training_images.h"

#include <cmath>

#include <gmock/gmock.h>

#include "lensfind/base/error.h"
#include "lensfind/base/random.h"
#include "lensfind/image/scaling.h"

namespace lensfind::model {
namespace {

using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

const std::vector<std::string> bands{"g", "r"};

/// Images of one survey: a galaxy and a star of scattered brightness on a noisy sky.
struct Survey {
  double noise = 1, level = 0, sigma = 1.7, flux = 1, cap = 1e9, lowest = 0;
  std::optional<double> pixel_scale = .2;

  [[nodiscard]] image::Image image(std::uint64_t number) const {
    image::Image out{image::ImageShape{2, 48, 48}};
    RandomStream random{number, Purpose::test};
    const double star = flux * 400 * std::exp(random.normal(0, .4)), galaxy = flux * 150 * std::exp(random.normal(0, .4));
    for (int b = 0; b < 2; ++b) {
      for (int row = 0; row < 48; ++row) {
        for (int column = 0; column < 48; ++column) {
          const double near = (row - 14) * (row - 14) + (column - 30) * (column - 30),
                       at = (row - 24) * (row - 24) + (column - 18) * (column - 18);
          const double light = star * std::exp(-near / (2 * sigma * sigma)) + galaxy * std::exp(-at / (2 * (9 + sigma * sigma)));
          out.at(b, row, column) = static_cast<float>(std::min(cap, level + random.normal(0, noise) + light));
        }
      }
    }
    if (lowest < 0) out.at(1, 3, 3) = static_cast<float>(lowest);
    return out;
  }
  [[nodiscard]] std::vector<MeasuredRow> rows(std::uint64_t first, std::uint64_t count) const {
    std::vector<MeasuredRow> rows;
    for (std::uint64_t i = first; i < first + count; ++i)
      rows.push_back(measure_cutout(image(i).view(), network::Preprocessing::Scaling::none, pixel_scale));
    return rows;
  }
};

class LooksLike : public ::testing::Test {
 protected:
  static void SetUpTestSuite() { trained_ = training_images(Survey{}.rows(0, 150), bands); }
  static std::vector<std::string> differences(const Survey& survey, std::uint64_t count = 40) {
    return compare_images(trained_, survey.rows(1000, count), bands).differences;
  }
  static inline TrainingImages trained_;
};

TEST_F(LooksLike, OtherImagesOfTheSameSurveyDoNotDiffer) {
  EXPECT_THAT(differences({}), IsEmpty());
  EXPECT_THAT(differences({}, 1), IsEmpty());
  EXPECT_THAT(differences({}, 3), IsEmpty());
}

TEST_F(LooksLike, SixTimesTheSkyNoiseIsSaidSo) {
  EXPECT_THAT(differences({.noise = 6}), Contains(HasSubstr("the sky noise is 6 times that of the training images in ")));
  EXPECT_THAT(differences({.noise = 6}, 1), Contains(HasSubstr("the sky noise is ")));
}

TEST_F(LooksLike, SharpestSourcesTwiceAsWideAreSaidSo) {
  EXPECT_THAT(differences({.sigma = 3.4}), Contains(HasSubstr("the width of the sharpest sources is 2 times")));
  EXPECT_THAT(differences({.sigma = 3.4}, 10), Contains(HasSubstr("the width of the sharpest sources is ")));
  EXPECT_THAT(differences({.sigma = 1}, 20), Contains(HasSubstr("the width of the sharpest sources is 0.6")));
}

TEST_F(LooksLike, AnotherSkyLevelIsSaidSo) {
  EXPECT_THAT(differences({.level = 30}),
              Contains(::testing::AllOf(HasSubstr("the sky level is 30."), HasSubstr("in the training images it is 0.0"))));
}

TEST_F(LooksLike, AnotherFluxUnitIsSaidSo) {
  const std::vector<std::string> said = differences({.noise = 50, .flux = 50});
  EXPECT_THAT(said, Contains(HasSubstr("the sky noise is 50 times")));
  EXPECT_THAT(said, Contains(HasSubstr("the brightest pixel above the sky is ")));
}

TEST_F(LooksLike, SaturatedSourcesAreSaidSo) { EXPECT_THAT(differences({.cap = 60}), Contains(HasSubstr("as in saturated images"))); }

TEST_F(LooksLike, LowPixelsAreSaidSo) { EXPECT_THAT(differences({.lowest = -500}), Contains(HasSubstr("the lowest pixel is -500 in r;"))); }

TEST_F(LooksLike, AnotherPixelScaleIsSaidSo) {
  EXPECT_THAT(differences({.pixel_scale = .3}),
              ElementsAre(HasSubstr("the width of a pixel in arcsec is 1.5 times that of the training images (0.3 against 0.2)")));
  EXPECT_THAT(differences({.pixel_scale = {}}), IsEmpty());
}

TEST(TrainingImages, WhereTheModelScalesByItselfTheUnitOfFluxIsOfNoAccount) {
  const Survey survey, brighter{.noise = 50, .flux = 50};
  using network::Preprocessing;
  for (const auto scaling : {Preprocessing::Scaling::none, Preprocessing::Scaling::minmax, Preprocessing::Scaling::noise}) {
    std::vector<MeasuredRow> here, there;
    for (std::uint64_t i = 0; i < 60; ++i) here.push_back(measure_cutout(survey.image(i).view(), scaling, {}));
    for (std::uint64_t i = 100; i < 140; ++i) there.push_back(measure_cutout(brighter.image(i).view(), scaling, {}));
    const bool differ = !compare_images(training_images(here, bands), there, bands).differences.empty();
    EXPECT_EQ(differ, scaling == Preprocessing::Scaling::none);
  }
}

TEST(TrainingImages, MinMaxScaledCutoutsAreSaidSoWhereTheTrainingImagesWereInUnitsOfFlux) {
  const Survey survey;
  std::vector<MeasuredRow> flux, scaled;
  for (std::uint64_t i = 0; i < 60; ++i)
    flux.push_back(measure_cutout(survey.image(i).view(), network::Preprocessing::Scaling::minmax, {}));
  for (std::uint64_t i = 100; i < 140; ++i) {
    image::Image image = survey.image(i);
    image::scale_minmax(image.view());
    scaled.push_back(measure_cutout(image.view(), network::Preprocessing::Scaling::minmax, {}));
  }
  const TrainingImages of_flux = training_images(flux, bands), of_scaled = training_images(scaled, bands);
  EXPECT_THAT(compare_images(of_flux, scaled, bands).differences, ElementsAre(HasSubstr("100% of the cutouts are min-max scaled")));
  EXPECT_THAT(compare_images(of_flux, flux, bands).differences, IsEmpty());
  EXPECT_THAT(compare_images(of_scaled, scaled, bands).differences, IsEmpty());
  EXPECT_THAT(compare_images(of_scaled, flux, bands).differences, IsEmpty()) << "the model scales these itself";
}

TEST(TrainingImages, EarlierModelsOfFluxWarnOfMinMaxScaledCutoutsToo) {
  const Survey survey;
  std::vector<MeasuredRow> flux;
  for (std::uint64_t i = 0; i < 60; ++i)
    flux.push_back(measure_cutout(survey.image(i).view(), network::Preprocessing::Scaling::minmax, {}));
  TrainingImages images = training_images(flux, bands);
  const TrainingImages complete = images;
  std::erase_if(images.statistics, [](const StatisticQuantiles& entry) { return entry.statistic == min_max_scaled; });
  EXPECT_FALSE(images == complete);
  note_flux_units(images);
  EXPECT_TRUE(images == complete);
  note_flux_units(images);
  EXPECT_TRUE(images == complete) << "said once";
}

TEST(TrainingImages, QuantilesAreThoseOfNumpy) {
  // numpy.quantile(range(11), ...) by its default rule; the second band has no seeing.
  std::vector<MeasuredRow> rows;
  for (int i = 10; i >= 0; --i) rows.push_back({static_cast<double>(i), 1.0, 0.0, 2.0, {}, .5});
  rows.resize(11);
  const std::vector<StatisticColumn> columns = statistic_columns({"g"});
  ASSERT_EQ(columns.size(), 9u);
  for (MeasuredRow& row : rows) row.resize(9);
  const TrainingImages images = training_images(rows, {"g"});
  EXPECT_EQ(images.cutouts, 11);
  EXPECT_EQ(images.statistics[0].statistic, "sky_noise");
  EXPECT_EQ(images.statistics[0].band, "g");
  const double wanted[] = {0, .1, .5, 1, 2.5, 5, 7.5, 9, 9.5, 9.9, 10};
  EXPECT_THAT(images.statistics[0].quantiles, ::testing::Pointwise(::testing::DoubleNear(1e-12), wanted));
  EXPECT_EQ(images.statistics.size(), 5u);
}

TEST(TrainingImages, ReadBackWhatWasWritten) {
  const TrainingImages images = training_images(Survey{}.rows(0, 5), bands);
  TrainingImages back;
  read_fields(parse_json(to_json(write_fields(images)), "x"), back, "x");
  EXPECT_TRUE(images == back);
  back.statistics[0].quantiles.pop_back();
  EXPECT_THROW(check_training_images(back, "x"), Error);
}

TEST(TrainingImages, TwoThousandAreMeasuredAtMost) {
  EXPECT_EQ(measuring_step(1), 1);
  EXPECT_EQ(measuring_step(2000), 1);
  EXPECT_EQ(measuring_step(2001), 2);
  EXPECT_EQ(measuring_step(1'000'000), 500);
}

}  // namespace
}  // namespace lensfind::model
