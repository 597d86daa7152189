#include "lensfind/sky/wcs.h"

#include <fstream>

#include <gmock/gmock.h>

#include "lensfind/base/error.h"
#include "lensfind/image/test_fits.h"
#include "lensfind/sky/field.h"

namespace lensfind::sky {
namespace {

namespace fs = std::filesystem;
using ::testing::HasSubstr;

const std::string matrix = image::card("CD1_1   =              -7.3E-5") + image::card("CD1_2   =               1.0E-6") +
                           image::card("CD2_1   =               2.0E-6") + image::card("CD2_2   =               7.3E-5");
const std::string tangential = image::card("CTYPE1  = 'RA---TAN'") + image::card("CTYPE2  = 'DEC--TAN'");
const std::string place = image::card("CRVAL1  =                 150.") + image::card("CRVAL2  =                  40.");
const std::string polynomial = image::card("PV1_0   = 1e-6") + image::card("PV1_1   = 1.0005") + image::card("PV1_2   = 2e-5") +
                               image::card("PV1_4   = 0.01") + image::card("PV1_7   = 0.02") + image::card("PV2_0   = -2e-6") +
                               image::card("PV2_1   = 0.9995") + image::card("PV2_2   = 1e-5") + image::card("PV2_5   = 0.03");
const std::string sip = image::card("A_ORDER =                    2") + image::card("B_ORDER =                    2") +
                        image::card("A_0_2   =               1.0E-5") + image::card("A_2_0   =               3.0E-5") +
                        image::card("B_1_1   =               2.0E-5");

/// A field of 8 x 8 pixels whose header has these cards behind those of its size and its reference pixel (128.5, 128.5).
class WcsOfHeaders : public ::testing::Test {
 protected:
  void TearDown() override { fs::remove(path_); }
  Wcs read(const std::string& cards) const {
    std::ofstream{path_, std::ios::binary}
        << image::to_blocks(image::card("SIMPLE  =                    T") + image::card("BITPIX  =                  -32") +
                            image::card("NAXIS   =                    2") + image::card("NAXIS1  =                    8") +
                            image::card("NAXIS2  =                    8") + image::card("CRPIX1  =                128.5") +
                            image::card("CRPIX2  =                128.5") + cards + image::card("END"))
        << image::to_blocks(std::string(256, '\0'), '\0');
    return Wcs{path_};
  }
  /// At pixel (100, 50), counted from 1, it is this place, and back.
  void expect_place(const std::string& cards, double ra_deg, double dec_deg, double tolerance_deg = 2e-9) const {
    const Wcs wcs = read(cards);
    const auto position = wcs.position({99, 49});
    ASSERT_TRUE(position);
    EXPECT_NEAR(position->ra_deg, ra_deg, tolerance_deg);
    EXPECT_NEAR(position->dec_deg, dec_deg, tolerance_deg);
    const auto back = wcs.pixel(*position);
    ASSERT_TRUE(back);
    EXPECT_NEAR(back->x, 99, 1e-4);
    EXPECT_NEAR(back->y, 49, 1e-4);
  }
  std::string error_of(const std::string& cards) const {
    try {
      read(cards);
    } catch (const Error& error) {
      EXPECT_FALSE(error.hint().empty());
      return error.what();
    }
    return "no error";
  }

