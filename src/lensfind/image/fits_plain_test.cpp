#include "lensfind/image/fits_plain.h"

#include <algorithm>
#include <bit>
#include <cmath>
#include <cstring>
#include <fstream>
#include <limits>

#include <fmt/format.h>
#include <gmock/gmock.h>

#include "lensfind/base/error.h"
#include "lensfind/image/fits_planes.h"

namespace lensfind::image {
namespace {

namespace fs = std::filesystem;

std::string plain_card(const std::string& text) { return fmt::format("{:80}", text); }
std::string number_card(const std::string& keyword, int value) {
  return plain_card(fmt::format("{:8}= {:20d} / a number", keyword, value));
}
std::string to_blocks(std::string text, char padding) {
  text.resize((text.size() + 2879) / 2880 * 2880, padding);
  return text;
}
std::string header(const std::string& cards) { return to_blocks(cards + plain_card("END"), ' '); }

std::string sizes(const std::vector<int>& axes, int bits = -32) {
  std::string cards = number_card("BITPIX", bits) + number_card("NAXIS", static_cast<int>(axes.size()));
  for (std::size_t i = 0; i < axes.size(); ++i) cards += number_card(fmt::format("NAXIS{}", i + 1), axes[i]);
  return cards;
}
const std::string plain_opening = plain_card("SIMPLE  =                    T / standard");
const std::string extension = plain_card("XTENSION= 'IMAGE   '           / an image");
const std::string counts = number_card("PCOUNT", 0) + number_card("GCOUNT", 1);

/// Big-endian, with the padding.
std::string pixels(const std::vector<float>& values) {
  std::string bytes;
  for (const float value : values) {
    for (const int shift : {24, 16, 8, 0}) bytes += static_cast<char>(std::bit_cast<std::uint32_t>(value) >> shift & 0xffU);
  }
  return to_blocks(bytes, '\0');
}
const std::vector<float> six{1, -2.5F, 3e-30F, 4e30F, 5, 6};
const std::string band = pixels(six);

std::string bits_of(const Image& image) { return {reinterpret_cast<const char*>(image.values().data()), image.values().size_bytes()}; }

class PlainFits : public ::testing::Test {
 protected:
  void TearDown() override { fs::remove(path_); }
  std::optional<FitsCutout> read(const std::string& bytes) const {
    std::ofstream{path_, std::ios::binary} << bytes;
    return read_plain_fits(path_);
  }
  /// Reads it into an image of this shape.
  std::optional<FitsCutout> read_in_place(const std::string& bytes, ImageShape shape) const {
    std::ofstream{path_, std::ios::binary} << bytes;
    Image image{shape, -1};
    std::optional<PlainFacts> plain = read_plain_fits(path_, image.view());
    if (!plain) return {};
    EXPECT_EQ(plain->finite, std::ranges::none_of(image.values(), [](float value) { return std::isnan(value); }));
    return FitsCutout{std::move(image), std::move(plain->facts)};
  }
  /// Reads it both ways, which must agree.
  FitsCutout read_both(const std::string& bytes) const {
    std::optional<FitsCutout> plain = read(bytes);
    FitsCutout other = read_with_cfitsio(path_, {});
    EXPECT_TRUE(plain.has_value());
    if (!plain) return other;
    expect_same(*plain, other);
    if (const auto in_place = read_in_place(bytes, other.image.shape())) expect_same(*in_place, other);
    return std::move(*plain);
  }
  static void expect_same(const FitsCutout& plain, const FitsCutout& other) {
    EXPECT_EQ(plain.image.shape(), other.image.shape());
    EXPECT_EQ(bits_of(plain.image), bits_of(other.image));
    EXPECT_EQ(plain.facts.filters, other.facts.filters);
    EXPECT_EQ(plain.facts.zero_points, other.facts.zero_points);
    EXPECT_EQ(plain.facts.pixel_scale_arcsec, other.facts.pixel_scale_arcsec);
    EXPECT_EQ(plain.facts.scale_fault, other.facts.scale_fault);
    EXPECT_EQ(plain.facts.left_out, other.facts.left_out);
  }

