#include "lensfind/dataset/shortcuts.h"

#include <filesystem>
#include <functional>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "lensfind/simulate/cutout.h"

namespace lensfind::simulate {
namespace {

struct Scenes {
  std::vector<image::Image> images;
  std::vector<char> lens;
};

/// Lens scenes without their source, and non-lenses of the lenses' own galaxy type, by turns.
Scenes scenes_without_lensing(std::int64_t of_each) {
  const CutoutMaker maker{find_survey("lsst10", {std::filesystem::path{LENSFIND_SOURCE_DIR} / "surveys"},
                                      {R"(population.nonlens_kinds=[{kind="elliptical",fraction=1}])"})};
  render::Renderer renderer;
  Scenes out;
  for (std::int64_t k = 0; k < 2 * of_each; ++k) {
    const bool lens = k % 2 == 0;
    out.images.push_back(maker.make({.lens = lens, .number = k / 2, .size = 48, .seed = 5, .hide_source = true}, renderer).image);
    out.lens.push_back(lens ? 1 : 0);
  }
  return out;
}

double auc_of(const dataset::Shortcut& shortcut, const Scenes& scenes) {
  const dataset::FeatureTable table =
      dataset::shortcut_table(shortcut, scenes.images.size(), [&](std::size_t i) { return scenes.images[i].view(); });
  return dataset::cross_validated_auc(table, scenes.lens).value;
}

// With 300 scenes of each class the AUC of a guess has a standard deviation of .024; docs/realism.md has the figures of 5,000.
TEST(Shortcuts, NothingButLensingTellsLensScenesFromOthers) {
  const Scenes scenes = scenes_without_lensing(300);
  for (const dataset::Shortcut& shortcut : dataset::shortcuts()) EXPECT_NEAR(auc_of(shortcut, scenes), 0.5, 0.1) << shortcut.name;
}

TEST(Shortcuts, TenPercentMoreNoiseInOneClassWouldShow) {
  Scenes scenes = scenes_without_lensing(150);
  for (std::size_t k = 0; k < scenes.images.size(); k += 2) {
    for (float& value : scenes.images[k].values()) value *= 1.1f;
  }
  for (const dataset::Shortcut& shortcut : dataset::shortcuts()) {
    const std::string name = shortcut.name;
    if (name == "power_spectrum" || name == "background_noise") {
      EXPECT_GT(auc_of(shortcut, scenes), name == "power_spectrum" ? 0.9 : 0.65) << name;
    }
  }
}

/// Of a number that the truth says of the target, for lenses against non-lenses of all kinds.
double auc_of_truth(const std::string& survey, const std::function<double(const Truth&)>& number, int of_each) {
  const CutoutMaker maker{find_survey(survey, {std::filesystem::path{LENSFIND_SOURCE_DIR} / "surveys"})};
  render::Renderer renderer;
  std::vector<double> of_lenses, of_others;
  for (std::int64_t k = 0; k < of_each; ++k) {
    of_lenses.push_back(number(maker.make({.lens = true, .number = k, .size = 48, .seed = 6}, renderer).truth));
    of_others.push_back(number(maker.make({.lens = false, .number = k, .size = 48, .seed = 6}, renderer).truth));
  }
  double above = 0;
  for (const double lens : of_lenses) {
    for (const double other : of_others) above += lens > other ? 1 : lens == other ? 0.5 : 0;
  }
  return above / (of_each * of_each);
}

// With 250 of each the AUC of a guess has a std of .026. As galaxies are counted, non-lenses would be 2 mag fainter: AUC .1.
TEST(Shortcuts, NonLensesOfAllKindsAreAsBrightAsDeflectors) {
  EXPECT_NEAR(auc_of_truth(
                  "hsc", [](const Truth& truth) { return truth.deflector.mag[2]; }, 250),
              0.5, 0.09);
}

TEST(Shortcuts, MembersOfGroupsStandAroundBothClasses) {
  EXPECT_NEAR(auc_of_truth(
                  "hsc", [](const Truth& truth) { return truth.environment.members; }, 250),
              0.5, 0.09);
}

}  // namespace
}  // namespace lensfind::simulate
