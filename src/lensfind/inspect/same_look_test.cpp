#include "lensfind/inspect/same_look.h"

#include <gmock/gmock.h>

namespace lensfind::inspect {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

Drawn candidate() {
  return {.picture = {64, 64, 3, {}}, .pixel_scale_arcsec = .2, .north_up = true, .bands = {"g", "r", "i"}, .colours = "fluxes"};
}

TEST(SameLook, ControlsOfWhichLessIsKnownSayWhatCandidatesSay) {
  const Drawn plain{.picture = {64, 64, 3, {}}, .bands = {"band 1", "band 2", "band 3"}, .colours = "as they are"};
  const SameLook look{candidate(), plain};
  const Drawn one = look.of_candidate(candidate()), other = look.of_control(plain);
  EXPECT_EQ(one.pixel_scale_arcsec, other.pixel_scale_arcsec);
  EXPECT_EQ(one.bands, other.bands);
  EXPECT_EQ(one.colours, other.colours);
  EXPECT_FALSE(one.north_up) << "of controls nobody knows it";
  EXPECT_FALSE(other.north_up);
  EXPECT_THAT(look.warnings(), ElementsAre(HasSubstr("compass")));
}

TEST(SameLook, WhatBothSayStays) {
  const SameLook look{candidate(), candidate()};
  EXPECT_TRUE(look.of_candidate(candidate()).north_up);
  EXPECT_TRUE(look.of_control(candidate()).north_up);
  EXPECT_THAT(look.warnings(), ElementsAre());
}

TEST(SameLook, SaysWhatItCannotHide) {
  Drawn other = candidate();
  other.picture.width = 48;
  other.pixel_scale_arcsec = .26;
  other.bands.pop_back();
  const SameLook look{candidate(), other};
  EXPECT_THAT(look.warnings(), ElementsAre(HasSubstr("48 pixels"), HasSubstr("2 bands"), HasSubstr("0.26 arcsec")));
  EXPECT_EQ(look.of_control(other).pixel_scale_arcsec, .26) << "a false scale bar would be worse";
}

}  // namespace
}  // namespace lensfind::inspect