  fs::path path_ = fs::path{::testing::TempDir()} / fmt::format("{}.fits", ::testing::UnitTest::GetInstance()->current_test_info()->name());
};

TEST_F(PlainFits, OfOneImageAreReadAsByCfitsio) {
  const FitsCutout flat = read_both(header(plain_opening + sizes({3, 2}) + plain_card("MAGZERO =                 30.0")) + band);
  EXPECT_EQ(flat.image.shape(), (ImageShape{1, 2, 3}));
  EXPECT_THAT(flat.image.values(), ::testing::ElementsAreArray(six));
  EXPECT_THAT(flat.facts.zero_points, ::testing::ElementsAre(30));
  const FitsCutout cube =
      read_both(header(plain_opening + sizes({1, 2, 3}) + plain_card("BAND0   = 'g'") + plain_card("BAND2   = 'z'")) + band);
  EXPECT_EQ(cube.image.shape(), (ImageShape{3, 2, 1}));
  EXPECT_THAT(cube.facts.filters, ::testing::ElementsAre("g", "", "z"));
}

TEST_F(PlainFits, OfABandAnHduAreReadAsByCfitsio) {
  const std::string g = header(plain_opening + sizes({3, 2}) + plain_card("FILTER  = 'g'")) + band;
  const std::string r = header(extension + sizes({3, 2}) + counts + plain_card("FILTER  = 'r'")) + pixels({6, 5, 4, 3, 2, 1});
  const FitsCutout cutout = read_both(g + r);
  EXPECT_EQ(cutout.image.at(1, 0, 0), 6);
  EXPECT_THAT(cutout.facts.filters, ::testing::ElementsAre("g", "r"));
  const FitsCutout behind = read_both(header(plain_opening + sizes({}) + plain_card("MAGZPT  =                 27.0")) + r + r);
  EXPECT_EQ(behind.image.shape(), (ImageShape{2, 2, 3}));
  EXPECT_THAT(behind.facts.zero_points, ::testing::ElementsAre(27, 27));
}

TEST_F(PlainFits, GiveBlankAndTinyPixelsAsCfitsioDoes) {
  const float infinity = std::numeric_limits<float>::infinity();
  std::vector<float> values{std::nanf(""), std::bit_cast<float>(0xff812345U), infinity, -infinity, 0.F, -0.F, 1e-40F, -1e-40F};
  values.resize(1000, 7);  // the rest of a vector register, and more than one
  const Image image = read_both(header(plain_opening + sizes({100, 10})) + pixels(values)).image;
  for (std::size_t i = 0; i < 4; ++i) EXPECT_TRUE(std::isnan(image.values()[i])) << i;
  for (std::size_t i = 4; i < 8; ++i) EXPECT_EQ(std::bit_cast<std::uint32_t>(image.values()[i]), 0U) << i;
}

TEST_F(PlainFits, MayHaveManyCards) {
  std::string cards = plain_opening + sizes({3, 2});
  for (int i = 0; i < 100; ++i) cards += number_card(fmt::format("KEY{}", i), i);
  for (int i = 0; i < 60; ++i) cards += plain_card("");
  EXPECT_THAT(read_both(header(cards) + band).image.values(), ::testing::ElementsAreArray(six));
}

TEST_F(PlainFits, OfOneHduAreReadInPlaceWhereTheyHaveTheShapeWanted) {
  const std::string cube = header(plain_opening + sizes({1, 2, 3}) + plain_card("BAND1   = 'r'")) + band;
  const auto whole = read_in_place(cube, {3, 2, 1});
  ASSERT_TRUE(whole);
  EXPECT_THAT(whole->image.values(), ::testing::ElementsAreArray(six));
  EXPECT_THAT(whole->facts.filters, ::testing::ElementsAre("r", "", ""));
  for (const ImageShape shape : {ImageShape{1, 2, 3}, {3, 1, 2}, {3, 2, 2}, {1, 64, 64}}) EXPECT_FALSE(read_in_place(cube, shape));
  const std::string one = header(extension + sizes({1, 2}) + counts) + pixels({1, 2});
  EXPECT_FALSE(read_in_place(header(plain_opening + sizes({})) + one + one, {2, 2, 1}));
  const std::string flat = header(plain_opening + sizes({1, 2})) + pixels({1, 2});
  EXPECT_TRUE(read_in_place(flat, {1, 2, 1}));
  EXPECT_FALSE(read_in_place(flat + one, {1, 2, 1}));  // that would be the first of two bands
}

TEST_F(PlainFits, AreNothingElse) {
  const std::string good = header(plain_opening + sizes({3, 2})) + band;
  ASSERT_TRUE(read(good));
  const std::string next = sizes({3, 2}) + counts;
  for (const std::string& bytes : std::vector<std::string>{
           "",
           "text",
           good.substr(0, good.size() - 2880),
           good + std::string(2880, '\0'),
           good + "x",
           good + header(extension + next + plain_card("EXTNAME = 'mask'")) + band,
           good + header(extension + sizes({2, 3}) + counts) + band,
           good + header(plain_card("XTENSION= 'BINTABLE'") + next) + band,
           good + header(extension + sizes({3, 2})) + band,
           header(plain_opening + sizes({3, 2}, 32)) + band,
           header(plain_opening + sizes({3})) + band,
           header(plain_opening + sizes({3}) + number_card("NAXIS2", 2)) + band,
           header(plain_opening + sizes({3, 2, 1, 1})) + band,
           header(plain_opening + sizes({})),
           header(plain_opening + sizes({}, 7)) + header(extension + next) + band,
           header(plain_opening + sizes({0, 2})) + band,
           header(plain_opening + sizes({-3, 2})) + band,
           header(plain_opening + sizes({70000, 1})) + std::string(283680, '\0'),
           header(plain_opening + sizes({3, 2}) + plain_card("BSCALE  =                  2.0")) + band,
           header(plain_opening + sizes({3, 2}) + plain_card("BZERO   =                  1.0")) + band,
           header(plain_opening + sizes({3, 2}) + plain_card("BSOFTEN =                  1.0")) + band,
           header(plain_opening + sizes({3, 2}) + plain_card("EXTNAME = 'WGT'")) + band,
           good + header(extension + next + plain_card("EXTNAME = 'OVR'")) + band,
           header(plain_opening + sizes({3, 2}) + counts) + band,
           header(plain_opening + number_card("NAXIS", 2) + number_card("BITPIX", -32) + number_card("NAXIS1", 3) +
                  number_card("NAXIS2", 2)) +
               band,
           header(plain_card("SIMPLE  =                    F") + sizes({3, 2})) + band,
           header(plain_opening + sizes({3, 2}) + plain_card("NAME    = 'caf\xc3\xa9'")) + band,
           header(plain_opening + sizes({1000, 1000})) + pixels(std::vector<float>(1'000'000)),
       }) {
    EXPECT_FALSE(read(bytes)) << bytes.substr(0, 400);
    EXPECT_FALSE(read_in_place(bytes, {1, 2, 3})) << bytes.substr(0, 400);
  }
  EXPECT_FALSE(read_plain_fits("/nowhere.fits"));
  EXPECT_FALSE(read_plain_fits("/"));
  Image image{ImageShape{1, 2, 3}};
  EXPECT_FALSE(read_plain_fits("/nowhere.fits", image.view()));
}

}  // namespace
}  // namespace lensfind::image
