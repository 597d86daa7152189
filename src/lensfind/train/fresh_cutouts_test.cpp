#include "lensfind/train/fresh_cutouts.h"

#include <algorithm>
#include <cmath>
#include <set>

#include <gmock/gmock.h>

#include "lensfind/base/error.h"
#include "lensfind/base/parallel.h"
#include "lensfind/simulate/simulate.h"

namespace lensfind::train {
namespace {

namespace fs = std::filesystem;

const std::vector<fs::path> survey_folders{fs::path{LENSFIND_SOURCE_DIR} / "surveys"};
constexpr std::uint64_t fresh_seed = 11;

/// A survey that need not draw lenses first to know what its non-lenses are like.
const std::vector<std::string> plain_survey{"population.nonlens_magnitudes=counts"};
FreshSettings small() { return {.lenses = 12, .nonlenses = 20, .size = 32, .survey = plain_survey}; }

std::vector<float> pixels_of(const FreshCutouts& fresh, std::int64_t sample, int round) {
  std::vector<float> out(3 * 32 * 32);
  fresh.make(sample, round, out);
  return out;
}

TEST(FreshCutouts, AreTheSimulatorsOfNumbersThatNoRoundRepeats) {
  FreshCutouts fresh{small(), "des", survey_folders, fresh_seed};
  const simulate::CutoutMaker des{simulate::find_survey("des", survey_folders, plain_survey)};
  render::Renderer renderer;
  for (const int round : {0, 1, 3}) {
    // Lens 4 of 12, non-lens 5 of 20.
    for (const auto& [sample, lens, number] : {std::tuple{std::int64_t{4}, true, 4 + 12 * round}, {17, false, 5 + 20 * round}}) {
      const simulate::SimulatedCutout want =
          des.make({.split = simulate::Split::train, .lens = lens, .number = number, .size = 32, .seed = fresh_seed}, renderer);
      EXPECT_THAT(pixels_of(fresh, sample, round), ::testing::ElementsAreArray(std::as_const(want.image).values())) << round;
    }
  }
}

TEST(FreshCutouts, ThatAreKeptAreTheFirstRounds) {
  FreshSettings strewn = small();
  strewn.pixel_scale = strewn.neighbours = .1;
  strewn.variants = 2;
  strewn.level = strewn.gradient = 1;
  strewn.eight_bits = strewn.saturated = .5;
  FreshCutouts fresh{strewn, "des", survey_folders, fresh_seed};
  const dataset::Dataset data = fresh.dataset();
  ASSERT_EQ(data.size(), 32);
  EXPECT_EQ(data.count(Label::lens), 12);
  EXPECT_EQ(data.zero_point, 30);
  const std::vector<std::int64_t> held{1, 20};
  const std::vector<float> lens = pixels_of(fresh, 1, 0), other = pixels_of(fresh, 20, 0);
  fresh.keep(held, 2, no_progress(), never_stop());
  EXPECT_EQ(pixels_of(fresh, 1, 0), lens);
  EXPECT_EQ(pixels_of(fresh, 20, 0), other);
  EXPECT_NE(pixels_of(fresh, 1, 1), lens);
  std::vector<float> read(lens.size());
  data.pixels.read(20, read, 0);
  EXPECT_EQ(read, other);
  data.pixels.read(20, read, 2);
  EXPECT_EQ(read, pixels_of(fresh, 20, 2));
}

TEST(FreshCutouts, SeenAgainShowTheSameGalaxyUnderOtherNoise) {
  FreshCutouts fresh{small(), "des", survey_folders, fresh_seed};
  const dataset::Dataset again = fresh.dataset(FreshCutouts::View::again);
  const simulate::CutoutMaker des{simulate::find_survey("des", survey_folders, plain_survey)};
  render::Renderer renderer;
  const simulate::SimulatedCutout want = des.make(
      {.split = simulate::Split::train, .lens = false, .number = 25, .size = 32, .seed = fresh_seed, .seen_again = true}, renderer);
  std::vector<float> read(3 * 32 * 32);
  again.pixels.read(17, read, 1);  // non-lens 5 of 20, in round 1
  EXPECT_THAT(read, ::testing::ElementsAreArray(std::as_const(want.image).values()));
  EXPECT_NE(read, pixels_of(fresh, 17, 1));
  const std::vector<std::int64_t> held{17};
  fresh.keep(held, 1, no_progress(), never_stop());
  again.pixels.read(17, read, 0);
  EXPECT_NE(read, pixels_of(fresh, 17, 0)) << "what is kept is the first view";
}

// Of three that are reused three times, each round after the first has one new one; a training that is resumed has the same.
TEST(FreshCutouts, ThatAreReusedAreReplacedByTurns) {
  FreshSettings again = small();
  again.reuse = 3;
  const FreshCutouts plain{small(), "des", survey_folders, fresh_seed}, reused{again, "des", survey_folders, fresh_seed},
      resumed{again, "des", survey_folders, fresh_seed};
  const int generations[6][3] = {{0, 0, 0}, {0, 0, 1}, {0, 1, 1}, {1, 1, 1}, {1, 1, 2}, {1, 2, 2}};
  for (int round = 0; round < 6; ++round) {
    for (const std::int64_t sample : {0, 1, 2}) {
      const std::vector<float> want = pixels_of(plain, sample, generations[round][sample]);
      EXPECT_EQ(pixels_of(reused, sample, round), want) << sample << " " << round;
      EXPECT_EQ(pixels_of(reused, sample, round), want) << "once more";
      if (round == 4) {
        EXPECT_EQ(pixels_of(resumed, sample, round), want);
      }
    }
  }
}

// A sampler deals a lens several times an epoch, and batches are made by several threads.
TEST(FreshCutouts, ThatAreReusedMayBeReadByManyThreads) {
  FreshSettings again = small();
  again.reuse = 2;
  const FreshCutouts plain{small(), "des", survey_folders, fresh_seed}, reused{again, "des", survey_folders, fresh_seed};
  const std::vector<std::vector<float>> want{pixels_of(plain, 1, 0), pixels_of(plain, 1, 1)};
  std::vector<int> as_wanted(64);
  parallel_for(64, 8, [&](std::int64_t i) {
    const int round = static_cast<int>(i % 2);
    as_wanted[static_cast<std::size_t>(i)] = pixels_of(reused, 1, round) == want[static_cast<std::size_t>(round)] ? 1 : 0;
  });
  EXPECT_EQ(std::ranges::count(as_wanted, 1), 64);
}

TEST(FreshCutouts, LieAboutTheSkysLevelByAsMuchAsIsAskedFor) {
  FreshSettings strewn = small();
  strewn.level = 30;
  const FreshCutouts plain{small(), "des", survey_folders, fresh_seed}, level{strewn, "des", survey_folders, fresh_seed};
  const double rms =
      simulate::simulate_cutout(simulate::find_survey("des", survey_folders, plain_survey), {.lens = false, .size = 32, .seed = 1})
          .truth.conditions.background_rms[0];
  std::set<float> shifts;
  for (std::int64_t sample = 12; sample < 32; ++sample) {
    const std::vector<float> a = pixels_of(plain, sample, 1), b = pixels_of(level, sample, 1);
    shifts.insert(b[0] - a[0]);
    for (std::size_t i = 0; i < 1024; ++i) EXPECT_NEAR(b[i] - a[i], b[0] - a[0], 1e-2 * rms) << "one level a band";
    EXPECT_LT(std::abs(b[0] - a[0]), 60 * rms) << "the depth scatters";
  }
  EXPECT_EQ(shifts.size(), 20u);
  EXPECT_GT(*shifts.rbegin() - *shifts.begin(), 30 * rms);
}

TEST(FreshCutouts, ThroughEightBitsComeInSteps) {
  image::Image image{image::ImageShape{1, 16, 64}};
  for (std::size_t i = 0; i < 1024; ++i) image.values()[i] = static_cast<float>(i) - 24;  // -24 to 999
  const std::vector<double> softening{5};
  image::Image through = image;
  through_eight_bits(through.view(), softening);
  std::set<float> steps;
  for (std::size_t i = 0; i < 1024; ++i) {
    const float before = image.values()[i], after = through.values()[i];
    steps.insert(after);
    if (before <= 0)
      EXPECT_EQ(after, 0);
    else  // half a step of asinh(v / 5), whose slope is 1 / sqrt(25 + v^2)
      EXPECT_NEAR(after, before, .51 * std::asinh(999 / 5.) / 255 * std::sqrt(25. + before * before));
  }
  EXPECT_NEAR(*steps.rbegin(), 999, .1);
  EXPECT_LE(steps.size(), 256u);
  EXPECT_GT(steps.size(), 150u);
}

TEST(FreshCutouts, RefuseWhatDoesNotFit) {
  FreshSettings scaled = small();
  scaled.scaling = simulate::Scaling::minmax;
  EXPECT_NO_THROW((FreshCutouts{scaled, "hsc", survey_folders, 1}));
  scaled.level = 1;
  EXPECT_THROW((FreshCutouts{scaled, "hsc", survey_folders, 1}), Error);
  FreshSettings display = small();
  display.scaling = simulate::Scaling::display;
  EXPECT_THROW((FreshCutouts{display, "des", survey_folders, 1}), Error);
  EXPECT_EQ(simulated_survey("simulate:des"), "des");
  EXPECT_FALSE(simulated_survey("cutouts/simulate:des"));
}

}  // namespace
}  // namespace lensfind::train
