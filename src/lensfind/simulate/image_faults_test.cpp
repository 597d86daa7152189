#include "lensfind/simulate/image_faults.h"

#include <algorithm>
#include <cmath>
#include <map>
#include <set>

#include <gmock/gmock.h>

#include "lensfind/render/render.h"
#include "lensfind/simulate/cutout.h"

namespace lensfind::simulate {
namespace {

/// Without the lenses that a survey draws first, so that its non-lenses are like them: no fault depends on that.
Survey survey(std::vector<std::string> set) {
  set.emplace_back("population.nonlens_magnitudes=counts");
  return find_survey("hsc", {std::filesystem::path{LENSFIND_SOURCE_DIR} / "surveys"}, set);
}

const std::vector<std::string> no_faults{"faults.halo=0",           "faults.trail=0",       "faults.mask=0",       "faults.bleed=0",
                                         "faults.oversubtracted=0", "faults.clipped_sky=0", "faults.cosmic_ray=0", "faults.gap=0",
                                         "faults.uneven_depth=0",   "faults.gradient=0",    "faults.poor_seeing=0"};

Survey with(const std::string& fault, double rate = 1) {
  std::vector<std::string> set = no_faults;
  set.push_back("faults." + fault + "=" + std::to_string(rate));
  return survey(set);
}

/// Makes cutouts without faults.
const CutoutMaker& faultless() {
  static const CutoutMaker maker{survey(no_faults)};
  return maker;
}

/// A cutout with one fault, and the same one without it.
struct Pair {
  SimulatedCutout spoiled, clean;

  explicit Pair(const std::string& fault, std::int64_t number = 3, bool lens = false) : Pair{CutoutMaker{with(fault)}, number, lens} {}
  explicit Pair(const CutoutMaker& faulty, std::int64_t number = 3, bool lens = false) {
    render::Renderer renderer;
    const CutoutRequest request{.lens = lens, .number = number, .seed = 6};
    spoiled = faulty.make(request, renderer);
    clean = faultless().make(request, renderer);
  }

