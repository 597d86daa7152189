#include "lensfind/simulate/galaxy_sample.h"

#include <gtest/gtest.h>

#include "lensfind/base/error.h"

namespace lensfind::simulate {
namespace {

/// Colours are those of the tables alone, and sources are of one type.
Population without_scatter(std::vector<double> type_shares) {
  Population out;
  out.lens_colour_scatter = out.lens_colour_offset = out.source_colour_scatter = 0;
  out.source_type_shares = std::move(type_shares);
  return out;
}

TEST(GalaxySample, FlatSpectraHaveOneMagnitude) {
  for (const char* band : {"g", "r", "i", "z", "VIS", "Y", "J", "H"}) EXPECT_DOUBLE_EQ(magnitude(band, 20, {}), 20) << band;
  EXPECT_THROW((void)magnitude("K", 20, {}), Error);
}

// Differences of neighbouring bands at the tables' redshifts as tests/reference/near_infrared_colours.py prints them; optical ones from the
// sources named in population.h.
TEST(GalaxySample, EarlyTypesHaveTheColoursOfTheirRedshift) {
  const GalaxySample galaxies{without_scatter({1, 0, 0})};
  RandomStream random{1, Purpose::test};
  const EarlyType galaxy = galaxies.early_type(220, 0.5, random);
  const auto m = [&](const char* band) { return magnitude(band, galaxy.i, galaxy.colours); };
  EXPECT_NEAR(m("g") - m("r"), 1.63, 1e-9);
  EXPECT_NEAR(m("r") - m("i"), 0.95, 1e-9);
  EXPECT_NEAR(m("i") - m("z"), 0.40, 1e-9);
  EXPECT_NEAR(m("z") - m("Y"), 0.30, 1e-9);
  EXPECT_NEAR(m("Y") - m("J"), 0.39, 1e-9);
  EXPECT_NEAR(m("J") - m("H"), 0.33, 1e-9);
  // An early type's VIS lies between its r and its z, on i's red side.
  EXPECT_GT(m("VIS"), m("z"));
  EXPECT_LT(m("VIS"), m("r"));
}

TEST(GalaxySample, LateTypesHaveTheColoursOfTheirTypeAndRedshift) {
  RandomStream random{1, Purpose::test};
  const auto j_h = [&](std::vector<double> shares, double z) {
    return GalaxySample{without_scatter(shares)}.late_type(24, z, random).colours.j_h;
  };
  EXPECT_NEAR(j_h({1, 0, 0}, 3), 0.55, 1e-9);
  EXPECT_NEAR(j_h({0, 1, 0}, 3), 0.66, 1e-9);
  EXPECT_NEAR(j_h({0, 0, 1}, 3), 0.95, 1e-9);
  EXPECT_NEAR(j_h({0, 0, 1}, 1.75), 0.5 * (0.29 + 0.38), 1e-9);
}

}  // namespace
}  // namespace lensfind::simulate
