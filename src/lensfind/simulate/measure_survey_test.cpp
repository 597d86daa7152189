#include "lensfind/simulate/measure_survey.h"

#include <algorithm>
#include <cmath>
#include <filesystem>
#include <fstream>

#include <gmock/gmock.h>

#include "lensfind/base/error.h"
#include "lensfind/base/random.h"
#include "lensfind/image/fits.h"
#include "lensfind/image/npy.h"
#include "lensfind/render/render.h"
#include "lensfind/simulate/conditions.h"
#include "lensfind/simulate/noise.h"
#include "lensfind/simulate/simulate.h"
#include "lensfind/simulate/star_fit.h"
#include "lensfind/testing/shared_files.h"

namespace lensfind::simulate {
namespace {

namespace fs = std::filesystem;

render::Plane star_plane(double fwhm_pixels, double beta, double x, double y, double flux) {
  render::Scene scene;
  scene.unlensed.push_back({{.effective_radius_arcsec = 0.02, .index = 0.5, .centre_arcsec = {x, y}}, {flux}});
  const render::Psf psf = render::MoffatPsf{fwhm_pixels, beta};
  return render::render(scene, {&psf, 1}, {.size = 41, .pixel_scale_arcsec = 1}).image[0];
}

image::Image image_of(const render::Plane& plane) {
  image::Image out{image::ImageShape{1, plane.side, plane.side}};
  for (int row = 0; row < plane.side; ++row) std::copy_n(plane.row(row).begin(), plane.side, out.band(0).begin() + row * plane.side);
  return out;
}

TEST(FitStar, FindsPlaceFluxAndWidth) {
  for (const double fwhm : {2.8, 3.6, 5.0}) {
    render::Plane plane = star_plane(fwhm, 3, 0.3, -0.2, 5000);
    add_noise({.background_rms = 1, .gain = 1e6}, {1, 2, 0}, plane);
    const std::vector<Stamp> stamps = bright_stamps(image_of(plane).view(), 0, 0, 1, 0);
    ASSERT_EQ(stamps.size(), 1u) << fwhm;
    const StarFit fit = fit_star(stamps.front(), 3);
    EXPECT_NEAR(fit.fwhm_pixels / fwhm, 1, 0.03) << fwhm;
    EXPECT_NEAR(fit.flux / 5000, 1, 0.05) << fwhm;
    EXPECT_NEAR(fit.column, 20.3, 0.05) << fwhm;
    EXPECT_NEAR(fit.row, 19.8, 0.05) << fwhm;
  }
}

TEST(StarCrowd, IsTheNarrowestOneAndNotTheNarrowestObject) {
  std::vector<StarFit> fits;
  for (const double fwhm : {2.0, 3.5, 3.55, 3.6, 3.62, 3.7, 5.0, 5.1, 5.2, 5.3, 5.4, 5.5, 8.0, 9.0, 12.0})
    fits.push_back({.fwhm_pixels = fwhm});
  const Crowd crowd = star_crowd(fits);
  EXPECT_EQ(crowd.members.size(), 5u);
  EXPECT_EQ(crowd.fwhm_pixels, 3.6);
  EXPECT_TRUE(star_crowd({{.fwhm_pixels = 2}, {.fwhm_pixels = 4}, {.fwhm_pixels = 6}, {.fwhm_pixels = 9}}).members.empty());
}

TEST(MeasureSky, GivesLevelNoiseAndCorrelationOfAnEmptySky) {
  const Noise noise{.background_rms = 4, .gain = 1e6, .kernel = next_pixel_kernel(0.1)};
  render::Plane plane{300};
  add_noise(noise, {5, 6, 0}, plane);
  image::Image image = image_of(plane);
  for (float& value : image.values()) value += 50;
  const Sky sky = measure_sky(image.view(), 0);
  EXPECT_NEAR(sky.level, 50, 0.1);
  EXPECT_NEAR(sky.rms / noise.pixel_rms(), 1, 0.02);
  EXPECT_NEAR(sky.correlation, 0.2 / 1.02, 0.015);
  EXPECT_EQ(sky.clipped, 0);
}

TEST(MeasureSky, SeesThatTheSkyIsCutOff) {
  RandomStream random{3, Purpose::test};
  image::Image image{image::ImageShape{1, 200, 200}};
  for (float& value : image.values()) value = static_cast<float>(std::max(0.0, random.normal(0, 2)));
  const Sky sky = measure_sky(image.view(), 0);
  EXPECT_NEAR(sky.clipped, 0.5, 0.02);
  EXPECT_NEAR(sky.rms, 2, 0.1);
}

struct MeasureSurvey : ::testing::Test {
  void SetUp() override {
    folder = fs::path{::testing::TempDir()} /
             (std::string{"lensfind-measure-"} + ::testing::UnitTest::GetInstance()->current_test_info()->name());
    fs::remove_all(folder);
    fs::create_directories(folder);
  }
  void TearDown() override { fs::remove_all(folder); }
  [[nodiscard]] static Survey known() {
    return find_survey("cfhtls", {fs::path{LENSFIND_SOURCE_DIR} / "surveys"},
                       {"seeing_scatter=0", "depth_scatter_mag=0", "population.star_density_arcmin2=30",
                        "population.nonlens_kinds=[{kind=\"stars\",share=1}]"});
  }
  fs::path folder;
};

TEST_F(MeasureSurvey, FindsWhatASetWasSimulatedUnder) {
  const Survey survey = known();
  SimulateOptions options;
  options.out = folder / "set";
  options.nonlenses = 60;
  options.size = 96;
  options.format = Format::fits;
  options.survey = survey;
  options.seed = 3;
  options.threads = 1;
  (void)simulate_set(options, no_progress(), never_stop());
  const MeasuredSurvey measured = measure_survey({.inputs = {folder / "set"}}, no_progress(), never_stop());
  EXPECT_EQ(measured.images, 60);
  ASSERT_EQ(measured.bands.size(), 3u);
  EXPECT_NEAR(measured.pixel_scale_arcsec.value(), 0.186, 1e-4);
  for (std::size_t b = 0; b < 3; ++b) {
    const MeasuredBand& band = measured.bands[b];
    const Noise noise = band_noise(survey, b);
    EXPECT_EQ(band.name, survey.bands[b]);
    EXPECT_EQ(band.zero_point, 30);
    EXPECT_NEAR(band.rms / noise.pixel_rms(), 1, 0.05) << band.name;
    // Lanczos kernels between pixels of the same size: .112 and -.076.
    EXPECT_NEAR(band.correlation, 0.112, 0.03) << band.name;
    EXPECT_NEAR(band.two_apart, -0.076, 0.03) << band.name;
    EXPECT_GT(band.stars, 10) << band.name;
    EXPECT_NEAR(band.fwhm_pixels * 0.186 / survey.seeing_fwhm_arcsec[b], 1, 0.05) << band.name;
    EXPECT_NEAR(band.beta, 2.8, 0.7) << band.name;
  }
  // The survey that is written is taken, and is as deep.
  std::ofstream{folder / "mine.toml"} << measured_toml(measured, "mine");
  const Survey written = find_survey((folder / "mine.toml").string(), {});
  EXPECT_EQ(written.noise_interpolation, NoiseInterpolation::lanczos3);
  for (std::size_t b = 0; b < 3; ++b) {
    EXPECT_NEAR(written.depth_5sigma[b], survey.depth_5sigma[b], 0.12) << survey.bands[b];
    EXPECT_NEAR(band_noise(written, b).background_rms / band_noise(survey, b).background_rms, 1, 0.07) << survey.bands[b];
  }
}

TEST_F(MeasureSurvey, SaysThatScaledImagesHaveNoFlux) {
  Survey hsc = find_survey("hsc", {fs::path{LENSFIND_SOURCE_DIR} / "surveys"});
  SimulateOptions options;
  options.out = folder / "set";
  options.nonlenses = 6;
  options.scaling = Scaling::minmax;
  options.survey = hsc;
  options.threads = 1;
  (void)simulate_set(options, no_progress(), never_stop());
  const MeasuredSurvey measured =
      measure_survey({.inputs = {folder / "set"}, .bands = {"g", "r", "i"}, .pixel_scale_arcsec = 0.168}, no_progress(), never_stop());
  EXPECT_TRUE(measured.scaled);
  EXPECT_THROW((void)measured_toml(measured, "x"), Error);
}

TEST_F(MeasureSurvey, MissingZeroPointsAreAnError) {
  render::Plane plane = star_plane(3.6, 3, 0, 0, 5000);
  add_noise({.background_rms = 1, .gain = 1e6}, {1, 2, 0}, plane);
  image::write_npy(folder / "star.npy", image_of(plane).view());
  MeasureOptions options{.inputs = {folder / "star.npy"}, .bands = {"r"}, .pixel_scale_arcsec = 0.2};
  EXPECT_THROW((void)measured_toml(measure_survey(options, no_progress(), never_stop()), "x"), Error);
  options.zero_point = {27};
  EXPECT_THAT(measured_toml(measure_survey(options, no_progress(), never_stop()), "x"),
              ::testing::HasSubstr("output_zero_point = [27.0000]"));
}

MeasuredBand genuine_field(const fs::path& file, const char* band) {
  return measure_survey({.inputs = {file}, .bands = {band}, .pixel_scale_arcsec = 0.186}, no_progress(), never_stop()).bands.front();
}

TEST(MeasureGenuine, CfhtlsFieldsAgreeWithNumpyAndScipy) {
  const auto folder = test::shared_file("data/cfhtls-field");
  if (!folder) GTEST_SKIP() << "needs shared/data/cfhtls-field";
  // numpy: 1.4826 x the median absolute deviation from the median, in which faint galaxies count too.
  EXPECT_NEAR(genuine_field(*folder / "CFHTLS-test_g.fits", "g").rms, 0.666, 0.1);
  const MeasuredBand i = genuine_field(*folder / "CFHTLS-test_i.fits", "i"), other = genuine_field(*folder / "CFHTLS_27_i_sci.fits", "i");
  EXPECT_NEAR(i.rms, 1.957, 0.25);
  EXPECT_NEAR(i.correlation, 0.12, 0.08);
  // scipy's least squares of a Moffat averaged over pixels: 3.49 and 3.61 pixels for the two most compact stars, and 2.75 in the other
  // field.
  EXPECT_NEAR(i.fwhm_pixels, 3.55, 0.15);
  EXPECT_NEAR(other.fwhm_pixels, 2.75, 0.1);
}

TEST(MeasureGenuine, DesGalaxiesAgreeWithNumpy) {
  const auto folder = test::shared_file("data/des-galaxies/lens");
  if (!folder) GTEST_SKIP() << "needs shared/data/des-galaxies";
  const MeasuredSurvey measured =
      measure_survey({.inputs = {*folder}, .bands = {"g", "r", "i"}, .pixel_scale_arcsec = 0.263}, no_progress(), never_stop());
  // Medians of 1.4826 x the median absolute deviation of the outermost five pixels.
  const std::vector<double> numpy{2.69, 3.57, 6.56};
  for (std::size_t b = 0; b < 3; ++b) {
    EXPECT_NEAR(measured.bands[b].rms / numpy[b], 1, 0.15) << b;
    EXPECT_EQ(measured.bands[b].zero_point, 30);
  }
}

}  // namespace
}  // namespace lensfind::simulate