  [[nodiscard]] double difference(int b, int row, int column) const {
    return static_cast<double>(spoiled.image.at(b, row, column)) - static_cast<double>(clean.image.at(b, row, column));
  }
};

TEST(ImageFaults, TheTruthNamesEachAndItsPixelsChange) {
  for (const char* fault :
       {"halo", "trail", "mask", "bleed", "cosmic_ray", "gap", "uneven_depth", "gradient", "clipped_sky", "poor_seeing"}) {
    const Pair pair{fault};
    EXPECT_EQ(pair.spoiled.truth.processing.artefact, fault);
    EXPECT_EQ(pair.clean.truth.processing.artefact, "");
    double changed = 0;
    for (int row = 0; row < 64; ++row) {
      for (int column = 0; column < 64; ++column) {
        for (int b = 0; b < 3; ++b)
          changed = std::max(changed, std::abs(pair.difference(b, row, column)) / pair.clean.truth.conditions.background_rms[0]);
      }
    }
    EXPECT_GT(changed, 0.2) << fault;
  }
}

TEST(ImageFaults, ComeAtTheirRateInBothClasses) {
  // Of 3000 a class, 600 within 4 standard deviations.
  RandomStream random{3, Purpose::test};
  FaultRates rates{};
  rates = {.halo = 0,
           .trail = 0,
           .mask = 0,
           .bleed = 0,
           .oversubtracted = 0,
           .cosmic_ray = 0.2,
           .gap = 0,
           .uneven_depth = 0,
           .gradient = 0,
           .poor_seeing = 0};
  int met = 0;
  const std::vector<double> rms(3, 1.0);
  for (int k = 0; k < 3000; ++k) {
    image::Image image{image::ImageShape{3, 16, 16}};
    met += static_cast<int>(add_faults(rates, image.view(), rms, random).size());
  }
  EXPECT_NEAR(met, 600, 4 * std::sqrt(3000 * 0.2 * 0.8));
  // The cutout's class has no part in it: the stream is the item's, and so is the rate.
  const CutoutMaker maker{with("gradient", 0.5)};
  render::Renderer renderer;
  std::map<bool, int> of_class;
  for (std::int64_t k = 0; k < 150; ++k) {
    for (const bool lens : {false, true}) {
      if (!maker.make({.lens = lens, .number = k, .size = 16, .seed = 1}, renderer).truth.processing.artefact.empty()) ++of_class[lens];
    }
  }
  EXPECT_NEAR(of_class[false], 75, 4 * std::sqrt(150 * 0.25));
  EXPECT_NEAR(of_class[true], 75, 4 * std::sqrt(150 * 0.25));
}

TEST(ImageFaults, SeveralStandTogetherInTheTruth) {
  std::vector<std::string> set = no_faults;
  set.insert(set.end(), {"faults.trail=1", "faults.gradient=1"});
  EXPECT_EQ(simulate_cutout(survey(set), {.lens = false, .seed = 2}).truth.processing.artefact, "trail+gradient");
}

TEST(Saturate, MovesChargeAlongTheColumnAndLosesNone) {
  image::Image image{image::ImageShape{1, 9, 3}};
  image.at(0, 4, 1) = 50;
  saturate(image.view(), 0, 10);
  // 40 too many: 20 up and 20 down, two pixels each.
  const std::vector<float> column{0, 0, 10, 10, 10, 10, 10, 0, 0};
  for (int row = 0; row < 9; ++row) {
    EXPECT_FLOAT_EQ(image.at(0, row, 1), column[static_cast<std::size_t>(row)]) << row;
    EXPECT_EQ(image.at(0, row, 0), 0);
    EXPECT_EQ(image.at(0, row, 2), 0);
  }
}

TEST(Saturate, ASurveysSaturationCutsBrightCores) {
  std::vector<std::string> set = no_faults;
  set.emplace_back("saturation=[1e30, 3, 1e30]");
  render::Renderer renderer;
  const SimulatedCutout cut = simulate_cutout(survey(set), {.lens = true, .seed = 6}),
                        full = faultless().make({.lens = true, .seed = 6}, renderer);
  ASSERT_GT(*std::ranges::max_element(full.image.band(1)), 3);
  EXPECT_EQ(*std::ranges::max_element(cut.image.band(1)), 3);
  EXPECT_THAT(cut.image.band(0), ::testing::ElementsAreArray(full.image.band(0)));
}

TEST(Oversubtract, LeavesARingOfNegativeSkyRoundAGalaxy) {
  // A Gaussian galaxy of sigma 2: what is left is f G(2) - f part G(sqrt(4 + 36)), negative from where the two are equal.
  image::Image image{image::ImageShape{1, 61, 61}};
  const auto gaussian = [](double r2, double variance) { return std::exp(-0.5 * r2 / variance) / (2 * M_PI * variance); };
  for (int row = 0; row < 61; ++row) {
    for (int column = 0; column < 61; ++column)
      image.at(0, row, column) = static_cast<float>(1e4 * gaussian((row - 30) * (row - 30) + (column - 30) * (column - 30), 4));
  }
  oversubtract(image.view(), 0, 0.001, 0.5, 6);
  for (const int r : {0, 3, 6, 8, 12})
    EXPECT_NEAR(image.at(0, 30, 30 + r), 1e4 * (gaussian(r * r, 4) - 0.5 * gaussian(r * r, 40)), 0.2) << r;
  EXPECT_LT(image.at(0, 30, 39), -3);
}

TEST(ImageFaults, OversubtractedSkyIsNegativeRoundBrightGalaxies) {
  double lowest = 0;
  for (std::int64_t number = 0; number < 10; ++number) {
    const Pair pair{"oversubtracted", number, true};
    EXPECT_EQ(pair.spoiled.truth.processing.artefact, "oversubtracted");
    for (int row = 0; row < 64; ++row) {
      for (int column = 0; column < 64; ++column) {
        EXPECT_LE(pair.difference(2, row, column), 1e-6);
        lowest =
            std::min(lowest, static_cast<double>(pair.spoiled.image.at(2, row, column)) / pair.clean.truth.conditions.background_rms[2]);
      }
    }
  }
  EXPECT_LT(lowest, -5);
}

TEST(ImageFaults, GapsAndMasksSpareTheMiddle) {
  for (const char* fault : {"gap", "mask"}) {
    const CutoutMaker faulty{with(fault)};
    for (std::int64_t number = 0; number < 20; ++number) {
      const Pair pair{faulty, number};
      for (int b = 0; b < 3; ++b) EXPECT_EQ(pair.difference(b, 32, 32), 0) << fault << number;
    }
  }
}

TEST(ImageFaults, PoorSeeingIsOfOneBandAndInTheTruth) {
  const Pair pair{"poor_seeing"};
  std::vector<double> ratios;
  for (std::size_t b = 0; b < 3; ++b)
    ratios.push_back(pair.spoiled.truth.conditions.seeing_fwhm_arcsec[b] / pair.clean.truth.conditions.seeing_fwhm_arcsec[b]);
  std::ranges::sort(ratios);
  EXPECT_NEAR(ratios[0], 1, 1e-9);
  EXPECT_NEAR(ratios[1], 1, 1e-9);
  EXPECT_GE(ratios[2], 1.3);
  EXPECT_LE(ratios[2], 2);
}

TEST(ImageFaults, UnevenDepthRaisesTheNoiseBeyondItsEdgeAlone) {
  RandomStream random{4, Purpose::test};
  FaultRates rates{.halo = 0,
                   .trail = 0,
                   .mask = 0,
                   .bleed = 0,
                   .oversubtracted = 0,
                   .cosmic_ray = 0,
                   .gap = 0,
                   .uneven_depth = 1,
                   .gradient = 0,
                   .poor_seeing = 0};
  image::Image image{image::ImageShape{1, 64, 64}};
  const std::vector<double> rms{2};
  add_faults(rates, image.view(), rms, random);
  double squares = 0;
  std::int64_t touched = 0;
  for (const float value : std::as_const(image).values()) {
    if (value == 0) continue;
    squares += static_cast<double>(value) * static_cast<double>(value);
    ++touched;
  }
  EXPECT_GT(touched, 64 * 64 / 20);
  EXPECT_LT(touched, 64 * 64 * 19 / 20);
  // sqrt(1.3^2 - 1) to sqrt(2.5^2 - 1) times the background's.
  EXPECT_GT(std::sqrt(squares / static_cast<double>(touched)), 2 * 0.8);
  EXPECT_LT(std::sqrt(squares / static_cast<double>(touched)), 2 * 2.4);
}

}  // namespace
}  // namespace lensfind::simulate
