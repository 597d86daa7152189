#include "lensfind/cutouts/set_facts.h"

#include <fstream>

#include <gmock/gmock.h>

#include "lensfind/base/error.h"
#include "lensfind/cutouts/test_folder.h"

namespace lensfind::cutouts {
namespace {

using ::testing::ElementsAre;
namespace fs = std::filesystem;

class SetFacts : public TestFolder {
 protected:
  void record(const std::string& text) const { std::ofstream{folder_ / "simulation.toml"} << text; }
};

TEST_F(SetFacts, AreBandsScaleAndZeroPointsOfTheSurvey) {
  fs::create_directories(folder_ / "test_lenses");
  const std::string survey = "[survey]\nbands = ['g', 'VIS']\npixel_scale_arcsec = 0.2\noutput_zero_point = [27, 24.6]\n";
  record("scaling = 'none'\n" + survey);
  for (const fs::path& place : {folder_, folder_ / "test_lenses", folder_ / "train.npy", folder_ / "test_lenses" / "1.npy"}) {
    const image::PixelFacts facts = facts_of_set(place);
    EXPECT_THAT(facts.filters, ElementsAre("g", "VIS")) << place;
    EXPECT_THAT(facts.zero_points, ElementsAre(27, 24.6)) << place;
    EXPECT_EQ(facts.pixel_scale_arcsec, .2) << place;
  }
  record("scaling = 'minmax'\n" + survey);
  EXPECT_THAT(facts_of_set(folder_).zero_points, ElementsAre(std::nullopt, std::nullopt));
}

TEST_F(SetFacts, AreNothingElsewhere) {
  EXPECT_TRUE(facts_of_set(folder_).filters.empty());
  record("[survey]\nbands = 'g'\n");
  EXPECT_TRUE(facts_of_set(folder_).filters.empty());
  record("another program's");
  EXPECT_THROW(static_cast<void>(facts_of_set(folder_)), Error);
}

}  // namespace
}  // namespace lensfind::cutouts
