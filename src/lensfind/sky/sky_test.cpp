#include <array>
#include <cmath>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <limits>
#include <numbers>

#include <fitsio.h>
#include <gmock/gmock.h>

#include "lensfind/base/error.h"
#include "lensfind/image/fits.h"
#include "lensfind/sky/catalogue.h"
#include "lensfind/sky/field.h"

namespace lensfind::sky {
namespace {

using ::testing::ElementsAre;
namespace fs = std::filesystem;

class Sky : public ::testing::Test {
 protected:
  void SetUp() override {
    folder_ =
        fs::path{::testing::TempDir()} / (std::string{"lensfind-sky-"} + ::testing::UnitTest::GetInstance()->current_test_info()->name());
    fs::remove_all(folder_);
    fs::create_directories(folder_);
  }
  void TearDown() override { fs::remove_all(folder_); }

  /// A field around (150, 2) degrees, .2 arcsec a pixel, whose pixel (column, row) is 1000 row + column.
  fs::path field(const std::string& name, int width, int height, double shift = 0) const {
    image::Image image{image::ImageShape{1, height, width}};
    for (int row = 0; row < height; ++row) {
      for (int column = 0; column < width; ++column) image.at(0, row, column) = static_cast<float>(1000 * row + column);
    }
    image::write_fits(folder_ / name, image.view(),
                      {{"CTYPE1", std::string{"RA---TAN"}, ""},
                       {"CTYPE2", std::string{"DEC--TAN"}, ""},
                       {"CRVAL1", 150.0, ""},
                       {"CRVAL2", 2.0, ""},
                       {"CRPIX1", (width + 1) / 2.0 + shift, ""},
                       {"CRPIX2", (height + 1) / 2.0, ""},
                       {"CD1_1", -.2 / 3600, ""},
                       {"CD1_2", 0.0, ""},
                       {"CD2_1", 0.0, ""},
                       {"CD2_2", .2 / 3600, ""}});
    return folder_ / name;
  }

