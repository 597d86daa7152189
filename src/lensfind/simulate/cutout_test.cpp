#include "lensfind/simulate/cutout.h"

#include <algorithm>
#include <cmath>
#include <filesystem>
#include <numbers>
#include <set>

#include <gtest/gtest.h>

#include "lensfind/population/galaxy_sample.h"

namespace lensfind::simulate {
namespace {

/// Targets of one profile with nothing beside them, single sources without knots.
Survey alone(const std::string& name, std::vector<std::string> more = {}) {
  more.insert(more.end(),
              {"population.source_count_amplitude=1e-9", "population.star_density_arcmin2=0", "population.source_clumpy_fraction=0",
               "population.source_pair_fraction=0", "population.group_abundance=0", "population.member_abundance=0",
               "population.lens_disk_fraction=0", "population.lens_dust_fraction=0", "population.lens_colour_gradient=0", "faults.halo=0",
               "faults.trail=0", "faults.mask=0", "faults.bleed=0", "faults.oversubtracted=0", "faults.cosmic_ray=0", "faults.gap=0",
               "faults.uneven_depth=0", "faults.gradient=0", "faults.poor_seeing=0"});
  return find_survey(name, {std::filesystem::path{LENSFIND_SOURCE_DIR} / "surveys"}, more);
}

/// The scene that a lens's truth speaks of.
render::Scene told(const Truth& t, const std::vector<double>& zero_points) {
  const auto fluxes = [&](const std::vector<double>& magnitudes) {
    std::vector<double> out;
    for (std::size_t b = 0; b < magnitudes.size(); ++b) out.push_back(std::pow(10, -0.4 * (magnitudes[b] - zero_points[b])));
    return out;
  };
  const render::Point centre{*t.deflector.x_arcsec, *t.deflector.y_arcsec};
  const render::Sersic deflector{*t.deflector.effective_radius_arcsec, *t.deflector.sersic_index, *t.deflector.light_axis_ratio,
                                 *t.deflector.light_angle_rad, centre};
  const render::Sersic source{
      *t.source.radius_arcsec, *t.source.sersic_index, *t.source.axis_ratio, *t.source.angle_rad, {*t.source.x_arcsec, *t.source.y_arcsec}};
  return {.mass = {{{*t.deflector.theta_e_arcsec, *t.deflector.axis_ratio, *t.deflector.angle_rad, centre, *t.deflector.slope}},
                   {*t.deflector.shear1, *t.deflector.shear2}},
          .unlensed = {{deflector, fluxes(t.deflector.mag), nullptr}},
          .sources = {{source, fluxes(t.source.mag), nullptr}}};
}

TEST(Cutout, OfALensIsTheSceneOfItsTruthAndNoise) {
  const Survey survey =
      alone("des", {"seeing_scatter=0.1", "depth_scatter_mag=0.2", "depth_5sigma=[27, 27, 27]", "output_zero_point=[29, 30, 31]",
                    "population.kept_snr=200", "population.source_axis_ratio_scatter=0.5"});
  const CutoutMaker maker{survey};
  render::Renderer renderer;
  for (std::int64_t number = 0; number < 6; ++number) {
    const SimulatedCutout cutout = maker.make({.number = number, .size = 64, .seed = 11}, renderer);
    const Truth& t = cutout.truth;
    std::vector<render::Psf> psfs;
    for (const double fwhm : t.conditions.seeing_fwhm_arcsec) psfs.push_back(render::MoffatPsf{fwhm, 3});
    const render::Rendering want =
        render::render(told(t, survey.output_zero_point), psfs, {.size = 64, .pixel_scale_arcsec = 0.263, .tolerance = 1e-5});
    for (std::size_t b = 0; b < 3; ++b) {
      double chi_squared = 0;
      for (int row = 0; row < 64; ++row) {
        for (int column = 0; column < 64; ++column) {
          const auto flux = static_cast<double>(want.image[b].at(row, column)),
                     off = static_cast<double>(cutout.image.at(static_cast<int>(b), row, column)) - flux;
          chi_squared += off * off / (t.conditions.background_rms[b] * t.conditions.background_rms[b] + flux / t.conditions.gain[b]);
        }
      }
      // Its standard deviation is sqrt(2 / 4096) = .022.
      EXPECT_NEAR(chi_squared / (64 * 64), 1, 0.09) << number << " band " << b;
    }
  }
}

TEST(Cutout, SkyThatWasSubtractedTooMuchIsMissingEverywhere) {
  const std::filesystem::path folder = std::filesystem::path{LENSFIND_SOURCE_DIR} / "surveys";
  const CutoutRequest request{.lens = false, .number = 3, .size = 48, .scaling = Scaling::none, .seed = 5};
  const SimulatedCutout as_it_is = simulate_cutout(find_survey("des", {folder}, {"faults.clipped_sky=0"}), request),
                        less = simulate_cutout(find_survey("des", {folder}, {"faults.clipped_sky=0", "sky_excess_rms=0.25"}), request);
  for (std::size_t b = 0; b < 3; ++b) {
    const double rms = as_it_is.truth.conditions.background_rms[b];
    for (const std::size_t at : {std::size_t{0}, std::size_t{100}, std::size_t{1200}}) {
      EXPECT_NEAR(as_it_is.image.band(static_cast<int>(b))[at] - less.image.band(static_cast<int>(b))[at], 0.25 * rms, 0.01 * rms) << b;
    }
  }
}

TEST(Cutout, CentresAreUniformWithinTheSurveysOffset) {
  const CutoutMaker maker{alone("des")};
  render::Renderer renderer;
  double squares = 0;
  constexpr int number = 60;
  for (std::int64_t k = 0; k < number; ++k) {
    const Truth truth = maker.make({.lens = k % 2 == 0, .number = k, .size = 32, .seed = 12}, renderer).truth;
    for (const double at : {*truth.deflector.x_arcsec / 0.263, *truth.deflector.y_arcsec / 0.263}) {
      EXPECT_LE(std::abs(at), 0.5);
      squares += at * at;
    }
  }
  // Of a uniform number within a half, 1 / 12 +- 1 / sqrt(180) each.
  EXPECT_NEAR(squares / (2 * number), 1.0 / 12, 4 / std::sqrt(180 * 2 * number));
}

/// Mean of the squared differences of two views over the variance that noise gives them; 1 where nothing else differs.
double differences_over_noise(const SimulatedCutout& a, const SimulatedCutout& b) {
  double sum = 0;
  std::size_t count = 0;
  for (int band = 0; band < 3; ++band) {
    const ConditionsTruth& taken = a.truth.conditions;
    const double rms = taken.background_rms[static_cast<std::size_t>(band)], gain = taken.gain[static_cast<std::size_t>(band)];
    const auto x = a.image.band(band), y = b.image.band(band);
    for (std::size_t k = 0; k < x.size(); ++k, ++count) {
      const double off = static_cast<double>(x[k]) - static_cast<double>(y[k]),
                   mean = .5 * (static_cast<double>(x[k]) + static_cast<double>(y[k]));
      sum += off * off / (2 * (rms * rms + std::max(mean, 0.) / gain));
    }
  }
  return sum / static_cast<double>(count);
}

TEST(Cutout, SeenAgainHasTheSameGalaxyAndDeflectorUnderOtherNoiseAndAnotherSource) {
  const CutoutMaker maker{
      alone("des", {"seeing_scatter=0", "depth_scatter_mag=0", "population.kept_snr=200", "population.nonlens_magnitudes=counts"})};
  render::Renderer renderer;
  const auto two = [&](bool lens, bool hide_source, std::int64_t number) {
    CutoutRequest request{.lens = lens, .number = number, .size = 48, .seed = 15, .hide_source = hide_source};
    const SimulatedCutout first = maker.make(request, renderer);
    request.seen_again = true;
    return differences_over_noise(first, maker.make(request, renderer));
  };
  for (std::int64_t number = 0; number < 3; ++number) {
    // Its standard deviation is sqrt(2 / 6912) = .017; resampled noise of neighbours is alike.
    EXPECT_NEAR(two(false, false, number), 1, .12) << number;
    EXPECT_NEAR(two(true, true, number), 1, .12) << number;
    EXPECT_GT(two(true, false, number), 1.3) << "other arcs, " << number;
  }
}

// Clumpy sources have knots in numbers of their own.
TEST(Cutout, SeenAgainItsTruthIsThatOfTheFirstSource) {
  const CutoutMaker maker{find_survey("des", {std::filesystem::path{LENSFIND_SOURCE_DIR} / "surveys"},
                                      {"population.source_clumpy_fraction=1", "population.kept_snr=200"})};
  render::Renderer renderer;
  for (std::int64_t number = 0; number < 6; ++number) {
    CutoutRequest request{.lens = true, .number = number, .size = 32, .seed = 17};
    const SourceTruth first = maker.make(request, renderer).truth.source;
    request.seen_again = true;
    const SourceTruth again = maker.make(request, renderer).truth.source;
    EXPECT_GT(first.knots.value(), 0);
    EXPECT_EQ(again.knots, first.knots) << number;
    EXPECT_EQ(again.radius_arcsec, first.radius_arcsec) << number;
    EXPECT_EQ(again.angle_rad, first.angle_rad) << number;
  }
}

TEST(Cutout, SeenAgainItsSeeingAndDepthScatterAnew) {
  const CutoutMaker maker{alone("des", {"seeing_scatter=0.2", "depth_scatter_mag=0.3"})};
  render::Renderer renderer;
  CutoutRequest request{.lens = true, .number = 2, .size = 32, .seed = 16};
  const ConditionsTruth first = maker.make(request, renderer).truth.conditions;
  request.seen_again = true;
  const Truth again = maker.make(request, renderer).truth;
  EXPECT_NE(again.conditions.seeing_fwhm_arcsec, first.seeing_fwhm_arcsec);
  EXPECT_NE(again.conditions.background_rms, first.background_rms);
}

TEST(Cutout, TrainingCutoutsOfTheDeepLenseLookAreTurnedAnyWay) {
  const CutoutMaker maker{survey_of_scaling(alone("hsc"), Scaling::minmax)};
  render::Renderer renderer;
  std::set<int> quarters;
  for (std::int64_t number = 0; number < 24; ++number) {
    const CutoutRequest request{.split = Split::train, .lens = false, .number = number, .scaling = Scaling::minmax, .seed = 13};
    quarters.insert(static_cast<int>(maker.make(request, renderer).truth.processing.rotated_rad / (std::numbers::pi / 2)));
  }
  EXPECT_EQ(quarters, (std::set<int>{0, 1, 2, 3}));
}

TEST(Cutout, BrokenBandHoldsThreeValues) {
  const CutoutMaker maker{survey_of_scaling(alone("hsc", {"broken_band_rate=1"}), Scaling::minmax)};
  render::Renderer renderer;
  std::set<int> broken;
  for (std::int64_t number = 0; number < 8; ++number) {
    CutoutRequest request{.split = Split::train, .lens = false, .number = number, .scaling = Scaling::minmax, .seed = 14};
    const SimulatedCutout cutout = maker.make(request, renderer);
    broken.insert(cutout.truth.processing.broken_band.value());
    for (int b = 0; b < 3; ++b) {
      const bool three_values =
          std::all_of(cutout.image.band(b).begin(), cutout.image.band(b).end(), [](float v) { return v == 0 || v == 0.5f || v == 1; });
      EXPECT_EQ(three_values, b == cutout.truth.processing.broken_band);
    }
    request.split = Split::test;
    EXPECT_EQ(maker.make(request, renderer).truth.processing.broken_band, std::nullopt);
  }
  EXPECT_GT(broken.size(), 1u);
}

}  // namespace
}  // namespace lensfind::simulate
