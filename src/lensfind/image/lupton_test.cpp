#include "lensfind/image/lupton.h"

#include <cmath>

#include <gmock/gmock.h>

#include "lensfind/base/random.h"
#include "lensfind/image/picture.h"

namespace lensfind::image {
namespace {

using ::testing::ElementsAre;

/// A flux in red, green and blue, and what astropy 8.0.2's make_lupton_rgb makes of it, which cuts off where we round.
struct Reference {
  std::array<float, 3> flux;
  std::array<int, 3> colour;
};

void expect_as_astropy(const LuptonScale& scale, std::span<const Reference> references) {
  for (const Reference& reference : references) {
    std::array<float, 3> above{};
    for (std::size_t i = 0; i < 3; ++i) above[i] = reference.flux[i] - scale.minimum[i];
    const double intensity = (static_cast<double>(above[0]) + static_cast<double>(above[1]) + static_cast<double>(above[2])) / 3;
    const Rgb colour = colour_of(above, scale.brightness(intensity));
    for (std::size_t i = 0; i < 3; ++i) EXPECT_NEAR(colour[i], reference.colour[i] + .5, .51) << reference.flux[0] << ", colour " << i;
  }
}

TEST(Lupton, GivesTheColoursOfAstropy) {
  expect_as_astropy({.stretch = 2, .q = 8}, std::array{Reference{{.5F, .4F, .1F}, {57, 45, 11}}, Reference{{4, 2, 1}, {174, 87, 43}},
                                                       Reference{{3, 3, 3}, {110, 110, 110}}});
  expect_as_astropy(
      {.minimum = {-.1F, -.2F, -.3F}, .stretch = 5, .q = 3},
      std::array{Reference{{0, 0, 0}, {5, 10, 15}}, Reference{{.5F, .4F, .1F}, {30, 30, 20}}, Reference{{4, 2, 1}, {168, 90, 53}},
                 Reference{{3, 3, 3}, {117, 121, 125}}, Reference{{1, -.3F, .2F}, {56, 0, 25}}});
}

TEST(Lupton, KeepsTheHueOfWhatIsTooBright) {
  const LuptonScale scale{.stretch = 2, .q = 8};
  const Rgb colour = colour_of({400, 300, 200}, scale.brightness(300));  // astropy: 255, 191, 127
  EXPECT_THAT(colour, ElementsAre(255, 191, 128));
  EXPECT_THAT(colour_of({-1, -1, 0}, 1), ElementsAre(0, 0, 0));
}

TEST(Lupton, ChoosesItsScaleByTheNoise) {
  Image planes{ImageShape{3, 100, 100}};
  RandomStream random{1, Purpose::test};
  for (int b = 0; b < 3; ++b) {
    for (float& value : planes.band(b)) value = static_cast<float>(random.normal(10. * b, 2));
  }
  const LuptonScale scale = lupton_scale(planes.view());
  const double noise = 2 / std::sqrt(3.0);  // of the mean of three
  EXPECT_NEAR(scale.stretch, 10 * noise, .5);
  for (std::size_t b = 0; b < 3; ++b) EXPECT_NEAR(scale.minimum[b], 10. * static_cast<double>(b) - noise, .15);
}

/// A galaxy of total fluxes `g`, `r`, `i` on noise of one unit.
Image galaxy(double g, double r, double i) {
  Image image{ImageShape{3, 33, 33}};
  RandomStream random{2, Purpose::test};
  const std::array flux{g, r, i};
  for (int b = 0; b < 3; ++b) {
    for (int y = 0; y < 33; ++y) {
      for (int x = 0; x < 33; ++x) {
        const double profile = std::exp(-.5 * (std::pow(x - 16, 2) + std::pow(y - 16, 2)) / 9);
        image.at(b, y, x) = static_cast<float>(flux[static_cast<std::size_t>(b)] * profile + random.normal(0, 1));
      }
    }
  }
  return image;
}

std::array<int, 3> middle(const Picture& picture) {
  const std::size_t at = static_cast<std::size_t>(3 * (16 * 33 + 16));
  return {picture.values[at], picture.values[at + 1], picture.values[at + 2]};
}

// g - i of 1.5 is 3.98 times the flux in i; 40 is not yet white.
TEST(PictureOf, ShowsARedGalaxyRed) {
  const auto [red, green, blue] = middle(picture_of(galaxy(40 / 3.98, 20, 40).view(), {.names = {"g", "r", "i"}}));
  EXPECT_NEAR(static_cast<double>(red) / blue, 3.98, .8);
  EXPECT_GT(red, green);
}

TEST(PictureOf, ShowsAFlatSpectrumWhiteWhateverTheZeroPoints) {
  // Magnitudes alike in all bands, each in its own counts.
  const auto counts = [](double zero_point) { return 60 * std::pow(10, .4 * (zero_point - 30)); };
  Image image = galaxy(0, 0, 0);
  const Image bright = galaxy(60, 60, 60);
  const std::array zero_points{28., 30., 27.};
  for (int b = 0; b < 3; ++b) {
    const auto factor = static_cast<float>(counts(zero_points[static_cast<std::size_t>(b)]) / 60);
    for (std::size_t k = 0; k < image.shape().pixels(); ++k) image.band(b)[k] = bright.band(b)[k] * factor;
  }
  const auto [red, green, blue] =
      middle(picture_of(image.view(), {.names = {"g", "r", "i"}, .zero_points = {zero_points[0], zero_points[1], zero_points[2]}}));
  EXPECT_NEAR(static_cast<double>(red) / blue, 1, .1);
  EXPECT_NEAR(static_cast<double>(green) / blue, 1, .1);
  EXPECT_GT(red, 100);
}

TEST(PlanColours, TakesBandsByTheirWavelengths) {
  const Image four{ImageShape{4, 2, 2}};
  EXPECT_THAT(plan_colours(four.view(), {.names = {"z", "i", "r", "g"}}).bands, ElementsAre(1, 2, 3));
  EXPECT_THAT(plan_colours(four.view(), {.names = {"VIS", "NIR-Y", "NIR-J", "NIR-H"}}).bands, ElementsAre(3, 2, 0));
  EXPECT_THAT(plan_colours(four.view(), {}).bands, ElementsAre(3, 2, 0));
  EXPECT_THAT(plan_colours(Image{ImageShape{3, 2, 2}}.view(), {.names = {"g", "r", "z"}}).bands, ElementsAre(2, 1, 0));
  EXPECT_THAT(plan_colours(Image{ImageShape{2, 2, 2}}.view(), {.names = {"i", "g"}}).bands, ElementsAre(0, 1));
  EXPECT_THAT(plan_colours(Image{ImageShape{1, 2, 2}}.view(), {}).bands, ElementsAre(0));
}

TEST(PlanColours, ScalesEachBandOnlyWhereFluxIsLost) {
  using Kind = ColourPlan::Kind;
  Image minmax{ImageShape{3, 2, 2}, .5F};
  for (int b = 0; b < 3; ++b) {
    minmax.at(b, 0, 0) = 0;
    minmax.at(b, 1, 1) = 1;
  }
  EXPECT_EQ(plan_colours(minmax.view(), {}).kind, Kind::each_band);
  minmax.at(1, 1, 1) = .9F;
  EXPECT_EQ(plan_colours(minmax.view(), {}).kind, Kind::plain_flux);
  EXPECT_EQ(plan_colours(minmax.view(), {.zero_points = {25., 25., 25.}}).kind, Kind::flux);
  EXPECT_EQ(plan_colours(minmax.view(), {.zero_points = {25., std::nullopt, 25.}}).kind, Kind::each_band);
  EXPECT_THAT(plan_colours(minmax.view(), {.zero_points = {25., 27.5, 22.5}}).factors,
              ElementsAre(1, ::testing::DoubleNear(.01, 1e-12), ::testing::DoubleNear(.1, 1e-12)));
}

TEST(ColoursText, SaysWhatIsShown) {
  const BandFacts facts{.names = {"g", "r", "i"}, .zero_points = {30., 30., 30.}};
  EXPECT_THAT(colours_text({.kind = ColourPlan::Kind::flux, .bands = {2, 1, 0}}, facts),
              ::testing::StartsWith("Red, green and blue are i, r and g, as fluxes"));
  EXPECT_THAT(colours_text({.kind = ColourPlan::Kind::each_band, .bands = {2, 1, 0}}, {}),
              ::testing::AllOf(::testing::HasSubstr("band 3, band 2 and band 1"), ::testing::HasSubstr("each band scaled by itself")));
  EXPECT_THAT(colours_text({.kind = ColourPlan::Kind::plain_flux, .bands = {1, 0}}, {}), ::testing::HasSubstr("No zero points are known"));
}

}  // namespace
}  // namespace lensfind::image
