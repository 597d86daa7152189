// Images against brute force: hidden images beside the mass, knots on narrow arcs, cusps, where smooth light goes over into cells.
#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <numbers>

#include <gtest/gtest.h>

#include "lensfind/base/random.h"
#include "lensfind/render/brute_force.h"
#include "lensfind/render/render.h"

namespace lensfind::render {
namespace {

constexpr double pixel_arcsec = 0.2;
constexpr int side = 48;

/// The greatest error over the brightest pixel, in the worst band.
double worst_error(const Scene& scene, const std::vector<Psf>& psfs) {
  const Rendering got = render(scene, psfs, {.size = side, .pixel_scale_arcsec = pixel_arcsec});
  const std::vector<std::vector<double>> want = brute_force(scene, psfs, side, pixel_arcsec);
  double worst = 0;
  for (std::size_t b = 0; b < psfs.size(); ++b) {
    const double peak = *std::max_element(want[b].begin(), want[b].end());
    for (std::size_t k = 0; k < want[b].size(); ++k) {
      const double seen = static_cast<double>(got.image[b].at(static_cast<int>(k) / side, static_cast<int>(k) % side));
      worst = std::max(worst, std::abs(seen - want[b][k]) / peak);
    }
  }
  return worst;
}

double log_uniform(RandomStream& random, double min, double max) { return std::exp(random.uniform(std::log(min), std::log(max))); }

std::vector<double> fluxes(RandomStream& random, std::size_t bands, double about) {
  std::vector<double> out;
  for (std::size_t b = 0; b < bands; ++b) out.push_back(about * log_uniform(random, 0.3, 3));
  return out;
}

/// A deflector, dark or bright to a steep cusp, perhaps a neighbour, and a source of any size anywhere within the Einstein radius, with up
/// to two narrow knots.
Scene random_scene(RandomStream& random, std::size_t bands) {
  Scene out;
  const auto uniform = [&](double min, double max) { return random.uniform(min, max); };
  const double theta_e = pixel_arcsec * uniform(2.5, 9), shear = random.chance(0.3) ? 0.15 : 0.05;
  out.mass.ellipsoids.push_back({theta_e,
                                 uniform(0.35, 1),
                                 uniform(0, 3),
                                 {pixel_arcsec * uniform(-1, 1), pixel_arcsec * uniform(-1, 1)},
                                 random.chance(0.5) ? 2.0 : uniform(1.7, 2.3)});
  out.mass.shear = {uniform(-shear, shear), uniform(-shear, shear)};
  if (random.chance(0.3)) out.mass.halos.push_back({theta_e * uniform(0.3, 1), theta_e, uniform(0, 0.2), uniform(0, 3)});
  if (random.chance(0.75)) {
    out.unlensed.push_back({{pixel_arcsec * log_uniform(random, 0.5, 10), uniform(0.5, 6.5), uniform(0.4, 1), uniform(0, 3),
                             out.mass.ellipsoids[0].centre_arcsec},
                            fluxes(random, bands, log_uniform(random, 3, 1000)),
                            nullptr});
  }
  if (random.chance(0.3)) {
    const Point centre{pixel_arcsec * uniform(-0.45, 0.45) * side, pixel_arcsec * uniform(-0.45, 0.45) * side};
    out.unlensed.push_back({{pixel_arcsec * log_uniform(random, 0.1, 4), uniform(0.5, 4), uniform(0.3, 1), uniform(0, 3), centre},
                            fluxes(random, bands, log_uniform(random, 1, 100)),
                            nullptr});
  }
  const double radius = pixel_arcsec * log_uniform(random, 0.15, 5), distance = theta_e * uniform(0, 1),
               towards = uniform(0, 2 * std::numbers::pi);
  const Point centre{distance * std::cos(towards), distance * std::sin(towards)};
  out.sources.push_back(
      {{radius, uniform(0.5, random.chance(0.3) ? 4 : 1.5), uniform(0.25, 1), uniform(0, 3), centre}, fluxes(random, bands, 10), nullptr});
  if (random.chance(0.2)) {
    out.sources.push_back({{radius, 1, uniform(0.25, 1), uniform(0, 3), {-centre.x, centre.y}}, fluxes(random, bands, 6), nullptr, 1.2});
  }
  for (std::uint64_t knots = random.below(3); knots > 0; --knots) {
    const Point beside{centre.x + radius * uniform(-1, 1), centre.y + radius * uniform(-1, 1)};
    out.sources.push_back({{radius * uniform(0.1, 0.25), 0.5, uniform(0.25, 1), uniform(0, 3), beside}, fluxes(random, bands, 3), nullptr});
  }
  return out;
}

/// LENSFIND_RENDER_SCENES of them, or a few.
int scenes_to_try() {
  const char* wanted = std::getenv("LENSFIND_RENDER_SCENES");
  return wanted ? std::atoi(wanted) : 6;
}

/// A PSF from an FWHM in pixels.
template <class MakePsf>
void expect_exact(std::uint64_t first, const MakePsf& make_psf, double limit = 1e-3) {
  double worst_of_all = 0;
  for (int k = 0; k < scenes_to_try(); ++k) {
    RandomStream random{first, Purpose::test, static_cast<std::uint64_t>(k)};
    std::vector<Psf> psfs;
    for (std::uint64_t bands = 1 + random.below(3); bands > 0; --bands) psfs.push_back(make_psf(log_uniform(random, 0.8, 6), random));
    const double worst = worst_error(random_scene(random, psfs.size()), psfs);
    worst_of_all = std::max(worst_of_all, worst);
    EXPECT_LT(worst, limit) << "scene " << k;
  }
  ::testing::Test::RecordProperty("worst", std::to_string(worst_of_all));
}

TEST(RenderAccuracy, RandomScenesBehindGaussiansAreRightToAThousandthOfTheirPeak) {
  expect_exact(1, [](double fwhm, RandomStream&) { return GaussianPsf{fwhm * pixel_arcsec}; });
}

TEST(RenderAccuracy, RandomScenesBehindMoffatsAreRightToFiveThousandthsOfTheirPeak) {
  // The sum of five Gaussians is off by up to 1.4e-3 of a star's peak, and Moffats of less than four pixels by up to 5e-3
  // (docs/rendering.md).
  expect_exact(
      4,
      [](double fwhm, RandomStream& random) {
        return MoffatPsf{fwhm * pixel_arcsec, random.uniform(2.8, 4.5)};
      },
      5e-3);
}

TEST(RenderAccuracy, RandomScenesBehindImagesOfMoffatsAreRightToAThousandthOfTheirPeak) {
  expect_exact(2, [](double fwhm, RandomStream& random) {
    return factorised(moffat_psf(std::max(1.5, fwhm) * pixel_arcsec, random.uniform(2.5, 4.5), pixel_arcsec, 25));
  });
}

TEST(RenderAccuracy, RandomScenesBehindImagesOfStarsAreRightToAThousandthOfTheirPeak) {
  expect_exact(3, [](double fwhm, RandomStream& random) {
    // Neither round nor symmetric: no sum of few separable terms.
    ImagePsf out = moffat_psf(std::max(1.5, fwhm) * pixel_arcsec, 3, pixel_arcsec, 21);
    float sum = 0;
    for (float& value : out.kernel) sum += value *= static_cast<float>(random.uniform(0.5, 1.5));
    for (float& value : out.kernel) value /= sum;
    return out;
  });
}

// A narrow PSF divides the pixels of all bands; there the wide terms of Moffats are applied to whole pixels. What they should give is the
// sum of what each of their Gaussians gives by itself.
TEST(RenderAccuracy, WideTermsBesideANarrowMoffatKeepTheirShape) {
  Scene scene;
  scene.mass.ellipsoids.push_back({6 * pixel_arcsec, 0.7, 0.5, {0.3 * pixel_arcsec, -0.2 * pixel_arcsec}});
  scene.unlensed.push_back({{1.5 * pixel_arcsec, 1, 0.8, 0.4, {0.3 * pixel_arcsec, -0.2 * pixel_arcsec}}, {30, 30}, nullptr});
  scene.unlensed.push_back({{0.1 * pixel_arcsec, 0.5, 1, 0, {9.4 * pixel_arcsec, 7.8 * pixel_arcsec}}, {8, 8}, nullptr});
  scene.sources.push_back({{0.7 * pixel_arcsec, 1, 0.6, 1.3, {1.1 * pixel_arcsec, 0.4 * pixel_arcsec}}, {10, 10}, nullptr});
  const std::vector<Psf> psfs{MoffatPsf{1.47 * pixel_arcsec, 2.6}, MoffatPsf{4.2 * pixel_arcsec, 3.5}};
  const Rendering got = render(scene, psfs, {.size = side, .pixel_scale_arcsec = pixel_arcsec});
  for (std::size_t b = 0; b < psfs.size(); ++b) {
    const auto& moffat = std::get<MoffatPsf>(psfs[b]);
    std::vector<double> want(static_cast<std::size_t>(side * side));
    for (const GaussianTerm& term : moffat.terms) {
      const double fwhm = term.sigma * moffat.fwhm_arcsec * 2 * std::sqrt(2 * std::numbers::ln2);
      const std::vector<Psf> gaussians(2, GaussianPsf{fwhm});
      const std::vector<double> one = brute_force(scene, gaussians, side, pixel_arcsec)[b];
      for (std::size_t k = 0; k < want.size(); ++k) want[k] += term.weight * one[k];
    }
    const double peak = *std::max_element(want.begin(), want.end());
    double worst = 0;
    for (std::size_t k = 0; k < want.size(); ++k) {
      const double seen = static_cast<double>(got.image[b].at(static_cast<int>(k) / side, static_cast<int>(k) % side));
      worst = std::max(worst, std::abs(seen - want[k]) / peak);
    }
    EXPECT_LT(worst, 1e-3) << b;
    ::testing::Test::RecordProperty("worst" + std::to_string(b), std::to_string(worst));
  }
}

TEST(RenderAccuracy, ImagesBesideTheMassAreFound) {
  // A knot at the edge of where there are several images: the last of them lies a pixel from the mass, a hundred times narrower than long.
  Scene scene;
  scene.mass.ellipsoids.push_back({12.177 * pixel_arcsec, 0.6657, 0.388, {0.5 * pixel_arcsec, 0.15 * pixel_arcsec}});
  scene.mass.shear = {-0.0394, -0.0274};
  for (const Point centre : {Point{0.456, 12.306}, Point{-0.02, 11.502}})
    scene.sources.push_back({{0.08 * pixel_arcsec, 0.5, 0.6, 0.7, {centre.x * pixel_arcsec, centre.y * pixel_arcsec}}, {5}, nullptr});
  EXPECT_LT(worst_error(scene, {GaussianPsf{2.83 * pixel_arcsec}}), 1e-3);
}

TEST(RenderAccuracy, KnotsOnArcsNarrowerThanAPixelKeepTheirLight) {
  Scene scene;
  scene.mass.ellipsoids.push_back({9.0167 * pixel_arcsec, 0.5823, 2.4034, {-0.692 * pixel_arcsec, 0.268 * pixel_arcsec}});
  scene.mass.shear = {0.0061, 0.0046};
  scene.sources.push_back({{0.529 * pixel_arcsec, 1.39, 0.62, 1.1, {-2.575 * pixel_arcsec, 1.544 * pixel_arcsec}}, {4.9}, nullptr});
  scene.sources.push_back({{0.084 * pixel_arcsec, 0.5, 0.27, 0.4, {-2.399 * pixel_arcsec, 1.085 * pixel_arcsec}}, {2.4}, nullptr});
  scene.sources.push_back({{0.117 * pixel_arcsec, 0.5, 0.30, 2.0, {-2.543 * pixel_arcsec, 1.891 * pixel_arcsec}}, {1.3}, nullptr});
  EXPECT_LT(worst_error(scene, {GaussianPsf{2.08 * pixel_arcsec}}), 1e-3);
}

TEST(RenderAccuracy, SmoothLightGoesOverIntoCellsUnseen) {
  // An arc a pixel or two wide, all of whose edge is such a passage, behind Gaussians about a pixel wide.
  for (const double sigma : {1.02, 1.2, 1.38, 1.6}) {
    Scene scene;
    scene.mass.ellipsoids.push_back({7.3 * pixel_arcsec, 0.75, 0.5, {0.1 * pixel_arcsec, -0.2 * pixel_arcsec}});
    scene.sources.push_back({{0.9 * pixel_arcsec, 1, 0.6, 1.3, {1.1 * pixel_arcsec, 0.4 * pixel_arcsec}}, {10}, nullptr});
    EXPECT_LT(worst_error(scene, {GaussianPsf{sigma * 2.354820 * pixel_arcsec}}), 1e-3) << sigma;
  }
}

}  // namespace
}  // namespace lensfind::render
