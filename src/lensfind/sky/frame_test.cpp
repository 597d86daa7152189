#include "lensfind/sky/frame.h"

#include <gmock/gmock.h>

#include "lensfind/base/error.h"

namespace lensfind::sky {
namespace {

using System = Frame::System;

struct Case {
  const char* name;
  Frame frame;
  Position given, icrs;
};

// SkyCoord(...).icrs of astropy 7: FK5(equinox), FK4(obstime), FK4NoETerms, Galactic, Supergalactic, BarycentricMeanEcliptic(equinox).
const std::vector<Case> cases{{"FK5", {System::fk5}, {12.3, -45.6}, {12.2999997040, -45.6000012922}},
                              {"FK5", {System::fk5}, {200, 70}, {200.0000102858, 70.0000004847}},
                              {"FK5 of J1975", {System::fk5, 1975}, {12.3, -45.6}, {12.5897056923, -45.4640847288}},
                              {"FK5 of J2016.5", {System::fk5, 2016.5}, {200, 70}, {199.8748712661, 70.0863503114}},
                              {"FK4", {System::fk4, 1950}, {12.3, -45.6}, {12.8789918361, -45.3282157917}},
                              {"FK4", {System::fk4, 1950}, {200, 70}, {200.3785911816, 69.7387907272}},
                              {"FK4 at B1983.5", {System::fk4, 1950, 1983.5}, {12.3, -45.6}, {12.8790225687, -45.3282554176}},
                              {"FK4 without E-terms", {System::fk4_no_e, 1950}, {12.3, -45.6}, {12.8789944848, -45.3282891449}},
                              {"galactic", {System::galactic}, {12.3, -45.6}, {321.4992457737, -33.0384489403}},
                              {"galactic", {System::galactic}, {200, 70}, {170.2747643295, 29.7757013030}},
                              {"supergalactic", {System::supergalactic}, {12.3, -45.6}, {92.6497616645, 27.3645414480}},
                              {"ecliptic", {System::ecliptic}, {12.3, -45.6}, {31.6240501323, -36.6001785922}},
                              {"ecliptic of J1990", {System::ecliptic, 1990}, {200, 70}, {236.3201103007, 54.6167410019}}};

TEST(Frames, AreAstropys) {
  for (const Case& one : cases) EXPECT_LT(separation_arcsec(to_icrs(one.frame, one.given), one.icrs), .005) << one.name;
}

TEST(Frames, LeadBack) {
  for (const Case& one : cases) EXPECT_LT(separation_arcsec(from_icrs(one.frame, one.icrs), one.given), .005) << one.name;
  EXPECT_EQ(to_icrs({}, {1, 2}).ra_deg, 1);
}

TEST(Frames, AreKnownByTheNamesThatHeadersUse) {
  EXPECT_EQ(frame_from_names("", ""), Frame{});
  EXPECT_EQ(frame_from_names(" ICRS", "J2000"), Frame{});
  EXPECT_EQ(frame_from_names("eq_FK5", "J2000"), (Frame{System::fk5, 2000}));
  EXPECT_EQ(frame_from_names("FK5", "1975.0"), (Frame{System::fk5, 1975}));
  EXPECT_EQ(frame_from_names("eq_FK4", "B1950"), (Frame{System::fk4, 1950}));
  EXPECT_EQ(frame_from_names("", "1950."), (Frame{System::fk4, 1950}));
  EXPECT_EQ(frame_from_names("", "2000.0"), (Frame{System::fk5, 2000}));
  EXPECT_EQ(frame_from_names("galactic", ""), (Frame{System::galactic}));
  EXPECT_EQ(frame_from_names("ecl_FK5", "J1990"), (Frame{System::ecliptic, 1990}));
  for (const auto& [system, equinox] : {std::pair{"FK4", "1875"}, {"GAPPT", ""}, {"helioprojective", ""}, {"FK5", "old"}})
    EXPECT_THROW(frame_from_names(system, equinox), Error) << system;
}

}  // namespace
}  // namespace lensfind::sky
