#include <cmath>
#include <cstdlib>
#include <filesystem>

#include <fitsio.h>
#include <gmock/gmock.h>

#include "lensfind/image/fits.h"
#include "lensfind/image/fits_cards.h"

namespace lensfind::image {
namespace {

using ::testing::ElementsAre;
namespace fs = std::filesystem;

std::string card(std::string text) {
  text.resize(80, ' ');
  return text;
}

TEST(FitsCards, AreKeywordsWithValues) {
  const FitsCards cards{card("SIMPLE  =                    T / it is") + card("FILTER  = 'it''s g  '           / name") +
                        card("COMMENT = no value") + card("GAIN    =              1.5D+01 / gain") + card("HIERARCH FPA.ZP = 25.0 / zero") +
                        card("GAIN    =                   3.")};
  EXPECT_EQ(cards.text("FILTER"), "it's g");
  EXPECT_EQ(cards.number("GAIN"), 15);
  EXPECT_EQ(cards.number("FPA.ZP"), 25);
  EXPECT_FALSE(cards.number("FILTER"));
  EXPECT_FALSE(cards.text("NONE"));
}

TEST(FilterName, KnowsTheWaysOfTheSurveys) {
  for (const auto& [text, name] : std::vector<std::pair<std::string, std::string>>{{"HSC-G", "g"},
                                                                                   {"HSC-I2", "i"},
                                                                                   {"g.MP9401", "g"},
                                                                                   {"i DECam SDSS c0003 7835.0 1470.0", "i"},
                                                                                   {"i.00000", "i"},
                                                                                   {"VIS", "vis"},
                                                                                   {"ACS F814W", "f814w"},
                                                                                   {"F200LP", "f200lp"},
                                                                                   {"CLEAR1L", ""},
                                                                                   {"W1", "w1"},
                                                                                   {"SCI", ""},
                                                                                   {"r0001", ""},
                                                                                   {"", ""}}) {
    EXPECT_EQ(filter_name(text), name) << text;
  }
}

class FitsCutouts : public ::testing::Test {
 protected:
  void SetUp() override {
    path_ = (fs::path{::testing::TempDir()} /
             (std::string{"lensfind-"} + ::testing::UnitTest::GetInstance()->current_test_info()->name() + ".fits"))
                .string();
    fs::remove(path_);
    fits_create_diskfile(&file_, path_.c_str(), &status_);
  }
  void TearDown() override { fs::remove(path_); }

  void image(const char* name, std::vector<float> pixels) {
    long sizes[] = {2, static_cast<long>(pixels.size() / 2)};
    fits_create_img(file_, FLOAT_IMG, 2, sizes, &status_);
    key("EXTNAME", name);
    fits_write_img(file_, TFLOAT, 1, static_cast<LONGLONG>(pixels.size()), pixels.data(), &status_);
  }
  void mask(std::vector<int> values) {
    long sizes[] = {2, static_cast<long>(values.size() / 2)};
    fits_create_img(file_, LONG_IMG, 2, sizes, &status_);
    key("EXTNAME", "MASK");
    fits_write_img(file_, TINT, 1, static_cast<LONGLONG>(values.size()), values.data(), &status_);
  }
  void key(const char* name, const char* value) { fits_update_key_longstr(file_, name, value, nullptr, &status_); }
  void key(const char* name, double value) { fits_update_key_dbl(file_, name, value, -15, nullptr, &status_); }
  void close() {
    fits_close_file(file_, &status_);
    ASSERT_EQ(status_, 0);
  }

  std::string path_;
  fitsfile* file_ = nullptr;
  int status_ = 0;
};

TEST_F(FitsCutouts, OfTheHscPipelineLoseTheirMaskedPixels) {
  fits_create_img(file_, BYTE_IMG, 0, nullptr, &status_);
  key("FILTER", "HSC-R");
  key("FLUXMAG0", 63095734448.0194);
  image("IMAGE", {1, 2, 3, 4, 5, 6});
  mask({0, 1, 2, 256, 1 | 32, 32});
  key("MP_BAD", 0.);
  key("MP_SAT", 1.);
  key("MP_DETECTED", 5.);
  key("MP_NO_DATA", 8.);
  image("VARIANCE", {9, 9, 9, 9, 9, 9});
  close();
  const FitsCutout cutout = read_fits_cutout(path_);
  EXPECT_EQ(cutout.image.shape(), (ImageShape{1, 3, 2}));
  const auto pixels = cutout.image.values();
  EXPECT_THAT((std::vector<float>{pixels[0], pixels[2], pixels[5]}), ElementsAre(1, 3, 6));
  for (const std::size_t masked : {1u, 3u, 4u}) EXPECT_TRUE(std::isnan(pixels[masked])) << masked;
  EXPECT_THAT(cutout.facts.filters, ElementsAre("r"));
  EXPECT_NEAR(cutout.facts.zero_points.at(0).value(), 27, 1e-9);
  EXPECT_EQ(read_fits_cutout(path_, {"SAT"}).image.values()[1], 2);
}

TEST_F(FitsCutouts, SayWhatEachHduIs) {
  image("SCI", {1, 2});
  key("BAND", "r");
  key("MAGZERO", 30.);
  image("SCI", {3, 4});
  key("BAND", "g");
  key("MAGZERO", 29.);
  close();
  const FitsCutout cutout = read_fits_cutout(path_);
  EXPECT_THAT(cutout.facts.filters, ElementsAre("r", "g"));
  EXPECT_THAT(cutout.facts.zero_points, ElementsAre(30, 29));
  EXPECT_FALSE(cutout.facts.pixel_scale_arcsec);
}

TEST_F(FitsCutouts, OfTheLegacySurveyAreCubesWithNamedBands) {
  long sizes[] = {2, 2, 3};
  std::vector<float> pixels(12, 1);
  fits_create_img(file_, FLOAT_IMG, 3, sizes, &status_);
  for (const auto& [name, band] : {std::pair{"BAND0", "g"}, {"BAND1", "r"}, {"BAND2", "z"}}) key(name, band);
  key("CTYPE1", "RA---TAN");
  key("CD1_1", -.262 / 3600);
  key("CD2_2", .262 / 3600);
  fits_write_img(file_, TFLOAT, 1, 12, pixels.data(), &status_);
  close();
  const PixelFacts facts = read_fits_cutout(path_).facts;
  EXPECT_THAT(facts.filters, ElementsAre("g", "r", "z"));
  EXPECT_NEAR(facts.pixel_scale_arcsec.value(), .262, 1e-9);
}

}  // namespace
}  // namespace lensfind::image
