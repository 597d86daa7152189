#include "lensfind/simulate/survey.h"

#include <algorithm>
#include <cmath>
#include <fstream>
#include <map>

#include <gmock/gmock.h>

#include "lensfind/base/error.h"
#include "lensfind/base/median.h"
#include "lensfind/base/random.h"
#include "lensfind/image/fits.h"
#include "lensfind/image/npy.h"
#include "lensfind/simulate/conditions.h"
#include "lensfind/simulate/cutout.h"
#include "lensfind/simulate/noise.h"
#include "lensfind/testing/shared_files.h"

namespace lensfind::simulate {
namespace {

namespace fs = std::filesystem;
using ::testing::HasSubstr;
const fs::path surveys = fs::path{LENSFIND_SOURCE_DIR} / "surveys";

TEST(Survey, DepthsAreThePublishedOnes) {
  // 5-sigma point-source depths in magnitudes; those of LSST follow here from exposures, sky and read noise (Ivezic et al. 2019).
  const std::map<std::string, std::vector<double>> published{{"lsst10", {27.4, 27.5, 26.8}},
                                                             {"lsst1", {26.15, 26.25, 25.55}},
                                                             {"hsc", {26.5, 26.5, 26.2}},
                                                             {"legacy", {24.7, 23.9, 23.6, 23.0}},
                                                             {"ps1", {23.3, 23.2, 23.1}}};
  for (const auto& [name, depths] : published) {
    const Survey survey = find_survey(name, {surveys});
    ASSERT_EQ(survey.bands.size(), depths.size());
    for (std::size_t b = 0; b < depths.size(); ++b) {
      const double depth = point_source_depth(band_noise(survey, b).background_rms, survey.output_zero_point[b], survey_psf(survey, b),
                                              survey.pixel_scale_arcsec);
      EXPECT_NEAR(depth, depths[b], 0.16) << name << " " << survey.bands[b];
    }
  }
}

// A flux of so much in an aperture: DES DR2 has 10 sigma at g, r, i = 24.7, 24.4, 23.8 in 1.95 arcsec (Abbott et al. 2021), DR1
// at 24.33, 24.08, 23.44 (Abbott et al. 2018), KiDS 5 sigma at 25.12, 25.02, 23.68 in 2 arcsec (Kuijken et al. 2019), Euclid's Q1 VIS 10
// sigma at 25.6 in 1.3 arcsec.
TEST(Survey, ApertureDepthsAreThePublishedOnes) {
  const auto depth = [](const char* name, std::size_t band, double aperture_arcsec, double sigmas) {
    const Survey survey = find_survey(name, {surveys});
    const double pixels = M_PI * std::pow(aperture_arcsec / survey.pixel_scale_arcsec, 2) / 4;
    return survey.output_zero_point[band] - 2.5 * std::log10(sigmas * band_noise(survey, band).background_rms * std::sqrt(pixels));
  };
  EXPECT_NEAR(depth("des", 0, 1.95, 10), 24.7, 0.02);
  EXPECT_NEAR(depth("des", 1, 1.95, 10), 24.4, 0.02);
  EXPECT_NEAR(depth("des", 2, 1.95, 10), 23.8, 0.02);
  EXPECT_NEAR(depth("des1", 0, 1.95, 10), 24.33, 0.02);
  EXPECT_NEAR(depth("des1", 1, 1.95, 10), 24.08, 0.02);
  EXPECT_NEAR(depth("des1", 2, 1.95, 10), 23.44, 0.02);
  EXPECT_NEAR(depth("kids", 0, 2, 5), 25.12, 0.02);
  EXPECT_NEAR(depth("kids", 1, 2, 5), 25.02, 0.02);
  EXPECT_NEAR(depth("kids", 2, 2, 5), 23.68, 0.02);
  EXPECT_NEAR(depth("euclid", 0, 1.3, 10), 25.6, 0.2);
}

// tests/reference/red_sequences.py: an elliptical's spectrum through each survey's passbands.
TEST(Survey, EarlyTypesHaveTheColoursOfTheSurveysOwnBands) {
  const Value colours = read_json(test::reference_file("red_sequences.json"));
  const std::map<std::string, std::string> cameras{{"cfhtls", "cfhtls"}, {"des", "decam"},  {"des1", "decam"},  {"legacy", "decam"},
                                                   {"hsc", "hsc"},       {"lsst1", "lsst"}, {"lsst10", "lsst"}, {"ps1", "ps1"}};
  for (const auto& [name, camera] : cameras) {
    const population::Population p = find_survey(name, {surveys}).population;
    for (std::size_t k = 0; k < p.early_z.size(); ++k) {
      EXPECT_NEAR(p.early_g_r[k], colours.at(camera).at("g_r").as_array().at(k).as_number(), 0.011) << name << " " << p.early_z[k];
      EXPECT_NEAR(p.early_r_i[k], colours.at(camera).at("r_i").as_array().at(k).as_number(), 0.011) << name << " " << p.early_z[k];
      // Space Warps' pictures have no z.
      if (camera == "cfhtls") continue;
      EXPECT_NEAR(p.early_i_z[k], colours.at(camera).at("i_z").as_array().at(k).as_number(), 0.011) << name << " " << p.early_z[k];
    }
  }
}

// Ten galaxies' g-r and r-i against the line that early types' colours make from z = .1 to 1. SDSS's lies .13 mag from them.
TEST(Survey, EarlyTypesOfDesHaveTheColoursOfGenuineGalaxies) {
  const population::Population p = find_survey("des", {surveys}).population;
  const Value measured = read_json(test::reference_file("genuine.json"));
  std::vector<double> distances;
  for (const Value& galaxy : measured.at("des").at("colours").as_array()) {
    double nearest = 1e9;
    for (std::size_t k = 0; p.early_z[k] < 1; ++k) {
      for (const double part : {0.0, 0.25, 0.5, 0.75}) {
        const double g_r = std::lerp(p.early_g_r[k], p.early_g_r[k + 1], part), r_i = std::lerp(p.early_r_i[k], p.early_r_i[k + 1], part);
        nearest = std::min(nearest, std::hypot(galaxy.as_array().at(0).as_number() - g_r, galaxy.as_array().at(1).as_number() - r_i));
      }
    }
    distances.push_back(nearest);
  }
  EXPECT_EQ(distances.size(), 10u);
  EXPECT_LT(median(distances), 0.06);
}

TEST(Survey, NoiseCorrelationMayDifferFromBandToBand) {
  const Survey survey = find_survey("euclid", {surveys});
  EXPECT_EQ(band_noise(survey, 0).kernel, resampling_kernel(NoiseInterpolation::bilinear, 1, 4));
  EXPECT_EQ(band_noise(survey, 2).kernel, resampling_kernel(NoiseInterpolation::bilinear, 3, 4));
  const Survey older = find_survey("euclid", {surveys}, {"noise_interpolation=none", "band_noise_correlation=[0.1,0.5,0,0]"});
  EXPECT_EQ(band_noise(older, 0).kernel, next_pixel_kernel(0.1));
  EXPECT_EQ(band_noise(older, 2).kernel, NoiseKernel{});
  EXPECT_THROW(find_survey("euclid", {surveys}, {"band_noise_correlation=[0,0.5]"}), Error);
  EXPECT_THROW(find_survey("euclid", {surveys}, {"noise_native_pixel_arcsec=[0.1,0.3,0.3,3]"}), Error);
}

TEST(Survey, UnknownNameListsTheKnown) {
  try {
    find_survey("no-such-survey", {surveys});
    FAIL();
  } catch (const Error& error) {
    EXPECT_NE(error.hint().find("hsc"), std::string::npos);
  }
}

std::string refusal(const std::vector<std::string>& overrides) {
  try {
    find_survey("hsc", {fs::path{LENSFIND_SOURCE_DIR} / "surveys"}, overrides);
  } catch (const Error& error) {
    return error.what() + std::string{" | "} + error.hint();
  }
  return "no error";
}

TEST(Survey, RefusesWhatCouldNotBeDrawnInALifetime) {
  EXPECT_THAT(refusal({"seeing_fwhm_arcsec=[1e9, 1, 1]"}), HasSubstr("seeing_fwhm_arcsec = 1000000000 arcsec in g is 5.95e+09 pixels"));
  EXPECT_THAT(refusal({"seeing_fwhm_arcsec=[1, 1e-9, 1]"}), HasSubstr("give 0.25 to 50 pixels"));
  EXPECT_THAT(refusal({"depth_5sigma=[26, 26, 1e9]"}), HasSubstr("`depth_5sigma` must be 0 to 50"));
  EXPECT_THAT(refusal({"depth_5sigma=[]", "exposure_s=[1, 1, 1]", "exposures=[1e12, 1, 1]"}), HasSubstr("exposures"));
  EXPECT_THAT(refusal({"population.star_density_arcmin2=1e9"}), HasSubstr("star_density_arcmin2"));
  EXPECT_THAT(refusal({"population.source_z_max=1e-9"}), HasSubstr("source_z_max"));
  EXPECT_THAT(refusal({"population.axis_ratio_min=1"}), HasSubstr("axis_ratio_min"));
  EXPECT_THAT(refusal({"population.lens_i_brightest=23"}), HasSubstr("lens_i_brightest = 23 is not below lens_i_faintest"));
  EXPECT_THAT(refusal({"population.shear_scatter=inf"}), HasSubstr("shear_scatter"));
  EXPECT_THAT(refusal({"population.early_g_r=[1, 2]"}), HasSubstr("early_g_r holds 2 values for 13 redshifts"));
  EXPECT_THAT(refusal({"population.late_z=[1, 1, 1.5, 2, 2.5, 3, 3.5, 4]"}), HasSubstr("late_z does not rise"));
  EXPECT_THAT(refusal({"population.source_type_fractions=[1, 2]"}), HasSubstr("give three"));
  EXPECT_EQ(refusal({}), "no error");
}

TEST(Survey, ADepthWithMoreGalaxiesThanCanBeDrawnIsAnError) {
  for (const std::vector<std::string>& set : {std::vector<std::string>{"depth_5sigma=[26, 26, 45]"},
                                              {"population.source_count_slope=1", "population.source_count_amplitude=10000"}}) {
    const Survey survey = find_survey("hsc", {fs::path{LENSFIND_SOURCE_DIR} / "surveys"}, set);
    EXPECT_THROW((simulate_cutout(survey, {.lens = false})), Error) << set[0];
  }
}

TEST(Survey, ALawThatHoldsNothingWantedIsAnErrorAndNotEndless) {
  const Survey survey = find_survey("hsc", {fs::path{LENSFIND_SOURCE_DIR} / "surveys"},
                                    {"population.lens_i_brightest=5", "population.lens_i_faintest=6", "population.nonlens_i_faintest=6"});
  EXPECT_THROW((simulate_cutout(survey, {.lens = false})), Error);
}

TEST(Survey, OverridesReachThePopulation) {
  const Survey survey = find_survey("hsc", {surveys}, {"pixel_scale_arcsec=0.2", "population.kept_snr=10"});
  EXPECT_EQ(survey.pixel_scale_arcsec, 0.2);
  EXPECT_EQ(survey.population.kept_snr, 10);
  EXPECT_THROW(find_survey("hsc", {surveys}, {"population.no_such_key=1"}), Error);
  EXPECT_THROW(find_survey("hsc", {surveys}, {"seeing_fwhm_arcsec=[0.7]"}), Error);
}

TEST(Survey, SomeOfItsBandsInTheWantedOrder) {
  const Survey all = find_survey("legacy", {surveys}), some = find_survey("legacy", {surveys}, {}, {"z", "g"});
  EXPECT_THAT(some.bands, ::testing::ElementsAre("z", "g"));
  EXPECT_THAT(some.depth_5sigma, ::testing::ElementsAre(all.depth_5sigma[3], all.depth_5sigma[0]));
  EXPECT_THAT(some.seeing_fwhm_arcsec, ::testing::ElementsAre(all.seeing_fwhm_arcsec[3], all.seeing_fwhm_arcsec[0]));
  EXPECT_EQ(some.population.early_g_r, all.population.early_g_r);
  // A set of the survey's table [minmax] too, and what is set for once.
  const Survey hsc = find_survey("hsc", {surveys}, {"depth_5sigma=[25]"}, {"i"});
  EXPECT_THAT(hsc.depth_5sigma, ::testing::ElementsAre(25));
  EXPECT_EQ(survey_of_scaling(hsc, Scaling::minmax).seeing_fwhm_arcsec.size(), 1u);
  try {
    find_survey("legacy", {surveys}, {}, {"g", "y"});
    FAIL();
  } catch (const Error& error) {
    EXPECT_THAT(error.what(), HasSubstr("--band y"));
    EXPECT_THAT(error.hint(), HasSubstr("g, r, i, z"));
  }
  EXPECT_THROW(find_survey("legacy", {surveys}, {}, {"g", "g"}), Error);
  // Not three: no colour picture.
  EXPECT_TRUE(find_survey("cfhtls", {surveys}, {}, {"g", "i"}).display.weights.empty());
}

TEST(Survey, ACorrelationThatIsSetForOnceWinsOverTheFilesInterpolation) {
  const Noise set = band_noise(find_survey("des", {surveys}, {"noise_correlation=0"}), 0),
              own = band_noise(find_survey("des", {surveys}), 0);
  EXPECT_EQ(set.kernel, next_pixel_kernel(0));
  EXPECT_NE(own.kernel, set.kernel);
}

TEST(Survey, PsfImagesAreReadBesideTheFile) {
  const fs::path folder = fs::path{::testing::TempDir()} / "lensfind-survey-psf";
  fs::create_directories(folder);
  image::Image psf{image::ImageShape{3, 5, 5}};
  for (int b = 0; b < 3; ++b) psf.at(b, 2, 2) = 1;
  image::write_fits(folder / "psf.fits", psf.view());
  std::ifstream hsc{surveys / "hsc.toml"};
  std::ofstream{folder / "own.toml"} << "psf_files = [\"psf.fits\"]\n" << hsc.rdbuf();
  const Survey survey = find_survey((folder / "own.toml").string(), {});
  RandomStream random{1, Purpose::test};
  const Conditions conditions = draw_conditions(survey, random);
  // All light in one pixel: the kernel is the inverse of the pixel's own mean, in the middle (integral of pi f / sin(pi f))^2 = 1.166^2,
  // cut off after two pixels.
  EXPECT_NEAR(std::get<render::ImagePsf>(conditions.psfs[1]).kernel[12], 1.36, 0.08);
  EXPECT_NEAR(effective_pixels(survey_psf(survey, 1), survey.pixel_scale_arcsec), 1, 1e-6);
  // A star in one pixel: its depth is 5 times a pixel's noise.
  EXPECT_NEAR(band_noise(survey, 1).background_rms, std::pow(10, -0.4 * (26.5 - 27)) / 5, 1e-6);
  // One file has the images of all bands: of some bands theirs.
  for (int b = 0; b < 3; ++b) psf.at(b, 2, 3) = static_cast<float>(b);
  image::write_fits(folder / "psf.fits", psf.view());
  const Survey all = find_survey((folder / "own.toml").string(), {}), i_band = find_survey((folder / "own.toml").string(), {}, {}, {"i"});
  ASSERT_EQ(i_band.psf_images.size(), 1u);
  EXPECT_EQ(i_band.psf_images[0].kernel, all.psf_images[2].kernel);
  EXPECT_NE(i_band.psf_images[0].kernel, all.psf_images[0].kernel);
  image::write_fits(folder / "psf.fits", image::Image{image::ImageShape{3, 4, 4}, 1.0f}.view());
  EXPECT_THROW(find_survey((folder / "own.toml").string(), {}), Error);
  fs::remove_all(folder);
}

// What was set for the DeepLense look must not leak into sets in flux units.
TEST(Survey, OnlyMinmaxScalingHasTheLookOfTheFile) {
  const Survey survey = find_survey("hsc", {surveys});
  const Survey flux = survey_of_scaling(survey, Scaling::none), look = survey_of_scaling(survey, Scaling::minmax);
  EXPECT_EQ(flux.depth_5sigma[1], 26.5);
  EXPECT_EQ(look.depth_5sigma[1], 25.85);
  EXPECT_EQ(look.seeing_fwhm_arcsec[2], 0.53);
  EXPECT_EQ(flux.population.kept_contrast, 0);
  EXPECT_EQ(flux.population.kept_resolution, 1);
  EXPECT_EQ(flux.population.nonlens_magnitudes, population::NonlensMagnitudes::lenses);
  EXPECT_EQ(look.population.kept_contrast, 1);
  EXPECT_EQ(look.population.nonlens_magnitudes, population::NonlensMagnitudes::counts);
  EXPECT_EQ(flux.population.source_i_faintest, look.population.source_i_faintest);
}

TEST(Survey, WhatIsSetForOnceWinsOverTheLook) {
  const Survey survey = find_survey("hsc", {surveys}, {"depth_5sigma=[25,25,25]", "population.kept_contrast=0.3"});
  EXPECT_EQ(survey_of_scaling(survey, Scaling::minmax).depth_5sigma[1], 25);
  EXPECT_EQ(survey_of_scaling(survey, Scaling::minmax).population.kept_contrast, 0.3);
  EXPECT_EQ(survey_of_scaling(survey, Scaling::minmax).population.kept_resolution, 2);
}

TEST(Survey, AFaultInTheLookIsNamed) {
  const fs::path file = fs::path{::testing::TempDir()} / "lensfind-look.toml";
  std::ifstream hsc{surveys / "hsc.toml"};
  std::string text{std::istreambuf_iterator<char>{hsc}, {}};
  const std::string key = "[minmax]\n";
  text.insert(text.find(key) + key.size(), "no_such_key = 1\n");
  std::ofstream{file} << text;
  try {
    (void)find_survey(file.string(), {});
    FAIL();
  } catch (const Error& error) {
    EXPECT_THAT(error.what(), HasSubstr("[minmax]"));
  }
  fs::remove(file);
}

TEST(Survey, SourcesArePicturesWhereItGivesThem) {
  const fs::path folder = fs::path{::testing::TempDir()} / "lensfind-source-images";
  fs::create_directories(folder);
  image::Image picture{image::ImageShape{1, 61, 61}};
  for (int row = 0; row < 61; ++row) {
    for (int column = 0; column < 61; ++column)
      picture.at(0, row, column) = std::exp(-0.2f * std::hypot(static_cast<float>(row - 30), static_cast<float>(column - 30)));
  }
  image::write_npy(folder / "spiral.npy", picture.view());
  const Survey survey = find_survey("hsc", {surveys}, {"source_images=\"" + folder.string() + "\""});
  const SimulatedCutout lens = simulate_cutout(survey, {.seed = 4});
  EXPECT_EQ(lens.truth.source.image, "spiral.npy");
  EXPECT_GT(*std::max_element(lens.truth.arcs.snr.begin(), lens.truth.arcs.snr.end()), 20);
  fs::remove_all(folder);
  EXPECT_THROW((void)find_survey("hsc", {surveys}, {"source_images=\"" + folder.string() + "\""}), Error);
}

}  // namespace
}  // namespace lensfind::simulate
