#include "lensfind/score/likeness.h"

#include <algorithm>
#include <array>

#include <gmock/gmock.h>

#include "lensfind/base/random.h"
#include "lensfind/image/fits.h"
#include "lensfind/image/scaling.h"
#include "lensfind/score/about.h"
#include "lensfind/score/test_run.h"

namespace lensfind::score {
namespace {

using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
namespace fs = std::filesystem;

/// Breaks off a run, as a kill would.
struct Killed {};

/// Runs of a model that knows that it was trained on noise of standard deviation 1.
class LikenessOfRuns : public Run {
 protected:
  static constexpr image::ImageShape noise_shape{1, 16, 16};

  void SetUp() override {
    Run::SetUp();
    scorer_.band_names = {"g"};
    std::vector<model::MeasuredRow> rows;
    for (std::uint64_t i = 0; i < 200; ++i)
      rows.push_back(model::measure_cutout(noise(1000 + i, 1).view(), network::Preprocessing::Scaling::none, .2));
    scorer_.training_images = model::training_images(rows, scorer_.band_names);
  }
  static image::Image noise(std::uint64_t number, double std_dev) {
    image::Image image{noise_shape};
    RandomStream random{number, Purpose::test};
    for (float& value : image.values()) value = static_cast<float>(random.normal(3, std_dev));
    return image;
  }
  void noise_stack(const std::string& name, int count, double std_dev, int side = noise_shape.width) const {
    std::ofstream file{folder_ / name, std::ios::binary};
    const std::array<std::int64_t, 4> sizes{count, noise_shape.bands, side, side};
    file << image::npy_header_text(sizes);
    for (int i = 0; i < count; ++i) {
      image::Image image{image::ImageShape{noise_shape.bands, side, side}};
      image::centre_crop(noise(static_cast<std::uint64_t>(i), std_dev).view(), image.view());
      file.write(reinterpret_cast<const char*>(image.values().data()), static_cast<std::streamsize>(image.values().size_bytes()));
    }
  }
  RunSummary score(const std::string& input, const std::string& out = "s.csv", std::function<void(std::span<const float>)> before = {},
                   bool resume = false) {
    FakeEngine engine{noise_shape};
    engine.before = std::move(before);
    RunOptions chosen = options({folder_ / input});
    chosen.out = folder_ / out;
    chosen.resume = resume;
    chosen.rules.pad = pad_;
    return run_score(engine, scorer_, chosen);
  }
  bool pad_ = false;
};

TEST_F(LikenessOfRuns, ImagesOfTheSameKindAreSaidToBeAlike) {
  noise_stack("same.npy", 100, 1);
  const RunSummary summary = score("same.npy");
  EXPECT_EQ(summary.images.like_training, true) << ::testing::PrintToString(summary.images.differences);
  EXPECT_EQ(summary.images.measured, 100);
  EXPECT_THAT(summary.images.text(), ElementsAre(HasSubstr("look like the images the model was trained on")));
}

TEST_F(LikenessOfRuns, SmallCutoutsThatAreFilledUpHaveTheirOwnNoise) {
  noise_stack("small.npy", 100, 1, 12);  // of 16 pixels 44% are the rim's
  pad_ = true;
  const RunSummary summary = score("small.npy");
  EXPECT_EQ(summary.images.measured, 100);
  EXPECT_THAT(summary.images.differences, IsEmpty());
}

TEST_F(LikenessOfRuns, SixTimesTheNoiseIsSaidInSummaryAndTable) {
  noise_stack("noisy.npy", 100, 6);
  const RunSummary summary = score("noisy.npy");
  EXPECT_EQ(summary.images.like_training, false);
  EXPECT_THAT(summary.images.differences, Contains(HasSubstr("the sky noise is 6")));
  EXPECT_THAT(summary.images.text().front(), HasSubstr("scores of such images were never tried"));
  EXPECT_EQ(read_about(folder_ / "s.csv")->images.differences, summary.images.differences);
  score("noisy.npy", "t.fits");
  EXPECT_EQ(read_about(folder_ / "t.fits")->images.differences, summary.images.differences);
}

TEST_F(LikenessOfRuns, OfAManyOnlySomeAreMeasuredTheSameWhereverTheRunWasKilled) {
  noise_stack("many.npy", 4100, 6);
  EXPECT_EQ(score("many.npy", "whole.csv").images.measured, 4100 / 3 + 1);  // every third
  std::atomic<int> calls = 0;
  EXPECT_THROW(score("many.npy", "k.csv",
                     [&](std::span<const float>) {
                       if (++calls > 200) throw Killed{};
                     }),
               Killed);
  score("many.npy", "k.csv", {}, true);
  EXPECT_EQ(table("k.csv.run.json"), table("whole.csv.run.json"));
}

TEST_F(LikenessOfRuns, IsNotKnownOfAModelWithoutARecord) {
  noise_stack("same.npy", 10, 1);
  scorer_.training_images.reset();
  const RunSummary summary = score("same.npy");
  EXPECT_FALSE(summary.images.like_training);
  EXPECT_THAT(summary.images.text(), ElementsAre(HasSubstr("not known")));
}

TEST_F(LikenessOfRuns, ThePixelScaleIsTheHeadersOwn) {
  fs::create_directories(folder_ / "in");
  for (std::uint64_t i = 0; i < 20; ++i) {
    image::write_fits(folder_ / "in" / (std::to_string(i) + ".fits"), noise(i, 1).view(),
                      {{"CTYPE1", "RA---TAN", ""}, {"CTYPE2", "DEC--TAN", ""}, {"CDELT1", -.5 / 3600, ""}, {"CDELT2", .5 / 3600, ""}});
  }
  EXPECT_THAT(score("in").images.differences, ElementsAre(HasSubstr("the width of a pixel in arcsec is 2.5 times")));
}

TEST(MeasuredRows, ReadBackAndPassOverWhatIsDamaged) {
  const auto rows = measured_rows("1,,2.5\n1,2\n-1e-3,inf,\n", 3);
  ASSERT_EQ(rows.size(), 2u);
  EXPECT_FALSE(rows[0][1]);
  EXPECT_DOUBLE_EQ(*rows[0][2], 2.5);
  EXPECT_FALSE(rows[1][2]);
}

}  // namespace
}  // namespace lensfind::score
