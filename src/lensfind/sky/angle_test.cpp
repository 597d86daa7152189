#include "lensfind/sky/angle.h"

#include <gmock/gmock.h>

#include "lensfind/base/error.h"

namespace lensfind::sky {
namespace {

TEST(Angles, UnitsAreReadAsTablesSpellThem) {
  for (const char* name : {"", "deg", "Degrees", "degree", "deg (J2000)", "[deg]", "\xc2\xb0"}) {
    EXPECT_EQ(parse_angle("12.5", angle_unit(name, true)), 12.5) << name;
    EXPECT_TRUE(angle_unit(name, true).plain()) << name;
  }
  for (const char* name : {"rad", "radian", "Radians"}) EXPECT_NEAR(*parse_angle("0.5", angle_unit(name, true)), 28.64788975654116, 1e-13);
  for (const char* name : {"h", "hour", "hourangle", "Hour angle"}) EXPECT_EQ(parse_angle("2.5", angle_unit(name, true)), 37.5) << name;
  EXPECT_NEAR(*parse_angle("5400", angle_unit("arcsec", false)), 1.5, 1e-12);
  EXPECT_NEAR(*parse_angle("90", angle_unit("arcmin", false)), 1.5, 1e-12);
  EXPECT_NEAR(*parse_angle("3.6e6", angle_unit("mas", false)), 1, 1e-12);
  for (const char* name : {"furlong", "h", "pix", "m"}) EXPECT_THROW(angle_unit(name, false), Error) << name;
}

// astropy.coordinates.Angle("10h20m30.5s").deg and so on.
TEST(Angles, SexagesimalTextsAreReadInEverySpelling) {
  const AngleUnit ra = angle_unit("", true);
  const AngleUnit dec = angle_unit("", false);
  for (const char* text :
       {"10:20:30.5", "10 20 30.5", " 10:20:30.5 ", "10h20m30.5s", "10h 20m 30.5s", "10H20M30.5S", "+10:20:30.5", "10 h 20 min 30.5 sec"})
    EXPECT_NEAR(parse_angle(text, ra).value_or(0), 155.12708333333333, 1e-11) << text;
  for (const char* text : {"-1:02:03", "-01 02 03.0", "-1d2m3s",
                           "-1\xc2\xb0"
                           "02'03\"",
                           "-1\xc2\xb0"
                           "2\xe2\x80\xb2"
                           "3\xe2\x80\xb3",
                           "\xe2\x88\x92"
                           "1:2:3"})
    EXPECT_NEAR(parse_angle(text, dec).value_or(0), -1.0341666666666667, 1e-12) << text;
  EXPECT_NEAR(parse_angle("-00:00:01.8", dec).value_or(0), -.0005, 1e-15);
  EXPECT_NEAR(parse_angle("10:30", ra).value_or(0), 157.5, 1e-12);
  EXPECT_NEAR(parse_angle("155d7m37.5s", ra).value_or(0), 155.12708333333333, 1e-11);
  EXPECT_NEAR(parse_angle("10:20:30.5", angle_unit("d:m:s", true)).value_or(0), 10.341805555555556, 1e-12);
  EXPECT_NEAR(parse_angle("10:20:30.5", angle_unit("\"h:m:s\"", true)).value_or(0), 155.12708333333333, 1e-11);
  EXPECT_NEAR(parse_angle("12.5h", ra).value_or(0), 187.5, 1e-12);
}

TEST(Angles, WhatIsNoneIsNone) {
  const AngleUnit ra = angle_unit("", true);
  for (const char* text :
       {"", " ", "nan", "inf", "--", "10:20:30:40", "10:61:00", "10:20.5:30", "a:b:c", "10h20d", "10:20:30x", "1 2 3 4", "12 abc", "h"})
    EXPECT_FALSE(parse_angle(text, ra)) << text;
}

}  // namespace
}  // namespace lensfind::sky
