#include "lensfind/sky/image_centre.h"

#include <cmath>
#include <fstream>

#include <gtest/gtest.h>

#include "lensfind/image/fits.h"

namespace lensfind::sky {
namespace {

namespace fs = std::filesystem;

/// A file of its own for each test: tests run side by side.
fs::path file_of_test(const std::string& name) {
  return fs::path{::testing::TempDir()} / (std::string{::testing::UnitTest::GetInstance()->current_test_info()->name()} + "-" + name);
}

/// The centre of an image of 41 x 30 pixels whose header has `cards` and a reference pixel far outside.
std::optional<Position> centre(std::vector<image::FitsCard> cards, const std::string& projection = "TAN") {
  const fs::path path = file_of_test("image-centre.fits");
  cards.insert(cards.end(), {{"CTYPE1", "RA---" + projection, ""},
                             {"CTYPE2", "DEC--" + projection, ""},
                             {"CRVAL1", 359.9999, ""},
                             {"CRVAL2", -67.5, ""},
                             {"CRPIX1", -300.5, ""},
                             {"CRPIX2", 512.25, ""}});
  image::write_fits(path, image::Image{image::ImageShape{1, 30, 41}}.view(), cards);
  return centre_of_image(path);
}

void expect_at(const std::optional<Position>& found, double ra_deg, double dec_deg) {
  ASSERT_TRUE(found);
  EXPECT_NEAR(found->ra_deg, ra_deg, 3e-7);  // a milliarcsecond
  EXPECT_NEAR(found->dec_deg, dec_deg, 3e-7);
}

// pixel_to_world((41 - 1) / 2, (30 - 1) / 2).icrs of astropy 7's WCS of the same header.
TEST(ImageCentre, IsAstropys) {
  expect_at(centre({{"CD1_1", -5e-5, ""}, {"CD1_2", 2e-5, ""}, {"CD2_1", 1.9e-5, ""}, {"CD2_2", 5.1e-5, ""}}), 359.931877522,
            -67.519211483);
  expect_at(
      centre({{"CDELT1", -5e-5, ""}, {"CDELT2", 5e-5, ""}, {"PC1_1", .8, ""}, {"PC1_2", -.6, ""}, {"PC2_1", .6, ""}, {"PC2_2", .8, ""}}),
      359.927321861, -67.510208753);
  const std::vector<image::FitsCard> matrix{{"CD1_1", -5e-5, ""}, {"CD2_2", 5e-5, ""}};
  expect_at(centre(matrix, "SIN"), 359.957849995, -67.524832051);
  std::vector<image::FitsCard> fk5 = matrix, fk4 = matrix;
  fk5.insert(fk5.end(), {{"RADESYS", std::string{"FK5"}, ""}, {"EQUINOX", 2000., ""}});
  expect_at(centre(fk5), 359.957856997, -67.524834580);
  fk4.insert(fk4.end(), {{"RADESYS", std::string{"FK4"}, ""}, {"EQUINOX", 1950., ""}});
  expect_at(centre(fk4), .595346565, -67.246342823);
  std::vector<image::FitsCard> old = matrix, older = matrix;
  old.insert(old.end(), {{"RADECSYS", std::string{"FK4"}, ""}, {"EQUINOX", 1950., ""}});
  older.insert(older.end(), {{"EPOCH", 1950., ""}});
  expect_at(centre(old), .595346565, -67.246342823);
  expect_at(centre(older), .595346565, -67.246342823);
}

TEST(ImageCentre, IsThatOfALaterImageWhereTheFirstHasNone) {
  const fs::path first = file_of_test("image-centre-first.fits");
  image::write_fits(first, image::Image{image::ImageShape{1, 36, 20}}.view());  // 2,880 bytes of pixels
  ASSERT_TRUE(centre({{"CD1_1", -5e-5, ""}, {"CD2_2", 5e-5, ""}}));
  std::ifstream second{file_of_test("image-centre.fits"), std::ios::binary};
  std::string bytes{std::istreambuf_iterator<char>{second}, {}};
  const std::string primary = "SIMPLE  =                    T", extension = "XTENSION= 'IMAGE   '          ";
  bytes.replace(0, primary.size(), extension);
  const std::size_t behind = bytes.find("NAXIS2  ") / 80 * 80 + 80;
  const auto card = [](const std::string& text) { return text + std::string(80 - text.size(), ' '); };
  bytes.insert(behind, card("PCOUNT  =                    0") + card("GCOUNT  =                    1"));
  bytes.erase(bytes.find("END     ") + 80, 160);  // of the header's padding
  std::ofstream{first, std::ios::binary | std::ios::app} << bytes;
  EXPECT_TRUE(centre_of_image(first));
}

// The numbers of IsAstropys' first case, from a header behind an empty one: of a plain image, and of a tile-compressed one.
TEST(ImageCentre, IsToldByTheHeaderBehindAnEmptyOne) {
  const auto header = [](const std::vector<std::string>& cards) {
    std::string text;
    for (const std::string& card : cards) text += card + std::string(80 - card.size(), ' ');
    return text + "END" + std::string(2880 - (text.size() + 3) % 2880, ' ');
  };
  const std::string empty = header({"SIMPLE  =                    T", "BITPIX  =                    8", "NAXIS   =                    0"});
  std::vector<std::string> place{"CTYPE1  = 'RA---TAN'", "CTYPE2  = 'DEC--TAN'", "CRVAL1  = 359.9999", "CRVAL2  = -67.5",
                                 "CRPIX1  = -300.5",     "CRPIX2  = 512.25",     "CD1_1   = -5E-5",    "CD1_2   = 2E-5",
                                 "CD2_1   = 1.9E-5",     "CD2_2   = 5.1E-5"};
  std::vector<std::string> plain{"XTENSION= 'IMAGE   '", "BITPIX  = -32", "NAXIS   = 2", "NAXIS1  = 41", "NAXIS2  = 30"};
  std::vector<std::string> tiled{"XTENSION= 'BINTABLE'", "BITPIX  = 8", "NAXIS   = 2",  "NAXIS1  = 8", "NAXIS2  = 30",
                                 "ZIMAGE  = T",          "ZNAXIS  = 2", "ZNAXIS1 = 41", "ZNAXIS2 = 30"};
  for (std::vector<std::string> cards : {plain, tiled}) {
    cards.insert(cards.end(), place.begin(), place.end());
    std::ofstream{file_of_test("behind.fits"), std::ios::binary} << empty << header(cards);
    expect_at(centre_of_image(file_of_test("behind.fits")), 359.931877522, -67.519211483);
  }
}

TEST(ImageCentre, IsNotKnownWithoutCoordinates) {
  const fs::path path = file_of_test("image-centre.fits");
  image::write_fits(path, image::Image{image::ImageShape{1, 3, 3}}.view());
  EXPECT_FALSE(centre_of_image(path));
  EXPECT_FALSE(centre({{"CD1_1", 0., ""}, {"CD2_2", 0., ""}}));
  EXPECT_FALSE(centre({{"CD1_1", -5e-5, ""}, {"CD2_2", 5e-5, ""}, {"RADESYS", std::string{"GAPPT"}, ""}}));
  std::ofstream{path} << "no FITS file";
  EXPECT_FALSE(centre_of_image(path));
  EXPECT_FALSE(centre_of_image(path / "none"));
}

}  // namespace
}  // namespace lensfind::sky
