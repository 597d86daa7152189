#include "lensfind/sky/wcs.h"

#include <fstream>

#include <gmock/gmock.h>

#include "lensfind/base/error.h"
#include "lensfind/image/test_fits.h"
#include "lensfind/sky/field.h"

namespace lensfind::sky {
namespace {

namespace fs = std::filesystem;
using testing::HasSubstr;

const std::string matrix = card("CD1_1   =              -7.3E-5") + card("CD1_2   =               1.0E-6") +
                           card("CD2_1   =               2.0E-6") + card("CD2_2   =               7.3E-5");
const std::string tangential = card("CTYPE1  = 'RA---TAN'") + card("CTYPE2  = 'DEC--TAN'");
const std::string place = card("CRVAL1  =                 150.") + card("CRVAL2  =                  40.");
const std::string polynomial = card("PV1_0   = 1e-6") + card("PV1_1   = 1.0005") + card("PV1_2   = 2e-5") + card("PV1_4   = 0.01") +
                               card("PV1_7   = 0.02") + card("PV2_0   = -2e-6") + card("PV2_1   = 0.9995") + card("PV2_2   = 1e-5") +
                               card("PV2_5   = 0.03");
const std::string sip = card("A_ORDER =                    2") + card("B_ORDER =                    2") +
                        card("A_0_2   =               1.0E-5") + card("A_2_0   =               3.0E-5") +
                        card("B_1_1   =               2.0E-5");

/// A field of 8 x 8 pixels whose header has these cards behind those of its size and its reference pixel (128.5, 128.5).
class WcsOfHeaders : public testing::Test {
 protected:
  void TearDown() override { fs::remove(path_); }
  Wcs read(const std::string& cards) const {
    std::ofstream{path_, std::ios::binary} << to_blocks(card("SIMPLE  =                    T") + card("BITPIX  =                  -32") +
                                                        card("NAXIS   =                    2") + card("NAXIS1  =                    8") +
                                                        card("NAXIS2  =                    8") + card("CRPIX1  =                128.5") +
                                                        card("CRPIX2  =                128.5") + cards + card("END"))
                                           << to_blocks(std::string(256, '\0'), '\0');
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

  fs::path path_ = fs::path{testing::TempDir()} /
                   (std::string{"lensfind-wcs-"} + testing::UnitTest::GetInstance()->current_test_info()->name() + ".fits");
};

// All places: astropy 7, pixel_to_skycoord(99, 49, WCS(header)).icrs of the same header.
TEST_F(WcsOfHeaders, OfTheUsualKindIsAstropys) { expect_place(tangential + place + matrix, 150.0026132039, 39.9942124707); }

TEST_F(WcsOfHeaders, HeedsTheUnitOfItsAxes) {
  for (const std::string unit : {"deg", "degree", "Degrees", "DEG", "", "   "})
    expect_place(tangential + place + matrix + card("CUNIT1  = '" + unit + "'") + card("CUNIT2  = '" + unit + "'"), 150.0026132039,
                 39.9942124707);
  const std::string arcsec = card("CRVAL1  = 540000.") + card("CRVAL2  = 144000.") + card("CD1_1   = -.2628") + card("CD1_2   = .0036") +
                             card("CD2_1   = .0072") + card("CD2_2   = .2628");
  for (const std::string unit : {"arcsec", "ARCSECS"})
    expect_place(tangential + arcsec + card("CUNIT1  = '" + unit + "'") + card("CUNIT2  = '" + unit + "'"), 150.0026132039, 39.9942124707);
  EXPECT_THAT(error_of(tangential + place + matrix + card("CUNIT1  = 'furlong'")), HasSubstr("CUNIT1 = 'furlong' is no unit of angle"));
}

TEST_F(WcsOfHeaders, TurnsOtherSystemsIntoIcrs) {
  const std::string here = tangential + place + matrix;
  expect_place(here + card("RADESYS = 'FK5'") + card("EQUINOX = 1975."), 150.3807946757, 39.8734446016);
  expect_place(here + card("RADESYS = 'FK4'") + card("EQUINOX = 1950."), 150.7581392180, 39.7522437981, 3e-8);
  expect_place(here + card("RADECSYS= 'FK4'") + card("EQUINOX = 1950."), 150.7581392180, 39.7522437981, 3e-8);
  expect_place(here + card("EQUINOX = 1950."), 150.7581392180, 39.7522437981, 3e-8);
  expect_place(here + card("EPOCH   = 1950."), 150.7581392180, 39.7522437981, 3e-8);
  const auto on = [&](const std::string& longitude, const std::string& latitude) {
    return card("CTYPE1  = '" + longitude + "-TAN'") + card("CTYPE2  = '" + latitude + "-TAN'") + place + matrix;
  };
  expect_place(on("GLON", "GLAT"), 139.6720886462, 64.1839049405);
  expect_place(on("ELON", "ELAT"), 171.7870798866, 47.9049193707);  // SkyCoord(frame=BarycentricMeanEcliptic)
  EXPECT_THAT(error_of(here + card("RADESYS = 'GAPPT'")), HasSubstr("RADESYS = 'GAPPT'"));
  EXPECT_THAT(error_of(here + card("EQUINOX = 0.0")), HasSubstr("EQUINOX = 0 is no year"));
}

TEST_F(WcsOfHeaders, KnowsScampsPolynomials) {
  expect_place(tangential + place + matrix + polynomial, 150.0026157173, 39.9942130368);
  // The native pole's of the standard are none: fiducial point (0, 90), where it is anyway.
  expect_place(tangential + place + matrix + card("PV1_1   = 0.0") + card("PV1_2   = 90.0"), 150.0026132039, 39.9942124707);
}

TEST_F(WcsOfHeaders, TakesSipBeforeScampsPolynomials) {
  const std::string type = card("CTYPE1  = 'RA---TAN-SIP'") + card("CTYPE2  = 'DEC--TAN-SIP'");
  expect_place(type + place + matrix + sip, 150.0026050687, 39.9942159092);
  expect_place(type + place + matrix + sip + polynomial, 150.0026050687, 39.9942159092);
  expect_place(tangential + place + matrix + sip, 150.0026050687, 39.9942159092);
}

TEST_F(WcsOfHeaders, MayHaveTypesInSmallLetters) {
  expect_place(card("CTYPE1  = 'ra---tan'") + card("CTYPE2  = 'dec--tan'") + place + matrix, 150.0026132039, 39.9942124707);
}

TEST_F(WcsOfHeaders, LeadFromTheSkyToPixels) {
  EXPECT_THAT(
      error_of(tangential + place + card("CD1_1   = 1E-4") + card("CD1_2   = 1E-4") + card("CD2_1   = 1E-4") + card("CD2_2   = 1E-4")),
      HasSubstr("its coordinates lead to no pixel"));
  EXPECT_THAT(error_of(tangential + place + card("CD1_1   = 1E-4") + card("CD2_2   = NaN")), HasSubstr("CD2_2 is 'NaN'"));
  EXPECT_THAT(error_of(card("CTYPE1  = 'RA---XXX'") + card("CTYPE2  = 'DEC--XXX'") + place + matrix),
              HasSubstr("its coordinates cannot be read"));
}

}  // namespace
}  // namespace lensfind::sky