  fs::path folder_;
};

TEST(Separation, IsAstropys) {
  // SkyCoord.separation of astropy 7.
  EXPECT_NEAR(separation_arcsec({10, 20}, {10.001, 20.002}), 7.9551129842339146, 1e-9);
  EXPECT_NEAR(separation_arcsec({0, 89.9999}, {180, 89.9998}), 1.08, 1e-8);
  EXPECT_NEAR(separation_arcsec({12, -34}, {192, 34}), 648000, 1e-6);
  EXPECT_NEAR(separation_arcsec({359.9999, 0}, {.0001, 0}), .72, 1e-8);
}

// Numbers of tests/reference/wcs.py.
TEST_F(Sky, PositionsAreAstropys) {
  const auto text = [](const char* value) { return std::string{value}; };
  image::write_fits(folder_ / "rotated.fits", image::Image{image::ImageShape{1, 440, 440}}.view(),
                    {{"CTYPE1", text("RA---TAN"), ""},
                     {"CTYPE2", text("DEC--TAN"), ""},
                     {"CRVAL1", 215.5, ""},
                     {"CRVAL2", 52.75, ""},
                     {"CRPIX1", 210.5, ""},
                     {"CRPIX2", 225.25, ""},
                     {"CD1_1", -4.9e-5, ""},
                     {"CD1_2", 1.6e-5, ""},
                     {"CD2_1", 1.6e-5, ""},
                     {"CD2_2", 4.9e-5, ""}});
  const Wcs rotated{folder_ / "rotated.fits"};
  const auto position = rotated.position({100.25, 300.75});
  ASSERT_TRUE(position);
  EXPECT_NEAR(position->ra_deg, 215.51086670620512, 1e-10);
  EXPECT_NEAR(position->dec_deg, 52.752000003503674, 1e-10);
  EXPECT_NEAR(rotated.pixel_scale_arcsec({209.5, 224.25}), .18556594515158215, 1e-7);
  const auto back = rotated.pixel(*position);
  ASSERT_TRUE(back);
  EXPECT_NEAR(back->x, 100.25, 1e-7);
  EXPECT_NEAR(back->y, 300.75, 1e-7);
}

TEST_F(Sky, PositionsOfOldHeadersAreAstropys) {
  const auto text = [](const char* value) { return std::string{value}; };
  image::write_fits(folder_ / "old.fits", image::Image{image::ImageShape{1, 120, 120}}.view(),
                    {{"CTYPE1", text("RA---TAN"), ""},
                     {"CTYPE2", text("DEC--TAN"), ""},
                     {"CRVAL1", 318.2, ""},
                     {"CRVAL2", -1.3, ""},
                     {"CRPIX1", 60.5, ""},
                     {"CRPIX2", 61.0, ""},
                     {"CDELT1", 6.94e-5, ""},
                     {"CDELT2", 6.94e-5, ""},
                     {"PC001001", -0.9961946980917455, ""},
                     {"PC001002", 0.08715574274765817, ""},
                     {"PC002001", 0.08715574274765817, ""},
                     {"PC002002", 0.9961946980917455, ""},
                     {"RADESYS", text("FK5"), ""},
                     {"EQUINOX", 1950.0, ""}});
  const auto position = Wcs{folder_ / "old.fits"}.position({12.5, 101.75});
  ASSERT_TRUE(position);
  EXPECT_NEAR(position->ra_deg, 318.8478187647808, 1e-9);
  EXPECT_NEAR(position->dec_deg, -1.0888177794226428, 1e-9);
}

TEST_F(Sky, AnImageWithoutCoordinatesIsNoField) {
  image::write_fits(folder_ / "a.fits", image::Image{image::ImageShape{1, 8, 8}}.view());
  EXPECT_THROW(Wcs{folder_ / "a.fits"}, Error);
}

TEST_F(Sky, FieldsKnowWhatLiesInThem) {
  const Field one{{field("g.fits", 100, 50)}};
  const auto middle = one.find({150, 2});
  ASSERT_TRUE(middle);
  EXPECT_NEAR(middle->x, 49.5, 1e-9);
  EXPECT_NEAR(middle->y, 24.5, 1e-9);
  EXPECT_TRUE(one.find({150 - 9.9 / 3600, 2}));  // 9.9 arcsec west: 49.5 pixels to the right, on the edge of the last pixel
  EXPECT_FALSE(one.find({150 - 10.1 / 3600, 2}));
  EXPECT_FALSE(one.find({150, 2 + 5.1 / 3600}));
  EXPECT_FALSE(one.find({330, -2}));  // the other side of the sky
  EXPECT_NEAR(one.pixel_scale_arcsec(), .2, 1e-8);
}

TEST_F(Sky, ACircleHoldsAField) {
  const Circle circle = Field{{field("g.fits", 100, 50)}}.circle();
  const std::array<double, 3> middle = unit_vector({150, 2});
  for (std::size_t k = 0; k < 3; ++k) EXPECT_NEAR(circle.middle[k], middle[k], 1e-12);
  // 20 x 10 arcsec: half the diagonal; 1 - cosine keeps 9 digits of so small an angle.
  const double radius_arcsec = std::acos(circle.cosine) * 180 / std::numbers::pi * 3600;
  EXPECT_NEAR(radius_arcsec, std::hypot(10., 5.), 1e-3);
}

TEST_F(Sky, BandsOfAFieldShareOneGrid) {
  const Field three{{field("g.fits", 40, 30), field("r.fits", 40, 30), field("i.fits", 40, 30, .05)}};
  EXPECT_EQ(three.shape(), (image::ImageShape{3, 30, 40}));
  EXPECT_EQ(three.read().image.at(2, 7, 9), 7009);
  EXPECT_THROW((Field{{field("g.fits", 40, 30), field("r.fits", 40, 30, .5)}}), Error);
  EXPECT_THROW((Field{{field("g.fits", 40, 30), field("r.fits", 41, 30)}}), Error);
}

TEST_F(Sky, CutsAreCentredAndPaddedAtTheEdge) {
  const Field one{{field("g.fits", 100, 50)}};
  const image::Image pixels = one.read().image;
  const image::Image even = cut(pixels.view(), {49.5, 24.5}, 64);
  EXPECT_EQ(even.shape(), (image::ImageShape{1, 64, 64}));
  EXPECT_EQ(even.at(0, 31, 31), 24049);  // rows and columns 31 and 32 straddle the place
  EXPECT_EQ(even.at(0, 32, 32), 25050);
  EXPECT_TRUE(std::isnan(even.at(0, 6, 10)));
  EXPECT_EQ(even.at(0, 7, 0), 18);
  EXPECT_EQ(cut(pixels.view(), {49 - 1e-9, 24 + 1e-9}, 64).at(0, 31, 31), 24049);  // the middle of a pixel, but for rounding
  EXPECT_EQ(cut(pixels.view(), {48.96, 24.04}, 64).at(0, 31, 31), 24049);          // of a sexagesimal catalogue
  EXPECT_EQ(cut(pixels.view(), {48.9, 24}, 64).at(0, 31, 31), 24048);
  const image::Image odd = cut(pixels.view(), {98.2, 1.4}, 5);
  EXPECT_EQ(odd.at(0, 2, 2), 1098);
  EXPECT_EQ(odd.at(0, 1, 0), 96);
  EXPECT_TRUE(std::isnan(odd.at(0, 0, 2)));
  EXPECT_TRUE(std::isnan(odd.at(0, 2, 4)));
}

TEST_F(Sky, CatalogueOfCommaSeparatedValues) {
  std::ofstream{folder_ / "c.csv"} << "ID,RA,note,Dec\n9007199254740993,150.1,\"a, b\",-2\nx,none,,1\ny,-1,,91\nz,-1,,9\n";
  Catalogue catalogue{folder_ / "c.csv"};
  EXPECT_THAT(catalogue.columns(), ElementsAre("RA", "note", "Dec"));
  const auto first = catalogue.next();
  EXPECT_EQ(first->id, "9007199254740993");
  EXPECT_THAT(first->values, ElementsAre("150.1", "a, b", "-2"));
  EXPECT_EQ(first->position->ra_deg, 150.1);
  EXPECT_FALSE(catalogue.next()->position);
  EXPECT_FALSE(catalogue.next()->position);
  EXPECT_EQ(catalogue.next()->position->ra_deg, 359);
  EXPECT_FALSE(catalogue.next());
  std::ofstream{folder_ / "d.csv"} << "id,x,y\n1,2,3\n";
  EXPECT_THROW(Catalogue{folder_ / "d.csv"}, Error);
}

TEST_F(Sky, RightAscensionsOfACatalogueAreFrom0ToBelow360) {
  std::ofstream{folder_ / "c.csv"} << "ra,dec\n360,0\n-360,0\n-90,0\n-1e-20,0\n-0.0,0\n-999,0\n";
  Catalogue catalogue{folder_ / "c.csv"};
  for (const double expected : {0, 0, 270, 0, 0}) EXPECT_EQ(catalogue.next()->position->ra_deg, expected);
  EXPECT_FALSE(catalogue.next()->position);
}

TEST_F(Sky, CatalogueOfAFitsTableKeepsIntegersExact) {
  fitsfile* file = nullptr;
  int status = 0;
  char* names[] = {const_cast<char*>("object_id"), const_cast<char*>("ra"),    const_cast<char*>("dec"),
                   const_cast<char*>("vector"),    const_cast<char*>("field"), const_cast<char*>("mag")};
  char* forms[] = {const_cast<char*>("K"),  const_cast<char*>("D"),  const_cast<char*>("D"),
                   const_cast<char*>("3E"), const_cast<char*>("8A"), const_cast<char*>("E")};
  fits_create_diskfile(&file, (folder_ / "c.fits").c_str(), &status);
  fits_create_tbl(file, BINARY_TBL, 0, 6, names, forms, nullptr, nullptr, &status);
  constexpr long rows = 5000;  // more than are held at once
  std::vector<LONGLONG> ids;
  std::vector<double> ra, dec;
  std::vector<float> mag;
  for (long i = 0; i < rows; ++i) {
    ids.push_back(9007199254740993 + i);
    ra.push_back(150 + static_cast<double>(i) * 1e-4);
    dec.push_back(i == 1 ? std::nan("") : 2);
    mag.push_back(20.1F);
  }
  fits_write_col(file, TLONGLONG, 1, 1, 1, rows, ids.data(), &status);
  fits_write_col(file, TDOUBLE, 2, 1, 1, rows, ra.data(), &status);
  fits_write_col(file, TDOUBLE, 3, 1, 1, rows, dec.data(), &status);
  fits_write_col(file, TFLOAT, 6, 1, 1, rows, mag.data(), &status);
  char* text[] = {const_cast<char*>("W3 a")};
  fits_write_col(file, TSTRING, 5, 1, 1, 1, text, &status);
  fits_close_file(file, &status);
  ASSERT_EQ(status, 0);

  Catalogue catalogue{folder_ / "c.fits"};
  EXPECT_THAT(catalogue.columns(), ElementsAre("object_id", "ra", "dec", "field", "mag"));
  const auto first = catalogue.next();
  EXPECT_EQ(first->id, "9007199254740993");
  EXPECT_THAT(first->values, ElementsAre("9007199254740993", "150", "2", "W3 a", "20.1"));
  EXPECT_FALSE(catalogue.next()->position);
  std::optional<CatalogueObject> last;
  long count = 2;
  while (auto next = catalogue.next()) {
    last = std::move(next);
    ++count;
  }
  EXPECT_EQ(count, rows);
  EXPECT_EQ(last->id, "9007199254745992");
}

}  // namespace
}  // namespace lensfind::sky
