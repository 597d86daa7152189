#include "lensfind/simulate/simulate.h"

#include <algorithm>
#include <cmath>
#include <map>
#include <set>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "lensfind/base/csv.h"
#include "lensfind/base/error.h"
#include "lensfind/base/random.h"
#include "lensfind/base/value.h"
#include "lensfind/image/npy.h"
#include "lensfind/simulate/cutout.h"
#include "lensfind/simulate/lens_sample.h"
#include "lensfind/simulate/source_lights.h"
#include "lensfind/simulate/truth_csv.h"

namespace lensfind::simulate {
namespace {

namespace fs = std::filesystem;

class SimulateTest : public ::testing::Test {
 protected:
  void SetUp() override { fs::remove_all(folder_); }
  void TearDown() override { fs::remove_all(folder_); }

  static Survey hsc(const std::vector<std::string>& overrides = {}) {
    return find_survey("hsc", {fs::path{LENSFIND_SOURCE_DIR} / "surveys"}, overrides);
  }
  [[nodiscard]] SimulateOptions options(const std::string& name) const {
    return {.out = folder_ / name,
            .survey = hsc(),
            .lenses = 3,
            .nonlenses = 5,
            .test_lenses = 2,
            .test_nonlenses = 2,
            .scaling = Scaling::minmax,
            .seed = 4,
            .threads = 2};
  }

