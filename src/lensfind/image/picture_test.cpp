#include "lensfind/image/picture.h"

#include <cmath>
#include <limits>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <png.h>

#include "lensfind/base/error.h"
#include "lensfind/base/random.h"
#include "lensfind/base/value.h"

namespace lensfind::image {
namespace {

using ::testing::ElementsAre;

/// What libpng reads from the bytes.
Picture decoded(const std::string& bytes) {
  png_image header{};
  header.version = PNG_IMAGE_VERSION;
  EXPECT_NE(png_image_begin_read_from_memory(&header, bytes.data(), bytes.size()), 0) << header.message;
  Picture picture{
      static_cast<int>(header.height), static_cast<int>(header.width), static_cast<int>(PNG_IMAGE_PIXEL_CHANNELS(header.format)), {}};
  picture.values.resize(PNG_IMAGE_SIZE(header));
  EXPECT_NE(png_image_finish_read(&header, nullptr, picture.values.data(), 0, nullptr), 0) << header.message;
  return picture;
}

TEST(EncodePng, IsReadBackByLibpng) {
  for (const int channels : {1, 3}) {
    Picture picture{5, 7, channels, {}};
    for (int i = 0; i < 35 * channels; ++i) picture.values.push_back(static_cast<std::uint8_t>(i * 7));
    const Picture read = decoded(encode_png(picture));
    EXPECT_EQ(read.height, 5);
    EXPECT_EQ(read.width, 7);
    EXPECT_EQ(read.channels, channels);
    EXPECT_EQ(read.values, picture.values);
  }
}

TEST(EncodePng, RefusesSizesThatDoNotFit) {
  EXPECT_THROW(encode_png({2, 2, 1, {1, 2, 3}}), Error);
  EXPECT_THROW(encode_png({0, 0, 1, {}}), Error);
  EXPECT_THROW(encode_png({1, 1, 2, {1, 2}}), Error);
}

TEST(WritePng, LeavesTheFile) {
  const std::filesystem::path path = std::filesystem::path{::testing::TempDir()} / "picture.png";
  write_png(path, {1, 2, 1, {0, 255}});
  EXPECT_THAT(decoded(read_text(path)).values, ElementsAre(0, 255));
  std::filesystem::remove(path);
}

/// Noise about 0 with a bright pixel (row 3 from the top, column 5) in the bands named.
Image sky_with_star(int bands, const std::vector<int>& bright) {
  Image image{ImageShape{bands, 16, 16}};
  RandomStream random{1, Purpose::test};
  for (float& value : image.values()) value = static_cast<float>(random.normal(0, .01));
  for (const int b : bright) image.at(b, 12, 5) = 1;
  return image;
}

std::vector<int> pixel(const Picture& picture, int row, int column) {
  const auto at = picture.values.begin() + (row * picture.width + column) * picture.channels;
  return {at, at + picture.channels};
}

TEST(PictureOf, ShowsTheFirstBandBlueAndTheLastRed) {
  EXPECT_THAT(pixel(picture_of(sky_with_star(3, {0}).view(), {.black_percentile = 50, .white_percentile = 100}), 3, 5),
              ElementsAre(::testing::Lt(30), ::testing::Lt(30), 255));
  EXPECT_THAT(pixel(picture_of(sky_with_star(3, {1}).view(), {.black_percentile = 50, .white_percentile = 100}), 3, 5),
              ElementsAre(::testing::Lt(30), 255, ::testing::Lt(30)));
  EXPECT_THAT(pixel(picture_of(sky_with_star(5, {4}).view(), {.black_percentile = 50, .white_percentile = 100}), 3, 5),
              ElementsAre(255, ::testing::Lt(30), ::testing::Lt(30)));
  const std::vector<int> white = pixel(picture_of(sky_with_star(3, {0, 1, 2}).view()), 3, 5);
  for (const int colour : white) EXPECT_NEAR(colour, white[0], 2);
  EXPECT_GT(white[0], 180);
}

TEST(PictureOf, IsGreyForOneBandAndMixesTwo) {
  EXPECT_THAT(pixel(picture_of(sky_with_star(1, {0}).view(), {.white_percentile = 100}), 3, 5), ElementsAre(255));
  const Picture two = picture_of(sky_with_star(2, {0}).view());
  const std::vector<int> star = pixel(two, 3, 5);
  EXPECT_LT(star[0], 30);
  EXPECT_NEAR(star[1], star[2] / 2., 10);
  EXPECT_GT(star[2], 200);
}

TEST(PictureOf, StretchesAsItSays) {
  // Values 0 to 100 in order: black at 0, white at 100; pixel 25 is at a quarter.
  Image ramp{ImageShape{1, 1, 101}};
  for (int i = 0; i <= 100; ++i) ramp.at(0, 0, i) = static_cast<float>(i);
  const auto level = [&](Stretch stretch) {
    return pixel(
        picture_of(ramp.view(), {.stretch = stretch, .softening = 10, .black_percentile = 0, .white_percentile = 100, .min_contrast = 0}),
        0, 25)[0];
  };
  EXPECT_EQ(level(Stretch::linear), 64);
  EXPECT_EQ(level(Stretch::sqrt), 128);
  EXPECT_EQ(level(Stretch::asinh), std::lround(255 * std::asinh(2.5) / std::asinh(10.0)));
}

TEST(PictureOf, KeepsNoiseDim) {
  const Picture picture = picture_of(sky_with_star(3, {}).view(), {.stretch = Stretch::linear});
  EXPECT_LT(*std::ranges::max_element(picture.values), 160);
}

TEST(PictureOf, EnlargesWithRow0AtTheBottom) {
  const Picture picture = picture_of(sky_with_star(1, {0}).view(), {.white_percentile = 100, .enlargement = 3});
  EXPECT_EQ(picture.height, 48);
  EXPECT_EQ(picture.width, 48);
  for (int row = 9; row < 12; ++row) {
    for (int column = 15; column < 18; ++column) EXPECT_EQ(pixel(picture, row, column)[0], 255);
  }
  EXPECT_LT(pixel(picture, 8, 15)[0], 255);
  EXPECT_LT(pixel(picture, 12, 15)[0], 255);
}

TEST(PictureOf, ShowsConstantAndUnusablePixelsBlack) {
  Image image{ImageShape{3, 4, 4}, 7.0F};
  image.at(1, 2, 2) = std::numeric_limits<float>::quiet_NaN();
  EXPECT_THAT(picture_of(image.view()).values, ::testing::Each(0));
}

TEST(PictureOf, RefusesOptionsOutOfRange) {
  const Image image{ImageShape{1, 4, 4}};
  EXPECT_THROW(picture_of(image.view(), {.enlargement = 0}), Error);
  EXPECT_THROW(picture_of(image.view(), {.black_percentile = 99, .white_percentile = 50}), Error);
  EXPECT_THROW(picture_of(ImageView{}), Error);
}

}  // namespace
}  // namespace lensfind::image