  fs::path path_ = fs::path{::testing::TempDir()} /
                   (std::string{"lensfind-wcs-"} + ::testing::UnitTest::GetInstance()->current_test_info()->name() + ".fits");
};

// All places: astropy 7, pixel_to_skycoord(99, 49, WCS(header)).icrs of the same header.
TEST_F(WcsOfHeaders, OfTheUsualKindIsAstropys) { expect_place(tangential + place + matrix, 150.0026132039, 39.9942124707); }

TEST_F(WcsOfHeaders, HeedsTheUnitOfItsAxes) {
  for (const std::string unit : {"deg", "degree", "Degrees", "DEG", "", "   "})
    expect_place(tangential + place + matrix + image::card("CUNIT1  = '" + unit + "'") + image::card("CUNIT2  = '" + unit + "'"),
                 150.0026132039, 39.9942124707);
  const std::string arcsec = image::card("CRVAL1  = 540000.") + image::card("CRVAL2  = 144000.") + image::card("CD1_1   = -.2628") +
                             image::card("CD1_2   = .0036") + image::card("CD2_1   = .0072") + image::card("CD2_2   = .2628");
  for (const std::string unit : {"arcsec", "ARCSECS"})
    expect_place(tangential + arcsec + image::card("CUNIT1  = '" + unit + "'") + image::card("CUNIT2  = '" + unit + "'"), 150.0026132039,
                 39.9942124707);
  EXPECT_THAT(error_of(tangential + place + matrix + image::card("CUNIT1  = 'furlong'")),
              HasSubstr("CUNIT1 = 'furlong' is no unit of angle"));
}

TEST_F(WcsOfHeaders, TurnsOtherSystemsIntoIcrs) {
  const std::string here = tangential + place + matrix;
  expect_place(here + image::card("RADESYS = 'FK5'") + image::card("EQUINOX = 1975."), 150.3807946757, 39.8734446016);
  expect_place(here + image::card("RADESYS = 'FK4'") + image::card("EQUINOX = 1950."), 150.7581392180, 39.7522437981, 3e-8);
  expect_place(here + image::card("RADECSYS= 'FK4'") + image::card("EQUINOX = 1950."), 150.7581392180, 39.7522437981, 3e-8);
  expect_place(here + image::card("EQUINOX = 1950."), 150.7581392180, 39.7522437981, 3e-8);
  expect_place(here + image::card("EPOCH   = 1950."), 150.7581392180, 39.7522437981, 3e-8);
  const auto on = [&](const std::string& longitude, const std::string& latitude) {
    return image::card("CTYPE1  = '" + longitude + "-TAN'") + image::card("CTYPE2  = '" + latitude + "-TAN'") + place + matrix;
  };
  expect_place(on("GLON", "GLAT"), 139.6720886462, 64.1839049405);
  expect_place(on("ELON", "ELAT"), 171.7870798866, 47.9049193707);  // SkyCoord(frame=BarycentricMeanEcliptic)
  EXPECT_THAT(error_of(here + image::card("RADESYS = 'GAPPT'")), HasSubstr("RADESYS = 'GAPPT'"));
  EXPECT_THAT(error_of(here + image::card("EQUINOX = 0.0")), HasSubstr("EQUINOX = 0 is no year"));
}

TEST_F(WcsOfHeaders, KnowsScampsPolynomials) {
  expect_place(tangential + place + matrix + polynomial, 150.0026157173, 39.9942130368);
  // The native pole's of the standard are none: fiducial point (0, 90), where it is anyway.
  expect_place(tangential + place + matrix + image::card("PV1_1   = 0.0") + image::card("PV1_2   = 90.0"), 150.0026132039, 39.9942124707);
}

TEST_F(WcsOfHeaders, TakesSipBeforeScampsPolynomials) {
  const std::string type = image::card("CTYPE1  = 'RA---TAN-SIP'") + image::card("CTYPE2  = 'DEC--TAN-SIP'");
  expect_place(type + place + matrix + sip, 150.0026050687, 39.9942159092);
  expect_place(type + place + matrix + sip + polynomial, 150.0026050687, 39.9942159092);
  expect_place(tangential + place + matrix + sip, 150.0026050687, 39.9942159092);
}

TEST_F(WcsOfHeaders, MayHaveTypesInSmallLetters) {
  expect_place(image::card("CTYPE1  = 'ra---tan'") + image::card("CTYPE2  = 'dec--tan'") + place + matrix, 150.0026132039, 39.9942124707);
}

TEST_F(WcsOfHeaders, LeadFromTheSkyToPixels) {
  EXPECT_THAT(error_of(tangential + place + image::card("CD1_1   = 1E-4") + image::card("CD1_2   = 1E-4") + image::card("CD2_1   = 1E-4") +
                       image::card("CD2_2   = 1E-4")),
              HasSubstr("its coordinates lead to no pixel"));
  EXPECT_THAT(error_of(tangential + place + image::card("CD1_1   = 1E-4") + image::card("CD2_2   = NaN")), HasSubstr("CD2_2 is 'NaN'"));
  EXPECT_THAT(error_of(image::card("CTYPE1  = 'RA---XXX'") + image::card("CTYPE2  = 'DEC--XXX'") + place + matrix),
              HasSubstr("its coordinates cannot be read"));
}

}  // namespace
}  // namespace lensfind::sky
