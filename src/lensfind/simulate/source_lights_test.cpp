#include "lensfind/simulate/source_lights.h"

#include <cmath>
#include <filesystem>
#include <set>

#include <gtest/gtest.h>

#include "lensfind/simulate/lens_sample.h"

namespace lensfind::simulate {
namespace {

Survey survey_with(const std::vector<std::string>& more = {}) {
  return find_survey("hsc", {std::filesystem::path{LENSFIND_SOURCE_DIR} / "surveys"}, more);
}

TEST(SourceLights, KnotsAreOfColoursOfTheirOwnAndBluerOnAverage) {
  const Survey survey = survey_with({"population.source_clumpy_fraction=1"});
  const population::GalaxySample galaxies{survey.population};
  RandomStream random{3, Purpose::test};
  double sum = 0, squares = 0, number = 0;
  for (int k = 0; k < 300; ++k) {
    const population::LateType source = galaxies.late_type(24, random);
    for (const render::Light& light : source_lights(source, survey, random)) {
      if (light.profile.index != 0.5 || light.profile.effective_radius_arcsec > 0.3 * source.light.effective_radius_arcsec) continue;
      const double bluer = source.colours.g_r + 2.5 * std::log10(light.flux[0] / light.flux[1]);
      sum += bluer;
      squares += bluer * bluer;
      number += 1;
    }
  }
  const double mean = sum / number;
  EXPECT_NEAR(mean, 0.2, 0.02);
  EXPECT_NEAR(std::sqrt(squares / number - mean * mean), 0.15, 0.02);
}

// An isothermal sphere magnifies the two images of a point by 2 theta_E / beta together.
TEST(SourceLights, QuasarsImagesCarryTheMagnifiedFlux) {
  const Survey survey = survey_with();
  const render::Mass sphere{.ellipsoids = {{.theta_e_arcsec = 1.2}}, .shear = {}};
  const auto images = quasar_images(sphere, {}, 1.2, {0.3, 0}, 20, {}, survey);
  ASSERT_EQ(images.size(), 2U);
  EXPECT_NEAR(images[0].profile.centre_arcsec.x, 1.5, 1e-8);
  EXPECT_NEAR(images[1].profile.centre_arcsec.x, -0.9, 1e-8);
  EXPECT_NEAR(images[0].flux[2] + images[1].flux[2], std::pow(10, 0.4 * 7) * 2 * 1.2 / 0.3, 0.1);
}

std::vector<LensSystem> lenses_with(const std::vector<std::string>& more, int number) {
  const Survey survey = survey_with(more);
  const population::GalaxySample galaxies{survey.population};
  const LensSample lenses{galaxies, survey};
  RandomStream random{5, Purpose::test};
  render::Renderer renderer;
  std::vector<LensSystem> out;
  for (int k = 0; k < number; ++k) out.push_back(lenses.draw({}, draw_conditions(survey, random), 64, renderer, random));
  return out;
}

TEST(SourceLights, LensedQuasarsShowPointsAndTheirHost) {
  for (const LensSystem& lens : lenses_with({"population.lensed_quasar_fraction=1", "population.source_clumpy_fraction=0"}, 10)) {
    ASSERT_TRUE(lens.quasar_i);
    EXPECT_GE(lens.scene.point_images.size(), 2U);
    EXPECT_EQ(lens.scene.sources.size(), 1U);
    EXPECT_LT(*lens.quasar_i, lens.source.i);
    // Their light is among the arcs'.
    double points = 0, arcs = 0;
    for (const render::Light& image : lens.scene.point_images) points += image.flux[2];
    for (int row = 0; row < 64; ++row) {
      for (int column = 0; column < 64; ++column) arcs += static_cast<double>(lens.rendering.arcs[2].at(row, column));
    }
    EXPECT_GT(arcs, 0.8 * points);
  }
}

TEST(SourceLights, ASecondSourceIsBentByItsOwnDistance) {
  int pairs = 0;
  for (const LensSystem& lens : lenses_with({"population.source_pair_fraction=1", "population.source_clumpy_fraction=0"}, 12)) {
    if (!lens.second_z) continue;
    ++pairs;
    ASSERT_EQ(lens.scene.sources.size(), 2U);
    const population::Cosmology cosmology{70, 0.3};
    EXPECT_NEAR(lens.scene.sources[1].deflection_factor * cosmology.lensing_efficiency(lens.deflector.z, lens.source.z),
                cosmology.lensing_efficiency(lens.deflector.z, *lens.second_z), 1e-9);
  }
  EXPECT_GT(pairs, 6);
}

}  // namespace
}  // namespace lensfind::simulate
