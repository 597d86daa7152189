#include "lensfind/simulate/display_look.h"

#include <algorithm>
#include <array>
#include <cmath>

#include <gtest/gtest.h>

#include "lensfind/base/error.h"
#include "lensfind/simulate/cutout.h"
#include "lensfind/simulate/simulate.h"

namespace lensfind::simulate {
namespace {

const DisplayLook cfhtls_look{.weights = {1.446, 0.6, 0.4}, .alpha = 0.1097, .q = 0.993, .enlarged = 2.907};

/// g, r, i of a galaxy of 12 x 12 pixels: what the reference script draws.
image::Image galaxy() {
  image::Image out{image::ImageShape{3, 12, 12}};
  for (int b = 0; b < 3; ++b) {
    for (int row = 0; row < 12; ++row) {
      for (int column = 0; column < 12; ++column) {
        const double r2 = (row - 5) * (row - 5) + (column - 6.5) * (column - 6.5);
        out.at(b, row, column) = static_cast<float>((b + 1) * 6 * std::exp(-0.1 * r2) - 0.3 + 0.02 * row);
      }
    }
  }
  return out;
}

// Computed by numpy and Pillow 11 (resize with BILINEAR, then BOX) from the same galaxy: rows 5 and 9 of g, r and i.
constexpr std::array row_5{0.0,    0.1733, 0.7038, 1.6794, 3.1241, 4.4687,  5.5043,  5.5043,  4.5654,  3.0399, 1.6206, 0.7038,
                           0.0596, 0.4774, 1.5749, 3.5335, 6.4431, 9.1501,  11.2449, 11.2449, 9.2912,  6.2488, 3.4575, 1.5749,
                           0.1787, 0.8951, 2.4532, 5.3966, 9.7732, 13.7251, 16.8673, 16.8673, 13.9367, 9.4809, 5.2823, 2.4532};
constexpr std::array row_9{0.0, 0.0,    0.0989, 0.3226, 0.6517, 0.9394, 1.1827, 1.1562, 0.9658, 0.6260, 0.2976, 0.0742,
                           0.0, 0.0,    0.2384, 0.7176, 1.4498, 2.0193, 2.4165, 2.4150, 2.0214, 1.3879, 0.7173, 0.2384,
                           0.0, 0.0894, 0.4470, 1.1661, 2.1747, 3.0289, 3.7177, 3.7154, 3.1240, 2.0818, 1.0760, 0.4470};

TEST(DisplayLook, IsThatOfPillow) {
  image::Image image = galaxy();
  apply_display_look(cfhtls_look, image.view());
  for (int b = 0; b < 3; ++b) {
    for (int column = 0; column < 12; ++column) {
      const auto k = static_cast<std::size_t>(b * 12 + column);
      // A step of 8 bits of the brightest colour is 2% of a flux here.
      EXPECT_NEAR(image.at(b, 5, column), row_5[k], 0.02 * row_5[k] + 0.03) << b << " " << column;
      EXPECT_NEAR(image.at(b, 9, column), row_9[k], 0.02 * row_9[k] + 0.03) << b << " " << column;
    }
  }
}

TEST(DisplayLook, FluxBetweenTheEndsComesBackToAStep) {
  image::Image image{image::ImageShape{3, 8, 8}};
  for (int k = 0; k < 64; ++k) {
    for (int b = 0; b < 3; ++b) image.band(b)[static_cast<std::size_t>(k)] = static_cast<float>(0.1 * k);
  }
  const image::Image before = image;
  apply_display_look({.weights = {1.446, 0.6, 0.4}, .alpha = 0.1097, .q = 0.993}, image.view());
  for (std::size_t k = 0; k < 64; ++k) EXPECT_NEAR(image.band(1)[k], before.band(1)[k], 0.035 + 0.02 * before.band(1)[k]) << k;
}

TEST(DisplayLook, CutsOffNegativeSkyAndBrightCores) {
  image::Image image{image::ImageShape{3, 4, 4}, -3.0f};
  image.at(0, 1, 1) = image.at(1, 1, 1) = image.at(2, 1, 1) = 5000;
  apply_display_look({.weights = {1.446, 0.6, 0.4}, .alpha = 0.1097, .q = 0.993}, image.view());
  EXPECT_EQ(image.at(1, 3, 3), 0);
  EXPECT_LT(image.at(1, 1, 1), 500);
}

TEST(DisplayLook, OffTheGridNeighbouringPixelsAreMoreAlike) {
  const auto likeness = [](PixelShift shift) {
    RandomStream random{5, Purpose::test};
    image::Image image{image::ImageShape{3, 128, 128}};
    for (float& value : image.values()) value = static_cast<float>(random.normal(4, 1));
    apply_display_look(cfhtls_look, image.view(), shift);
    double products = 0, squares = 0;
    for (int row = 2; row < 126; ++row) {
      for (int column = 2; column < 125; ++column) {
        const double a = image.at(1, row, column) - 4, b = image.at(1, row, column + 1) - 4;
        products += a * b;
        squares += a * a;
      }
    }
    return products / squares;
  };
  // Half a pixel off, each value is about the mean of two: .5 and more.
  EXPECT_LT(likeness({0, 0}), 0.35);
  EXPECT_GT(likeness({0.5, 0}), 0.45);
}

TEST(DisplayLook, OnlySurveysThatHaveOneTakeIt) {
  const auto folder = std::filesystem::path{LENSFIND_SOURCE_DIR} / "surveys";
  SimulateOptions options{.out = "never-made", .lenses = 1};
  options.scaling = Scaling::display;
  options.survey = find_survey("hsc", {folder});
  EXPECT_THROW((void)simulate_set(options, no_progress(), never_stop()), Error);
  const Survey survey = find_survey("cfhtls", {folder});
  const SimulatedCutout looked = simulate_cutout(survey, {.scaling = Scaling::display, .seed = 2}),
                        plain = simulate_cutout(survey, {.seed = 2});
  image::Image by_hand = plain.image;
  RandomStream processing{2, Purpose::processing, stream_item({.seed = 2})};
  apply_display_look(survey.display, by_hand.view(), draw_pixel_shift(survey.display, processing));
  EXPECT_TRUE(std::ranges::equal(looked.image.values(), std::as_const(by_hand).values()));
}

}  // namespace
}  // namespace lensfind::simulate