  fs::path folder_ = fs::path{::testing::TempDir()} /
                     ("lensfind-simulate-" + std::string{::testing::UnitTest::GetInstance()->current_test_info()->name()});
};

/// Every file below a folder with its bytes.
std::vector<std::pair<std::string, std::string>> contents(const fs::path& folder) {
  std::vector<std::pair<std::string, std::string>> out;
  for (const auto& entry : fs::recursive_directory_iterator{folder}) {
    if (entry.is_regular_file()) out.emplace_back(fs::relative(entry.path(), folder).string(), read_text(entry.path()));
  }
  std::sort(out.begin(), out.end());
  return out;
}

TEST_F(SimulateTest, SameBytesForAnyNumberOfThreads) {
  SimulateOptions one = options("one"), three = options("three");
  one.threads = 1;
  three.threads = 3;
  simulate_set(one);
  simulate_set(three);
  EXPECT_EQ(contents(one.out), contents(three.out));
}

TEST_F(SimulateTest, ScaledBandsRunFromZeroToOne) {
  const SimulateOptions o = options("set");
  simulate_set(o);
  const image::Image image = image::read_npy(o.out / "train_lenses" / "1.npy");
  EXPECT_EQ(image.shape(), (image::ImageShape{3, 64, 64}));
  for (int b = 0; b < 3; ++b) {
    const auto [min, max] = std::minmax_element(image.band(b).begin(), image.band(b).end());
    EXPECT_FLOAT_EQ(*min, 0);
    EXPECT_FLOAT_EQ(*max, 1);
  }
}

TEST_F(SimulateTest, OneImageAloneHasTheBytesThatItHasInTheSet) {
  SimulateOptions whole = options("set"), alone = options("alone");
  simulate_set(whole);
  alone.only = 9;  // the second test lens: 8 training images stand before
  simulate_set(alone);
  EXPECT_EQ(read_text(alone.out / "test_lenses" / "2.npy"), read_text(whole.out / "test_lenses" / "2.npy"));
}

TEST_F(SimulateTest, NoTwoImagesAreOfOneScene) {
  SimulateOptions o = options("set");
  o.test_lenses = 3;
  o.test_nonlenses = 5;
  simulate_set(o);
  TruthReader truth{o.out / "truth.csv"};
  std::set<double> redshifts;
  while (const auto row = truth.next()) {
    // Stars and artefacts have none.
    if (const std::optional<double> z = row->truth.deflector.z) {
      EXPECT_TRUE(redshifts.insert(*z).second) << *z;
    }
  }
  EXPECT_GT(redshifts.size(), 10u);
}

TEST_F(SimulateTest, StackHoldsTheSameImagesLensesFirst) {
  SimulateOptions tree = options("tree"), stack = options("stack");
  stack.format = Format::stack;
  simulate_set(tree);
  simulate_set(stack);
  const image::NpyStack train{stack.out / "train.npy"};
  ASSERT_EQ(train.size(), 8);
  std::vector<float> got(train.shape().values());
  train.read(4, got);  // three lenses before: the second non-lens
  EXPECT_THAT(got, ::testing::ElementsAreArray(image::read_npy(tree.out / "train_nonlenses" / "2.npy").values()));
  EXPECT_EQ(read_text(stack.out / "test.csv"), "id,label\ntest.npy#0,1\ntest.npy#1,1\ntest.npy#2,0\ntest.npy#3,0\n");
}

TEST_F(SimulateTest, StoppedSetIsCompletedWithoutRedoingIt) {
  class StopAfter final : public Progress {
   public:
    explicit StopAfter(StopFlag& flag) : flag_{flag} {}
    void start(const std::string&, std::int64_t, const std::string&) override {}
    void advance(std::int64_t) override {
      if (++done_ == 11) flag_ = true;
    }
    void line(const std::string&) override {}
    void warn(const std::string&) override {}
    void finish() override {}

   private:
    StopFlag& flag_;
    std::atomic<int> done_{0};
  };
  SimulateOptions o = options("set"), whole = options("whole");
  o.threads = 1;
  StopFlag stop{false};
  StopAfter progress{stop};
  EXPECT_THROW(simulate_set(o, progress, stop), Stopped);
  EXPECT_FALSE(fs::exists(o.out / "truth.csv"));
  EXPECT_THROW(simulate_set(o), Error);
  o.resume = true;
  EXPECT_LT(simulate_set(o).made, 12);
  simulate_set(whole);
  EXPECT_EQ(contents(o.out), contents(whole.out));
  EXPECT_EQ(simulate_set(o).made, 0);
  o.seed = 5;
  EXPECT_THROW(simulate_set(o), Error);
}

TEST_F(SimulateTest, FailedSetLeavesNothing) {
  SimulateOptions o = options("set");
  o.survey.bands = {"g", "r", "u"};
  EXPECT_THROW(simulate_set(o), Error);
  EXPECT_FALSE(fs::exists(o.out));
  o = options("none");
  o.lenses = o.nonlenses = o.test_lenses = o.test_nonlenses = 0;
  EXPECT_THROW(simulate_set(o), Error);
}

TEST_F(SimulateTest, WhatStandsAtOutIsReplacedOnlyWhenItIsASet) {
  SimulateOptions o = options("set");
  fs::create_directories(o.out);
  image::write_npy(o.out / "mine.npy", image::Image{image::ImageShape{1, 2, 2}}.view());
  EXPECT_THROW(simulate_set(o), Error);
  o.overwrite = true;
  EXPECT_THROW(simulate_set(o), Error);
  EXPECT_TRUE(fs::exists(o.out / "mine.npy"));
}

TEST_F(SimulateTest, TruthSaysWhatTheSurveyKeeps) {
  SimulateOptions o = options("set");
  o.lenses = 20;
  simulate_set(o);
  TruthReader truth{o.out / "truth.csv"};
  int lenses = 0;
  while (const auto row = truth.next()) {
    const Truth& t = row->truth;
    if (!t.lens) {
      EXPECT_EQ(t.source.z, std::nullopt);
      continue;
    }
    ++lenses;
    EXPECT_GT(t.source.z, t.deflector.z);
    // A quick look decides (lens_preview.h), which knows the magnification to a few per cent.
    EXPECT_GT(t.arcs.magnification.at(2), 0.95 * o.survey.population.kept_magnification);
    EXPECT_GT(*std::ranges::max_element(t.arcs.snr), o.survey.population.kept_snr);
    // theta_E = 4 pi (sigma / c)^2 D_ls / D_s: at most 28.8 arcsec (sigma / 1000 km/s)^2 for a source infinitely far away.
    const double halo = 28.84 * std::pow(t.environment.sigma_v.value_or(0) / 1000, 2);
    EXPECT_LT(t.deflector.theta_e_arcsec, 28.84 * std::pow(t.deflector.sigma_v.value() / 1000, 2) + halo);
  }
  EXPECT_EQ(lenses, 22);
}

TEST_F(SimulateTest, MagnificationIsLensedOverSourceFlux) {
  // Without noise, neighbours and deflector nothing is left of a lens but its arcs.
  const Survey survey = hsc({"population.lens_z_max=0.4", "population.source_pair_fraction=0", "effective_gain=[1e7, 1e7, 1e7]"});
  const CutoutMaker maker{survey};
  render::Renderer renderer;
  CutoutRequest request{.size = 96, .seed = 1};
  const SimulatedCutout lens = maker.make(request, renderer);
  request.hide_source = true;
  const SimulatedCutout dark = maker.make(request, renderer);
  for (int b = 0; b < 3; ++b) {
    double difference = 0;
    for (std::size_t k = 0; k < lens.image.band(b).size(); ++k)
      difference += static_cast<double>(lens.image.band(b)[k] - dark.image.band(b)[k]);
    const auto band = static_cast<std::size_t>(b);
    const double source = std::pow(10, -0.4 * (lens.truth.source.mag[band] - survey.output_zero_point[band]));
    // The noise has the same random numbers; its fraction from the arcs' photons would differ, were there not so many.
    EXPECT_NEAR(difference / source, lens.truth.arcs.magnification[band], 0.02 * lens.truth.arcs.magnification[band]);
  }
}

TEST_F(SimulateTest, MagnificationCountsTheLightBeyondTheCutout) {
  // Members beyond the small one's edge have mass.
  const CutoutMaker maker{hsc({"population.member_abundance=0"})};
  render::Renderer renderer;
  int same_lens = 0;
  for (std::int64_t number = 0; number < 8; ++number) {
    const SimulatedCutout small = maker.make({.number = number, .size = 16, .seed = 2}, renderer),
                          wide = maker.make({.number = number, .size = 128, .seed = 2}, renderer);
    if (small.truth.deflector.theta_e_arcsec != wide.truth.deflector.theta_e_arcsec) continue;
    ++same_lens;
    for (std::size_t b = 0; b < 3; ++b)
      EXPECT_NEAR(small.truth.arcs.magnification[b], wide.truth.arcs.magnification[b], 0.02 * wide.truth.arcs.magnification[b]);
  }
  EXPECT_GE(same_lens, 1);
}

TEST(SourceLights, KnotsKeepTheFluxAndLieWithinTheBody) {
  Survey survey = find_survey("hsc", {fs::path{LENSFIND_SOURCE_DIR} / "surveys"}, {"population.source_clumpy_fraction=1"});
  const population::GalaxySample galaxies{survey.population};
  RandomStream random{3, Purpose::test};
  std::size_t max = 0, knots = 0;
  double fraction = 0;
  for (int k = 0; k < 50; ++k) {
    const population::LateType source = galaxies.late_type(24, random);
    const std::vector<render::Light> lights = source_lights(source, survey, random);
    EXPECT_GE(lights.size(), 2u);
    max = std::max(max, lights.size());
    const render::Scene scene{.sources = lights};
    knots += lights.size() - 1;
    for (std::size_t knot = 1; knot < lights.size(); ++knot) fraction += lights[knot].flux[2] / source_flux(scene, 2);
    EXPECT_NEAR(-2.5 * std::log10(source_flux(scene, 2)) + survey.output_zero_point[2], 24, 1e-9);
    for (const render::Light& light : lights) {
      EXPECT_GT(light.flux[0], 0);
      const render::Point off = light.profile.centre_arcsec;
      EXPECT_LT(std::hypot(off.x, off.y), 1.6 * source.light.effective_radius_arcsec / std::sqrt(source.light.axis_ratio) + 1e-9);
    }
  }
  EXPECT_EQ(max, 7u);  // a body and six knots
  // A knot has 5% of the flux, uniform within a factor of .4 to 1.6: a standard deviation of 1.7%.
  EXPECT_NEAR(fraction / static_cast<double>(knots), 0.05, 4 * 0.017 / std::sqrt(static_cast<double>(knots)));
}

TEST(Turned, QuarterTurnMovesPixelsExactly) {
  image::Image image{image::ImageShape{1, 4, 4}};
  image.at(0, 0, 1) = 1;
  // Output at (x, y) from the middle comes from (x cos a - y sin a, y cos a + x sin a).
  const image::Image out = TurnedSquare{4, M_PI / 2, image.view().shape.width}.of(image.view());
  EXPECT_EQ(out.at(0, 2, 0), 1);
  EXPECT_EQ(std::count(out.values().begin(), out.values().end(), 1.0f), 1);
}

}  // namespace
}  // namespace lensfind::simulate
