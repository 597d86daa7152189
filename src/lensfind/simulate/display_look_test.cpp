#include "lensfind/simulate/display_look.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <numeric>

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

// Computed by numpy and Pillow 13 (8 bits rounded down; resize with BILINEAR, then BOX) from the same galaxy: rows 5 and 9 of g, r and i.
constexpr std::array row_5{0.0,    0.1485, 0.6781, 1.6794, 3.1158, 4.4615, 5.4946,  5.4946,  4.558,   3.0399, 1.5901, 0.7038,
                           0.0596, 0.4773, 1.5131, 3.5335, 6.3538, 9.0545, 11.1372, 11.1372, 9.1947,  6.2488, 3.3851, 1.5749,
                           0.0894, 0.8054, 2.4512, 5.3966, 9.6391, 13.703, 16.8374, 16.8374, 13.9141, 9.4809, 5.1734, 2.4532};
constexpr std::array row_9{0.0, 0.0,    0.0742, 0.2977, 0.6262, 0.9131, 1.1562, 1.1298, 0.9399, 0.6257, 0.2976, 0.0742,
                           0.0, 0.0,    0.2384, 0.7174, 1.3884, 1.9561, 2.415,  2.4135, 2.0203, 1.3271, 0.6574, 0.2384,
                           0.0, 0.0894, 0.447,  1.1658, 2.1731, 3.0258, 3.7154, 3.7131, 3.1223, 2.0811, 1.0758, 0.447};

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
  for (std::size_t k = 0; k < 64; ++k) EXPECT_NEAR(image.band(1)[k], before.band(1)[k], 0.065 + 0.02 * before.band(1)[k]) << k;
}

// The picture of a genuine candidate (CFHTLSJ142810.5+563948, Space Warps) turned back with the second numbers, over the FITS images of the
// same piece of sky (HumVI's example CFHTLS_27): .962 in g, .828 in r, .830 in i, where no colour is full.
TEST(DisplayLook, ComesBackFainterWhereTheWayBackIsGoneWithOtherNumbers) {
  const Survey survey = find_survey("cfhtls", {std::filesystem::path{LENSFIND_SOURCE_DIR} / "surveys"});
  DisplayLook look = survey.display;
  look.enlarged = 1;
  image::Image image{image::ImageShape{3, 8, 8}};
  constexpr std::array flux{3.0f, 8.0f, 13.0f}, genuine{0.962f, 0.828f, 0.830f};
  for (int b = 0; b < 3; ++b) std::ranges::fill(image.band(b), flux[static_cast<std::size_t>(b)]);
  apply_display_look(look, image.view());
  for (int b = 0; b < 3; ++b) {
    const auto k = static_cast<std::size_t>(b);
    // A step of 8 bits is 2% here.
    EXPECT_NEAR(image.at(b, 4, 4) / flux[k], genuine[k], 0.03) << b;
  }
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

/// Root mean square of the smaller nine tenths of the differences, `steps` pixels apart along rows or columns, farther than 20 pixels out.
double scatter(image::ImageView image, int band, int down, int right) {
  std::vector<double> squares;
  for (int row = 0; row + down < image.shape.height; ++row) {
    for (int column = 0; column + right < image.shape.width; ++column) {
      const double y = row + down - 31.5, x = column + right - 31.5;
      if (std::hypot(x, y) <= 20) continue;
      const auto there = static_cast<double>(image.at(band, row + down, column + right));
      squares.push_back(std::pow(there - static_cast<double>(image.at(band, row, column)), 2));
    }
  }
  std::ranges::sort(squares);
  for (double& square : squares) square = std::min(square, squares[squares.size() * 9 / 10]);
  return std::sqrt(std::accumulate(squares.begin(), squares.end(), 0.0));
}

// Of 138 genuine cutouts (Space Warps), measured so by numpy, the differences of neighbours over those two apart are along rows .933 (16%
// to 84%: .916 to .959) of what they are along columns.
TEST(DisplayLook, CfhtlsComesBackFromOnePlaceBetweenColumnsAndOnTheRows) {
  const Survey survey = find_survey("cfhtls", {std::filesystem::path{LENSFIND_SOURCE_DIR} / "surveys"});
  const CutoutMaker maker{survey};
  render::Renderer renderer;
  std::vector<double> ratios;
  for (std::int64_t number = 0; number < 60; ++number) {
    const image::Image image = maker.make({.lens = false, .number = number, .scaling = Scaling::display, .seed = 4}, renderer).image;
    double along_rows = 0, along_columns = 0;
    for (int b = 0; b < 3; ++b) {
      along_rows += scatter(image.view(), b, 0, 1) / scatter(image.view(), b, 0, 2);
      along_columns += scatter(image.view(), b, 1, 0) / scatter(image.view(), b, 2, 0);
    }
    ratios.push_back(along_rows / along_columns);
  }
  std::ranges::sort(ratios);
  EXPECT_NEAR(ratios[30], 0.933, 0.015);
  EXPECT_NEAR(ratios[50] - ratios[9], 0.043, 0.02);
}

TEST(DisplayLook, AShiftOfOneNumberIsRefused) {
  const auto folder = std::filesystem::path{LENSFIND_SOURCE_DIR} / "surveys";
  EXPECT_THROW((void)find_survey("cfhtls", {folder}, {"display.back_shift_pixels=[0.3]"}), Error);
  EXPECT_NO_THROW((void)find_survey("cfhtls", {folder}, {"display.back_shift_pixels=[]"}));
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
