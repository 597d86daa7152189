#include "lensfind/dataset/shortcuts.h"

#include <filesystem>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "lensfind/simulate/cutout.h"

namespace lensfind::simulate {
namespace {

struct Scenes {
  std::vector<Image> images;
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

double auc_of(const Shortcut& shortcut, const Scenes& scenes) {
  const FeatureTable table = shortcut_table(shortcut, scenes.images.size(), [&](std::size_t i) { return scenes.images[i].view(); });
  return cross_validated_auc(table, scenes.lens).value;
}

// With 300 scenes of each class the AUC of a guess has a standard deviation of .024; docs/realism.md has the figures of 5,000.
TEST(Shortcuts, NothingButLensingTellsLensScenesFromOthers) {
  const Scenes scenes = scenes_without_lensing(300);
  for (const Shortcut& shortcut : shortcuts()) EXPECT_NEAR(auc_of(shortcut, scenes), 0.5, 0.1) << shortcut.name;
}

TEST(Shortcuts, TenPercentMoreNoiseInOneClassWouldShow) {
  Scenes scenes = scenes_without_lensing(150);
  for (std::size_t k = 0; k < scenes.images.size(); k += 2) {
    for (float& value : scenes.images[k].values()) value *= 1.1f;
  }
  for (const Shortcut& shortcut : shortcuts()) {
    const std::string name = shortcut.name;
    if (name == "power_spectrum" || name == "background_noise") {
      EXPECT_GT(auc_of(shortcut, scenes), name == "power_spectrum" ? 0.9 : 0.65) << name;
    }
  }
}

}  // namespace
}  // namespace lensfind::simulate
