#include "lensfind/image/fits_planes.h"

#include <cmath>

#include <gmock/gmock.h>

#include "lensfind/base/error.h"
#include "lensfind/image/plane_names.h"
#include "lensfind/image/test_fits.h"

namespace lensfind::image {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

std::string error_of(const std::filesystem::path& path) {
  try {
    read_fits_cutout(path);
  } catch (const Error& error) {
    EXPECT_FALSE(error.hint().empty());
    return error.what();
  }
  return "no error";
}

/// The first pixel of each band.
std::vector<float> first_pixels(const FitsCutout& cutout) {
  std::vector<float> out;
  for (int b = 0; b < cutout.image.shape().bands; ++b) out.push_back(cutout.image.at(b, 0, 0));
  return out;
}

TEST(PlaneNames, AreScienceWhereEveryWordIsKnown) {
  for (const char* name : {"", "SCI", "sci", "SCI2", "SCI,1", "IMAGE", "SCIENCE", "COMPRESSED_IMAGE", "PRIMARY", "g", "HSC-I",
                           "DES_G_BGSUB", "NIR_Y", "VIS", "ACS_F814W", "BAND1", "i2", "EUC_VIS", "PAN-STARRS i"})
    EXPECT_EQ(plane_name(name), PlaneName::science) << name;
  for (const char* name : {"MASK", "MSK", "DQ", "FLAG", "FLG", "SCI_MASK", "G_FLAGS"}) EXPECT_EQ(plane_name(name), PlaneName::mask) << name;
  for (const char* name :
       {"WGT", "WHT", "CTX", "CON", "RMS", "ERR", "VARIANCE", "INVVAR", "DES_G_PSF", "VIS_RMS", "SCI_WGT", "VAR_POISSON", "SCIERR"})
    EXPECT_EQ(plane_name(name), PlaneName::companion) << name;
  for (const char* name : {"NGC1234", "OVR", "THUMB", "1", "HSC", "SKYCELL.1234.056"})
    EXPECT_EQ(plane_name(name), PlaneName::unknown) << name;
}

TEST(FitsPlanes, AreScienceOnly) {
  const std::vector<std::vector<std::string>> surveys{{"SCI", "MSK", "WGT"},     {"SCI", "ERR", "DQ"},  {"SCI", "WHT", "CTX"},
                                                      {"VIS", "RMS", "FLAG"},    {"SCI", "CON", "OVR"}, {"IMAGE", "MASK", "VARIANCE"},
                                                      {"", "NEVER HEARD", "WGT"}};
  for (const auto& names : surveys) {
    TestFits file;
    file.empty_primary();
    for (std::size_t i = 0; i < names.size(); ++i) file.image(names[i], static_cast<float>(10 * i));
    const FitsCutout cutout = read_fits_cutout(file.done());
    EXPECT_THAT(first_pixels(cutout), ElementsAre(1)) << names[1];
    EXPECT_THAT(cutout.facts.left_out, ElementsAre(names[1], names[2]));
  }
}

TEST(FitsPlanes, OfIntegersAreFlagsBesideRealNumbers) {
  TestFits file;
  file.image("", 5);
  file.image("", 1024, LONG_IMG);
  const FitsCutout cutout = read_fits_cutout(file.done());
  EXPECT_THAT(first_pixels(cutout), ElementsAre(6));
  EXPECT_THAT(cutout.facts.left_out, ElementsAre("HDU 2"));
}

TEST(FitsPlanes, OfIntegersAloneAreImages) {
  TestFits file;
  file.image("", 5, SHORT_IMG);
  file.image("", 7, SHORT_IMG);
  EXPECT_THAT(first_pixels(read_fits_cutout(file.done())), ElementsAre(6, 8));
}

TEST(FitsPlanes, OfScaledIntegersAreRealNumbers) {
  TestFits file;
  file.image("g", 5);
  file.image("r", 0, SHORT_IMG);
  file.key("BSCALE", .5);
  file.key("BZERO", 3);
  EXPECT_THAT(first_pixels(read_fits_cutout(file.done())), ElementsAre(6, 3.5));
}

TEST(FitsPlanes, MayHaveAnyNameAloneButThatOfACompanion) {
  {
    TestFits file;
    file.image("NGC1234", 5);
    EXPECT_THAT(first_pixels(read_fits_cutout(file.done())), ElementsAre(6));
  }
  {
    TestFits file;
    file.image("WGT", 5);
    EXPECT_THAT(error_of(file.done()), HasSubstr("none of its images is known as science (WGT)"));
  }
  TestFits file;
  file.image("CHIP A", 5);
  file.image("CHIP B", 5);
  EXPECT_THAT(error_of(file.done()), HasSubstr("none of its images is known as science (CHIP A, CHIP B)"));
}

TEST(FitsPlanes, OfOtherSizesAreNamed) {
  TestFits file;
  file.image("g", 5);
  file.image("r", 7);
  file.image("z", 7, FLOAT_IMG, {3, 3});
  const FitsCutout cutout = read_fits_cutout(file.done());
  EXPECT_THAT(first_pixels(cutout), ElementsAre(6, 8));
  EXPECT_THAT(cutout.facts.left_out, ElementsAre("z"));
}

TEST(FitsPlanes, MayHaveAxesOfOnePixel) {
  for (const auto& axes : std::vector<std::vector<long>>{{4, 3, 1, 1}, {4, 3, 1}, {4, 3, 1, 1, 1}}) {
    TestFits file;
    file.image("", 5, FLOAT_IMG, axes);
    EXPECT_EQ(read_fits_cutout(file.done()).image.shape(), (ImageShape{1, 3, 4})) << axes.size();
  }
  for (const auto& axes : std::vector<std::vector<long>>{{4, 3, 1, 2}, {4, 3, 2, 1}}) {
    TestFits file;
    file.image("", 5, FLOAT_IMG, axes);
    EXPECT_EQ(read_fits_cutout(file.done()).image.shape(), (ImageShape{2, 3, 4})) << axes.size();
  }
  TestFits file;
  file.image("", 5, FLOAT_IMG, {4, 3, 2, 2});
  EXPECT_THAT(error_of(file.done()), HasSubstr("an HDU of 4 dimensions (4 x 3 x 2 x 2) is no cutout"));
}

TEST(FitsPlanes, OfAsinhCountsBecomeFlux) {
  // numpy: 1.5 + 2 * 25 * sinh(c / 1.0857362047581296) of c = 6 and 5.
  TestFits file;
  file.image("", 5);
  file.key("BSOFTEN", 25.);
  file.key("BOFFSET", 1.5);
  const FitsCutout cutout = read_fits_cutout(file.done());
  EXPECT_NEAR(cutout.image.at(0, 0, 0), 6281.11655, 1e-2);
  EXPECT_NEAR(cutout.image.at(0, 1, 1), 2501.25, 1e-2);
  EXPECT_EQ(read_fits(file.done()).at(0, 0, 0), cutout.image.at(0, 0, 0));
}

TEST(FitsPlanes, OfAsinhCountsNeedASofteningAboveNought) {
  for (const double softening : {0., -25.}) {
    TestFits file;
    file.image("", 5);
    file.key("BSOFTEN", softening);
    file.key("BOFFSET", 1.5);
    EXPECT_THAT(error_of(file.done()), HasSubstr("its asinh counts cannot be made linear"));
  }
}

}  // namespace
}  // namespace lensfind::image
