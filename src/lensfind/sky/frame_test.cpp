#include "lensfind/sky/frame.h"

#include <cmath>

#include <gmock/gmock.h>

#include "lensfind/base/error.h"

namespace lensfind::sky {
namespace {

struct Example {
  const char* name;
  Frame frame;
  Position first, second;  ///< ICRS of (10, 20) and (300.5, -75) there
};

// astropy 8.0.2: SkyCoord(10, 20, unit="deg", frame=...).icrs and of (300.5, -75), with FK5(equinox="J1975"), FK4(equinox="B1950",
// obstime=Time(1983.2, format="jyear")), Supergalactic(), BarycentricMeanEcliptic(equinox="J1975") and so on.
const std::vector<Example> examples{
    {"icrs", Frame{}, {10, 20}, {300.5, -75}},
    {"fk5", Frame::fk5(), {9.9999914977457, 19.9999984705133}, {300.4999959809465, -75.0000060458387}},
    {"fk5 1975", Frame::fk5(1975), {10.3292306342459, 20.1370008864288}, {301.2649566925400, -74.9285620718451}},
    {"fk5 2050.5", Frame::fk5(2050.5), {9.3358531966436, 19.7228797574741}, {298.9373221355049, -75.1393724822605}},
    {"fk4", Frame::fk4(), {10.6589672757154, 20.2738672156196}, {302.0247177313521, -74.8554872656780}},
    {"fk4 1900", Frame::fk4(1900), {11.3188515415252, 20.5472194191811}, {303.5254215916419, -74.7047430150097}},
    {"fk4 in 1983", Frame::fk4(1950, 1983.2), {10.6589866855114, 20.2738276472107}, {302.0246127985861, -74.8555080900576}},
    {"fk4 without E-terms", Frame::fk4_without_e_terms(), {10.6589653420268, 20.2738922216993}, {302.0243770579154, -74.8555211845226}},
    {"galactic", Frame::galactic(), {254.2849435841513, -9.7822287722165}, {13.7077318670110, -42.1122269021450}},
    {"supergalactic", Frame::supergalactic(), {355.9930092746398, 73.7741560638400}, {88.3149629884435, -14.1185784845192}},
    {"ecliptic", Frame::ecliptic(), {.8458732872850, 22.2534946607403}, {53.8208937002124, -77.1424538636208}},
    {"ecliptic 1975", Frame::ecliptic(1975), {1.1658107788499, 22.3927084678072}, {53.6595540724932, -77.0575153339029}}};

constexpr double milliarcsecond = .001;

TEST(Frames, AreAstropys) {
  for (const Example& example : examples) {
    EXPECT_LT(separation_arcsec(example.frame.to_icrs({10, 20}), example.first), milliarcsecond) << example.name;
    EXPECT_LT(separation_arcsec(example.frame.to_icrs({300.5, -75}), example.second), milliarcsecond) << example.name;
    EXPECT_LT(separation_arcsec(example.frame.from_icrs(example.first), {10, 20}), milliarcsecond) << example.name;
    EXPECT_LT(separation_arcsec(example.frame.from_icrs(example.second), {300.5, -75}), milliarcsecond) << example.name;
  }
}

TEST(Frames, GiveLongitudesFrom0ToBelow360) {
  for (const Example& example : examples) {
    for (double ra = 0; ra < 360; ra += .5) {
      const Position there = example.frame.from_icrs({ra, 0});
      EXPECT_TRUE(there.ra_deg >= 0 && there.ra_deg < 360) << example.name;
    }
  }
}

TEST(FrameOfAHeader, FollowsTheStandard) {
  const auto shift = [](const Frame& frame) { return separation_arcsec(frame.to_icrs({10, 20}), {10, 20}); };
  EXPECT_TRUE(frame_of_header("RA---TAN", "", {}, {}, "x").is_icrs());
  EXPECT_TRUE(frame_of_header("RA---TAN", "icrs", 1950, {}, "x").is_icrs());
  EXPECT_EQ(shift(frame_of_header("RA---TAN", "", 1983.9, {}, "x")), shift(Frame::fk4(1983.9)));
  EXPECT_EQ(shift(frame_of_header("RA---TAN", "", 1984, {}, "x")), shift(Frame::fk5(1984)));
  EXPECT_EQ(shift(frame_of_header("RA---TAN", "FK5", {}, {}, "x")), shift(Frame::fk5(2000)));
  EXPECT_EQ(shift(frame_of_header("RA---TAN", "FK4", {}, 51544.5, "x")), shift(Frame::fk4(1950, 2000)));
  EXPECT_EQ(shift(frame_of_header("GLON-CAR", "FK5", 2000, {}, "x")), shift(Frame::galactic()));
  EXPECT_THROW(frame_of_header("RA---TAN", "GAPPT", {}, {}, "x"), Error);
  EXPECT_THROW(frame_of_header("TLON-TAN", "", {}, {}, "x"), Error);
}

}  // namespace
}  // namespace lensfind::sky
