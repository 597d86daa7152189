#include "lensfind/sky/seeing_columns.h"

#include <cmath>

#include <gmock/gmock.h>

namespace lensfind::sky {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

TEST(SeeingColumns, AreThoseOfTruthTablesAndOfLegacySurveys) {
  const SeeingColumns truth{{"id", "seeing_fwhm_arcsec_g", "gain_g", "seeing_fwhm_arcsec_r"}};
  EXPECT_THAT(truth.bands(), ElementsAre("g", "r"));
  EXPECT_THAT(truth.places(), ElementsAre(1, 3));
  const SeeingColumns tractor{{"PSFSIZE_R", "psfdepth_r", "PSFSIZE_Z", "SEEING_Z"}};
  EXPECT_THAT(tractor.bands(), ElementsAre("Z", "R"));  // `seeing_` comes before `psfsize_`
  EXPECT_THAT(tractor.places(), ElementsAre(3, 0));
  EXPECT_THAT(SeeingColumns({"seeing", "seeing_flag_g", "ra"}).bands(), IsEmpty());
}

TEST(SeeingColumns, GiveNumbersInArcsecOnly) {
  EXPECT_FLOAT_EQ(seeing_in("0.83"), .83F);
  for (const char* text : {"", "nan", "-1", "0", "50", "wide"}) EXPECT_TRUE(std::isnan(seeing_in(text))) << text;
}

TEST(SeeingColumns, AreBroughtToTheModelsBands) {
  const std::vector<float> found = seeing_by_band(std::vector<float>{1, 2}, {"R", "g"}, {"g", "r", "i"});
  EXPECT_EQ(found[0], 2);
  EXPECT_EQ(found[1], 1);
  EXPECT_TRUE(std::isnan(found[2]));
}

}  // namespace
}  // namespace lensfind::sky
