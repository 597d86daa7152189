#include "lensfind/image/fits_facts.h"

#include <string>

#include <gmock/gmock.h>

#include "lensfind/image/test_fits.h"

namespace lensfind::image {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::Optional;

TEST(ZeroPoint, IsWhatHeadersSay) {
  // 2.5 log10(63095734448.0194) = 27 (HSC); 25 + 2.5 log10(1632) = 33.0318 (Pan-STARRS): worked out with Python.
  EXPECT_DOUBLE_EQ(*zero_point(FitsCards{card("MAGZERO =                 30.0")}), 30);
  EXPECT_NEAR(*zero_point(FitsCards{card("FLUXMAG0=     63095734448.0194")}), 27, 1e-12);
  EXPECT_NEAR(*zero_point(FitsCards{card("HIERARCH FPA.ZP = 25.0") + card("EXPTIME =               1632.0")}), 33.031801, 1e-6);
  EXPECT_FALSE(zero_point(FitsCards{card("EXPTIME =               1632.0")}));
}

TEST(PixelScale, IsTheRootOfAPixelsArea) {
  const std::string axis = card("CTYPE1  = 'RA---TAN'");
  EXPECT_NEAR(*pixel_scale(FitsCards{axis + card("CD1_1   =               -7.2E-5") + card("CD2_2   =                5.0E-5")}).arcsec,
              .216, 1e-9);
  // Turned by 90 degrees: only the off-diagonal counts.
  EXPECT_NEAR(*pixel_scale(FitsCards{axis + card("CD1_2   =                 1E-4") + card("CD2_1   =                 1E-4")}).arcsec, .36,
              1e-9);
  EXPECT_NEAR(*pixel_scale(FitsCards{axis + card("CDELT1  =                 1E-4") + card("CDELT2  =                 1E-4") +
                                     card("PC001001=                 -1.0")})
                   .arcsec,
              .36, 1e-9);
  EXPECT_FALSE(pixel_scale(FitsCards{card("CDELT1  =                 1.0") + card("CDELT2  =                 1.0")}).arcsec);
}

TEST(PixelScale, HeedsTheUnitOfTheAxes) {
  // Of astropy.wcs.utils.proj_plane_pixel_scales of these headers: .2628 arcsec.
  const std::string type = card("CTYPE1  = 'RA---TAN'") + card("CTYPE2  = 'DEC--TAN'");
  const auto scale_in = [&](const std::string& unit, const std::string& step) {
    return pixel_scale(FitsCards{type + card("CUNIT1  = '" + unit + "'") + card("CUNIT2  = '" + unit + "'") + card("CD1_1   = -" + step) +
                                 card("CD2_2   = " + step)})
        .arcsec;
  };
  for (const char* unit : {"deg", "degree", "Degrees", "DEG", ""})
    EXPECT_THAT(scale_in(unit, "7.3E-5"), Optional(::testing::DoubleNear(.2628, 1e-12))) << unit;
  for (const char* unit : {"arcsec", "ARCSEC", "arcsecs"})
    EXPECT_THAT(scale_in(unit, ".2628"), Optional(::testing::DoubleNear(.2628, 1e-12))) << unit;
  EXPECT_THAT(scale_in("arcmin", "0.00438"), Optional(::testing::DoubleNear(.2628, 1e-12)));
  EXPECT_THAT(scale_in("mas", "262.8"), Optional(::testing::DoubleNear(.2628, 1e-12)));
  EXPECT_THAT(scale_in("rad", "1.27409035E-6"), Optional(::testing::DoubleNear(.2628, 1e-8)));
}

TEST(PixelScale, SaysWhatItCannotBelieve) {
  const std::string type = card("CTYPE1  = 'RA---TAN'");
  const std::string good = card("CD1_1   = 1E-4") + card("CD2_2   = 1E-4");
  EXPECT_THAT(pixel_scale(FitsCards{type + good + card("CUNIT1  = 'furlong'")}).fault, HasSubstr("CUNIT1 = 'furlong' is no unit of angle"));
  EXPECT_THAT(pixel_scale(FitsCards{type + card("CD1_1   = NaN") + card("CD2_2   = 1E-4")}).fault, HasSubstr("CD1_1 is 'NaN'"));
  const PixelScale singular =
      pixel_scale(FitsCards{type + card("CD1_1   = 1E-4") + card("CD1_2   = 1E-4") + card("CD2_1   = 1E-4") + card("CD2_2   = 1E-4")});
  EXPECT_THAT(singular.fault, HasSubstr("an area of 0 square degrees"));
  EXPECT_FALSE(singular.arcsec);
}

TEST(PixelScale, IsThatOfAKeywordWithoutCoordinates) {
  EXPECT_EQ(pixel_scale(FitsCards{card("PIXSCALE=                0.262")}).arcsec, .262);
  const std::string axis = card("CTYPE1  = 'RA---TAN'") + card("CDELT1  = 1E-4") + card("CDELT2  = 1E-4");
  EXPECT_NEAR(*pixel_scale(FitsCards{axis + card("PIXSCALE=                0.262")}).arcsec, .36, 1e-12);
}

TEST(ZeroPoint, IsKnownInTheWaysOfTheSurveys) {
  // AB of a Jansky is 8.90; JWST: 8.9 - 2.5 log10(1e6 x 2.29e-14) = 28.0004; ACS F814W of electrons a second, of 2009: 25.9465.
  EXPECT_EQ(zero_point(FitsCards{card("SEXMGZPT=                 30.0")}), 30);
  EXPECT_EQ(zero_point(FitsCards{card("BUNIT   = 'nanomaggy'")}), 22.5);
  EXPECT_NEAR(*zero_point(FitsCards{card("BUNIT   = 'nJy'")}), 31.4, 1e-12);
  EXPECT_NEAR(*zero_point(FitsCards{card("BUNIT   = 'mJy'")}), 16.4, 1e-12);
  EXPECT_NEAR(*zero_point(FitsCards{card("BUNIT   = 'MJy/sr'") + card("PIXAR_SR= 2.29E-14")}), 28.0004, 1e-4);
  const std::string hst = card("PHOTFLAM= 7.0331885E-20") + card("PHOTPLAM= 8045.0") + card("EXPTIME = 100.");
  EXPECT_NEAR(*zero_point(FitsCards{hst + card("BUNIT   = 'ELECTRONS/S'")}), 25.9465, 1e-4);
  EXPECT_NEAR(*zero_point(FitsCards{hst + card("BUNIT   = 'ELECTRONS'")}), 30.9465, 1e-4);
  EXPECT_FALSE(zero_point(FitsCards{hst}));
  EXPECT_FALSE(zero_point(FitsCards{card("BUNIT   = 'Jy/beam'")}));
}

PixelFacts cube_facts(const std::string& cards, int bands) {
  PixelFacts facts;
  set_cube_facts(facts, FitsCards{cards}, bands);
  return facts;
}

TEST(CubeFacts, CountBandsFromWhereTheHeaderDoes) {
  const std::string ours = card("BAND1   = 'g'") + card("BAND2   = 'r'") + card("BAND3   = 'i'") + card("BAND4   = 'z'");
  EXPECT_THAT(cube_facts(ours, 4).filters, ElementsAre("g", "r", "i", "z"));
  const std::string legacy = card("BANDS   = 'grz'") + card("BAND0   = 'g'") + card("BAND1   = 'r'") + card("BAND2   = 'z'");
  EXPECT_THAT(cube_facts(legacy, 3).filters, ElementsAre("g", "r", "z"));
  EXPECT_THAT(cube_facts(card("FILTER1 = 'F606W'") + card("FILTER2 = 'F814W'"), 2).filters, ElementsAre("f606w", "f814w"));
  EXPECT_THAT(cube_facts(card("BANDS   = 'griz'"), 4).filters, ElementsAre("g", "r", "i", "z"));
  EXPECT_THAT(cube_facts(card("BANDS   = 'g, r, vis'"), 3).filters, ElementsAre("g", "r", "vis"));
  EXPECT_THAT(cube_facts(card("BANDS   = 'griz'"), 3).filters, ElementsAre("", "", ""));
}

TEST(CubeFacts, HaveAZeroPointABand) {
  const std::string names = card("BAND1   = 'g'") + card("BAND2   = 'r'");
  EXPECT_THAT(cube_facts(names + card("MAGZP1  = 27.5") + card("MAGZP2  = 28.5"), 2).zero_points, ElementsAre(27.5, 28.5));
  EXPECT_THAT(cube_facts(names + card("MAGZP0  = 27.5") + card("MAGZP1  = 28.5"), 2).zero_points, ElementsAre(27.5, 28.5));
  EXPECT_THAT(cube_facts(names + card("MAGZP_R = 28.5") + card("MAGZERO = 27."), 2).zero_points, ElementsAre(27, 28.5));
  PixelFacts one;
  add_band_facts(one, {}, FitsCards{card("BAND1   = 'i'") + card("MAGZP1  = 26.5")});
  EXPECT_THAT(one.filters, ElementsAre("i"));
  EXPECT_THAT(one.zero_points, ElementsAre(26.5));
}

TEST(Seeing, IsWhatTheHeaderSaysOfEachBandOrOfAll) {
  PixelFacts cube;
  set_cube_facts(cube, FitsCards{card("BANDS   = 'grz'") + card("SEEING_G= 1.3") + card("SEEING_Z= 0.9") + card("PSFSIZE = 1.1")}, 3);
  EXPECT_THAT(cube.seeing_fwhm_arcsec, ElementsAre(Optional(1.3), Optional(1.1), Optional(.9)));
  PixelFacts numbered;
  set_cube_facts(numbered, FitsCards{card("SEEING1 = 0.7") + card("SEEING2 = 400.0")}, 2);
  EXPECT_THAT(numbered.seeing_fwhm_arcsec, ElementsAre(Optional(.7), std::nullopt));  // 400 is no FWHM in arcsec
  PixelFacts silent;
  set_cube_facts(silent, FitsCards{card("BANDS   = 'grz'")}, 3);
  EXPECT_THAT(silent.seeing_fwhm_arcsec, ElementsAre());
}

TEST(Seeing, OfAnHduABandIsItsOwnHeadersElseTheFirsts) {
  PixelFacts facts;
  const FitsCards first{card("SEEING  = 0.8")};
  add_band_facts(facts, {}, FitsCards{card("FILTER  = 'g'")});
  add_band_facts(facts, first, FitsCards{card("FILTER  = 'r'")});
  add_band_facts(facts, first, FitsCards{card("FILTER  = 'i'") + card("PSF_FWHM= 0.6")});
  EXPECT_THAT(facts.seeing_fwhm_arcsec, ElementsAre(std::nullopt, Optional(.8), Optional(.6)));
}

}  // namespace
}  // namespace lensfind::image
