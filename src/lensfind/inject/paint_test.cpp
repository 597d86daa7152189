#include "lensfind/inject/paint.h"

#include <algorithm>
#include <cmath>
#include <fstream>
#include <limits>
#include <map>
#include <numbers>
#include <numeric>
#include <set>
#include <utility>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "lensfind/base/csv.h"
#include "lensfind/base/error.h"
#include "lensfind/base/random.h"
#include "lensfind/image/fits.h"
#include "lensfind/image/npy.h"
#include "lensfind/inject/paint_fixture.h"
#include "lensfind/inject/paint_set.h"
#include "lensfind/render/psf_file.h"
#include "lensfind/simulate/lens_sample.h"
#include "lensfind/testing/shared_files.h"

namespace lensfind::inject {
namespace {

namespace fs = std::filesystem;
using ::testing::HasSubstr;

TEST_F(PaintTest, AddsTheArcsLightAndItsPhotonsAlone) {
  write("a.fits", galaxy(400));
  const Painter painter{options(), survey("des")};
  const simulate::SimulatedCutout painted = painter.make(lens(), renderer_);
  const image::Image before = galaxy(400);
  EXPECT_EQ(painted.truth.kind, "painted");
  EXPECT_EQ(painted.truth.group, "a");
  for (int b = 0; b < 3; ++b) {
    double added = 0, max = 0;
    for (std::size_t k = 0; k < before.band(b).size(); ++k) {
      const double change = static_cast<double>(painted.image.band(b)[k] - before.band(b)[k]);
      EXPECT_GE(change, -1e-4);  // photons are never taken away
      added += change;
      max = std::max(max, change);
    }
    const auto band = static_cast<std::size_t>(b);
    const double source = std::pow(10, -0.4 * (painted.truth.source.mag[band] - 30));
    EXPECT_NEAR(added / source, painted.truth.arcs.magnification[band], 0.1 * painted.truth.arcs.magnification[band]);
    EXPECT_LT(max, added);
  }
}

TEST_F(PaintTest, ArcsArePoissonPhotonsOfTheFilesGain) {
  constexpr double gain = 4;  // electrons a unit of the file
  const image::Image before = galaxy(400);
  write("a.fits", before, {{"MAGZERO", 30.0, ""}, {"GAIN", gain, ""}});
  const simulate::Survey des = survey("des", {"population.source_clumpy_fraction=0"});
  const simulate::SimulatedCutout painted = Painter{options(), des}.make(lens(), renderer_);
  const simulate::Truth& t = painted.truth;
  render::Scene arcs;
  arcs.mass = {{{*t.deflector.theta_e_arcsec,
                 *t.deflector.axis_ratio,
                 *t.deflector.angle_rad,
                 {*t.deflector.x_arcsec, *t.deflector.y_arcsec},
                 *t.deflector.slope}},
               {*t.deflector.shear1, *t.deflector.shear2}};
  render::Light source{{*t.source.radius_arcsec,
                        *t.source.sersic_index,
                        *t.source.axis_ratio,
                        *t.source.angle_rad,
                        {*t.source.x_arcsec, *t.source.y_arcsec}},
                       {},
                       nullptr};
  std::vector<render::Psf> psfs;
  for (std::size_t b = 0; b < 3; ++b) {
    source.flux.push_back(std::pow(10, -0.4 * (t.source.mag[b] - 30)));
    psfs.emplace_back(render::MoffatPsf{t.conditions.seeing_fwhm_arcsec[b], 3});
  }
  arcs.sources = {source};
  const render::Rendering want = render::render(arcs, psfs, {.size = 48, .pixel_scale_arcsec = des.pixel_scale_arcsec});
  double off = 0, chi_squared = 0;
  int pixels = 0;
  for (int b = 0; b < 3; ++b) {
    for (int row = 0; row < 48; ++row) {
      for (int column = 0; column < 48; ++column) {
        const double electrons = gain * static_cast<double>(painted.image.at(b, row, column) - before.at(b, row, column)),
                     expected = gain * static_cast<double>(want.arcs[static_cast<std::size_t>(b)].at(row, column));
        off = std::max(off, std::abs(electrons - std::round(electrons)));
        if (expected < 5) continue;
        chi_squared += (electrons - expected) * (electrons - expected) / expected;
        ++pixels;
      }
    }
  }
  EXPECT_LT(off, 2e-3);
  ASSERT_GT(pixels, 100);
  EXPECT_NEAR(chi_squared / pixels, 1, 4 * std::sqrt(2.0 / pixels));
}

/// NaN in a square of `side` pixels of one band.
void mask(image::Image& image, int band, int first_row, int first_column, int side) {
  for (int row = first_row; row < first_row + side; ++row) {
    for (int column = first_column; column < first_column + side; ++column)
      image.at(band, row, column) = std::numeric_limits<float>::quiet_NaN();
  }
}

TEST_F(PaintTest, MaskedPixelsGetTheMedianOfTheirBand) {
  image::Image masked = galaxy(400);
  mask(masked, 1, 0, 30, 9);
  write("a.fits", masked);
  const image::Image painted = Painter{options(), survey("des")}.make(lens(), renderer_).image;
  std::vector<float> others;
  for (int row = 0; row < 48; ++row) {
    for (int column = 0; column < 48; ++column) {
      if (row >= 9 || column < 30 || column >= 39) others.push_back(painted.at(1, row, column));
    }
  }
  std::sort(others.begin(), others.end());
  for (const auto& [row, column] : {std::pair{0, 30}, {8, 38}, {4, 34}}) {
    EXPECT_GE(painted.at(1, row, column), others[others.size() / 2 - 1]);
    EXPECT_LE(painted.at(1, row, column), others[others.size() / 2 + 1]);
  }
  EXPECT_TRUE(std::all_of(painted.values().begin(), painted.values().end(), [](float value) { return std::isfinite(value); }));
}

TEST_F(PaintTest, MaskedPixelsHaveNoPartInMeasurements) {
  image::Image masked = galaxy(400);
  mask(masked, 2, 17, 17, 3);
  write("a.fits", masked);
  write("b.fits", galaxy(400));
  const HostFolder folder{options(), survey("des")};
  const double with = folder.read(0, 48).conditions.noise[2].background_rms,
               without = folder.read(1, 48).conditions.noise[2].background_rms;
  EXPECT_DOUBLE_EQ(with, without);
  const Painter painter{options(), survey("des")};
  simulate::CutoutRequest real = lens();
  real.lens = false;
  const std::vector<double> mags = painter.make(real, renderer_).truth.deflector.mag;
  real.number = 1;
  EXPECT_NEAR(mags[2], painter.make(real, renderer_).truth.deflector.mag[2], 0.1);
}

TEST_F(PaintTest, CutoutsWithTooManyMissingPixelsAreLeftOut) {
  image::Image many = galaxy(400), core = galaxy(400), few = galaxy(400);
  mask(many, 0, 0, 0, 16);  // 256 of 2304
  mask(core, 2, 24, 24, 1);
  mask(few, 0, 0, 0, 15);  // 225
  write("a.fits", many);
  write("b.fits", core);
  write("c.fits", few);
  write("d.fits", few);
  HostFolder folder{options(), survey("des")};
  folder.leave_out_unfit(48);
  EXPECT_EQ(folder.left_out().incomplete, 2);
  EXPECT_EQ(folder.left_out().copies, 1) << "the same galaxy under another name would be parted from itself";
  ASSERT_EQ(folder.size(), 1);
  EXPECT_EQ(folder.read(0, 48).name, "c");
  fs::remove(folder_ / "cutouts" / "c.fits");
  fs::remove(folder_ / "cutouts" / "d.fits");
  EXPECT_THROW((HostFolder{options(), survey("des")}.leave_out_unfit(48)), Error);
}

TEST_F(PaintTest, NaNInNpyIsAFault) {
  image::Image broken = galaxy(400);
  mask(broken, 0, 0, 0, 1);
  image::write_npy(folder_ / "cutouts" / "a.npy", broken.view());
  simulate::PaintOptions o = options();
  o.zero_point = {30};
  EXPECT_THROW((void)(HostFolder{o, survey("des")}.read(0, 48)), Error);
}

TEST(Magnification, CountsLightBeyondTheCutout) {
  // A point at beta behind an isothermal sphere: 2 theta_E / beta in all; its images lie at theta_E +- beta, one of them outside here.
  const double theta_e = 1.2, beta = 0.4;
  render::Scene scene;
  scene.mass.ellipsoids.push_back({.theta_e_arcsec = theta_e});
  scene.sources.push_back({{0.02, 1, 1, 0, {beta, 0}}, {1}});
  render::Renderer renderer;
  const render::Psf psf = render::GaussianPsf{0.3};
  const std::vector<render::Plane> arcs = renderer.render(scene, {&psf, 1}, {.size = 24, .pixel_scale_arcsec = 0.1}).arcs;
  EXPECT_LT(simulate::rendered_magnification(arcs[0], 1), 0.6 * 2 * theta_e / beta);
  EXPECT_NEAR(simulate::magnifications(scene, 0.02, arcs, 0.1, renderer)[0], 2 * theta_e / beta, 0.01 * 2 * theta_e / beta);
}

TEST_F(PaintTest, MassFollowsTheLight) {
  write("a.fits", galaxy(400));
  const Painter painter{options(), survey("des", {"population.light_mass_angle_deg=0", "population.light_mass_axis_ratio=0"})};
  const simulate::SimulatedCutout painted = painter.make(lens(), renderer_);
  EXPECT_NEAR(*painted.truth.deflector.axis_ratio, 0.7, 0.06);
  const double off = std::remainder(*painted.truth.deflector.angle_rad, M_PI);  // the major axis lies along x
  EXPECT_NEAR(off, 0, 0.05);
}

TEST_F(PaintTest, KnownRedshiftIsKept) {
  write("a.fits", galaxy(400));
  simulate::PaintOptions o = options();
  o.catalogue = folder_ / "known.csv";
  std::ofstream{o.catalogue} << "id,z,mag_i\na,0.37,19\n";
  const simulate::SimulatedCutout painted = Painter{o, survey("des")}.make(lens(), renderer_);
  EXPECT_DOUBLE_EQ(*painted.truth.deflector.z, 0.37);
  EXPECT_DOUBLE_EQ(painted.truth.deflector.mag[2], 19);
}

TEST_F(PaintTest, FluxesAreBroughtToTheSurveysZeroPoint) {
  write("a.fits", galaxy(400), {{"MAGZERO", 27.5, ""}});
  simulate::CutoutRequest real = lens();
  real.lens = false;
  const simulate::SimulatedCutout out = Painter{options(), survey("des")}.make(real, renderer_);
  EXPECT_NEAR(static_cast<double>(out.image.at(2, 24, 24)), 10 * static_cast<double>(galaxy(400).at(2, 24, 24)), 0.1);
}

TEST_F(PaintTest, RefusesScaledCutoutsAndUnknownZeroPoints) {
  image::Image scaled = galaxy();
  for (int b = 0; b < 3; ++b) {
    const auto [low, high] = std::minmax_element(scaled.band(b).begin(), scaled.band(b).end());
    const float min = *low, max = *high;
    for (float& value : scaled.band(b)) value = (value - min) / (max - min);
  }
  image::write_npy(folder_ / "cutouts" / "scaled.npy", scaled.view());
  simulate::PaintOptions o = options();
  o.zero_point = {27};
  try {
    (void)Painter{o, survey("hsc")}.make(lens(), renderer_);
    FAIL();
  } catch (const Error& error) {
    EXPECT_THAT(error.what(), HasSubstr("min-max scaled"));
  }
  image::write_npy(folder_ / "cutouts" / "scaled.npy", galaxy().view());
  try {
    (void)Painter{options(), survey("hsc")}.make(lens(), renderer_);
    FAIL();
  } catch (const Error& error) {
    EXPECT_THAT(error.hint(), HasSubstr("--zero-point"));
  }
}

TEST_F(PaintTest, PsfBesideACutoutIsFoundAndUsed) {
  write("DES_7.fits", galaxy(400));
  fs::create_directories(folder_ / "cutoutsPSF");
  // One bright pixel at (row 1, column 3) of 5 x 5: the whole scene moves by (1, -1) pixels.
  image::Image psf{image::ImageShape{3, 5, 5}};
  for (int b = 0; b < 3; ++b) psf.at(b, 1, 3) = 2;
  image::write_fits(folder_ / "cutoutsPSF" / "DES_PSF7.fits", psf.view());
  const HostCutout host = HostFolder{options(), survey("des")}.read(0, 48);
  ASSERT_EQ(host.conditions.psfs.size(), 3u);
  const auto& kernel = std::get<render::ImagePsf>(host.conditions.psfs[1]).kernel;
  EXPECT_EQ(std::max_element(kernel.begin(), kernel.end()) - kernel.begin(), 1 * 5 + 3);
  EXPECT_NEAR(std::accumulate(kernel.begin(), kernel.end(), 0.0), 1, 1e-5);
}

TEST_F(PaintTest, FilesABandMakeOneCutout) {
  const image::Image image = galaxy();
  for (int b = 0; b < 3; ++b)
    write("x_" + survey("des").bands[static_cast<std::size_t>(b)] + ".fits",
          image::Image{image::ImageShape{1, 48, 48}, {image.band(b).begin(), image.band(b).end()}});
  const HostFolder folder{options(), survey("des")};
  ASSERT_EQ(folder.size(), 1);
  const HostCutout host = folder.read(0, 48);
  EXPECT_EQ(host.name, "x");
  EXPECT_THAT(host.image.values(), ::testing::ElementsAreArray(image.values()));
  fs::remove(folder_ / "cutouts" / "x_r.fits");
  EXPECT_THROW((HostFolder{options(), survey("des")}), Error);
}

TEST_F(PaintTest, NoGalaxyStandsInBothSplitsNorAsALensAndBare) {
  for (int i = 0; i < 8; ++i) write(std::to_string(i) + ".fits", galaxy(400 + i));
  simulate::SimulateOptions o{.out = folder_ / "set",
                              .survey = survey("des"),
                              .lenses = 6,
                              .nonlenses = 4,
                              .test_lenses = 3,
                              .test_nonlenses = 3,
                              .size = 48,
                              .paint = options()};
  try {
    paint_set(o);
    FAIL() << "eight galaxies for seven non-lenses and lenses of two splits";
  } catch (const Error& error) {
    EXPECT_THAT(error.what(), HasSubstr("8 real cutouts (0 more are copies of them, 0 lack pixels) are too few: 9 are needed"));
  }
  EXPECT_FALSE(fs::exists(o.out));
  o.test_nonlenses = 2;
  paint_set(o);
  std::map<std::string, std::set<std::string>> purposes;  // by galaxy
  std::map<std::string, int> rows;
  CsvReader truth{o.out / "truth.csv"};
  while (truth.next()) {
    const std::string purpose = std::string{truth[truth.column("split")]} + std::string{truth[truth.column("label")]};
    purposes[std::string{truth[truth.column("group")]}].insert(purpose);
    ++rows[purpose];
  }
  EXPECT_EQ(purposes.size(), 8u);
  for (const auto& [galaxy, of] : purposes) EXPECT_EQ(of.size(), 1u) << galaxy;
  EXPECT_EQ(rows, (std::map<std::string, int>{{"train1", 6}, {"train0", 4}, {"test1", 3}, {"test0", 2}}));
}

TEST_F(PaintTest, CutoutsWhoseSkyIsCutOffAreLeftOutAndRefusedWhereThereAreNoOthers) {
  // As colour pictures turned back into flux: what lies below the sky is 0.
  image::Image clipped = galaxy(400);
  for (float& value : clipped.values()) value = std::max(0.0F, value);
  image::Image flat = galaxy(400);
  for (float& value : flat.values()) value = value < 20 ? 0.0F : std::round(value);
  flat.at(0, 0, 0) = flat.at(1, 0, 0) = flat.at(2, 0, 0) = -1;  // so that 0 is not the lowest
  write("a.fits", clipped);
  write("b.fits", flat);
  HostFolder none{options(), survey("des")};
  EXPECT_THROW((void)none.read(0, 48), Error);
  EXPECT_THROW((void)none.read(1, 48), Error) << "no noise: every arc would stand out, and be drawn without end";
  try {
    none.leave_out_unfit(48);
    ADD_FAILURE() << "nothing is left";
  } catch (const Error& error) {
    EXPECT_THAT(error.what(), HasSubstr("the sky of 2 of the 2 cutouts is cut off"));
  }
  write("c.fits", galaxy(400));
  HostFolder one{options(), survey("des")};
  one.leave_out_unfit(48);
  EXPECT_EQ(one.size(), 1);
  EXPECT_EQ(one.left_out().cut_off, 2);
}

TEST_F(PaintTest, NoiseIsThatOfSumsOverPixelsWhereResamplingCorrelatedIt) {
  // White noise of rms 3 through the kernel (c, 1, c): a pixel scatters by 3 (1 + 2 c^2) / (1 + 2 c)^2, sums over many pixels as before.
  const double c = .06;
  image::Image image{image::ImageShape{3, 128, 128}};
  for (int b = 0; b < 3; ++b) {
    render::Plane plane{128};
    simulate::add_noise({.background_rms = 3, .gain = 1e6, .kernel = simulate::next_pixel_kernel(b == 0 ? 0 : c)},
                        {.seed = 5, .item = 1, .band = b}, plane);
    for (int row = 0; row < 128; ++row) {
      for (int column = 0; column < 128; ++column) image.at(b, row, column) = plane.at(row, column);
    }
  }
  write("a.fits", image);
  const HostCutout host = HostFolder{options(), survey("des")}.read(0, 128);
  const std::vector<simulate::Noise>& noise = host.conditions.noise;
  // 7,200 pixels along the edge say it to 2%.
  for (const simulate::Noise& band : noise) EXPECT_NEAR(band.background_rms, 3, .18);
  EXPECT_NEAR(noise[1].pixel_rms(), 3 * (1 + 2 * c * c) / std::pow(1 + 2 * c, 2), .08);
  const auto weight = [](const simulate::Noise& band) { return band.kernel.empty() ? 0 : band.kernel[1] / band.kernel[0]; };
  EXPECT_NEAR(weight(noise[0]), 0, .02);
  EXPECT_NEAR(weight(noise[2]), c, .02);
}

TEST_F(PaintTest, NoiseIsThatOfSumsOverPixelsWhereLanczosKernelsResampledIt) {
  const simulate::NoiseKernel kernel = simulate::resampling_kernel(simulate::NoiseInterpolation::lanczos3, 1);
  image::Image image{image::ImageShape{3, 128, 128}};
  for (int b = 0; b < 3; ++b) {
    render::Plane plane{128};
    simulate::add_noise({.background_rms = 3, .gain = 1e6, .kernel = kernel}, {.seed = 5, .item = 1, .band = b}, plane);
    for (int row = 0; row < 128; ++row) {
      for (int column = 0; column < 128; ++column) image.at(b, row, column) = plane.at(row, column);
    }
  }
  write("a.fits", image);
  // By the kernel (c, 1, c) of the same correlation it would be 3.3.
  for (const simulate::Noise& band : HostFolder{options(), survey("des")}.read(0, 128).conditions.noise)
    EXPECT_NEAR(band.background_rms, 3, .15);
}

TEST_F(PaintTest, ZeroPointsAndBandsAreReadAsByScoring) {
  const image::Image three = galaxy(400);
  // FLUXMAG0 is the flux of magnitude 0: 10^(.4 27).
  write("hsc.fits", three, {{"FLUXMAG0", 6.309573444801933e10, ""}});
  image::Image four{image::ImageShape{4, 48, 48}};
  for (int b = 0; b < 4; ++b) std::ranges::copy(three.band(std::min(b, 2)), four.band(b).begin());
  std::ranges::fill(four.band(0), 7.0F);
  write("legacy.fits", four,
        {{"MAGZERO", 30.0, ""},
         {"BAND0", std::string{"z"}, ""},
         {"BAND1", std::string{"r"}, ""},
         {"BAND2", std::string{"i"}, ""},
         {"BAND3", std::string{"g"}, ""}});
  const HostFolder folder{options(), survey("des")};
  const HostCutout hsc = folder.read(0, 48), legacy = folder.read(1, 48);
  EXPECT_NEAR(hsc.image.at(2, 24, 24), three.at(2, 24, 24) * std::pow(10, .4 * 3), 1e-3 * std::abs(hsc.image.at(2, 24, 24)));
  EXPECT_EQ(legacy.image.at(0, 20, 20), four.at(3, 20, 20));
  EXPECT_EQ(legacy.image.at(1, 20, 20), four.at(1, 20, 20));
  EXPECT_EQ(legacy.image.at(2, 20, 20), four.at(2, 20, 20));
}

/// The greatest sum of pixels over the noise of so many, white and of rms 3, pixels taken from the brightest on.
double signal_to_noise(std::vector<double> added) {
  std::ranges::sort(added, std::ranges::greater{});
  double sum = 0, best = 0;
  for (std::size_t k = 0; k < added.size(); ++k) {
    sum += added[k];
    best = std::max(best, sum / (3 * std::sqrt(static_cast<double>(k + 1))));
  }
  return best;
}

TEST_F(PaintTest, OnAGridEachLensHasTheRadiusAndTheRatioOfItsCell) {
  write("a.fits", galaxy(400), {{"MAGZERO", 30.0, ""}, {"GAIN", 1e6, ""}});
  simulate::PaintOptions grid = options();
  grid.grid_radius = {.8, 1.2, 1.8};
  grid.grid_snr = {10, 30, 90};
  const Painter painter{grid, survey("des")};
  const image::Image before = galaxy(400);
  std::map<std::pair<bool, bool>, int> cells;
  for (std::int64_t number = 0; number < 8; ++number) {
    const simulate::SimulatedCutout painted = painter.make(lens(number), renderer_);
    double best = 0;
    for (int b = 0; b < 3; ++b) {
      std::vector<double> added;
      for (std::size_t k = 0; k < before.band(b).size(); ++k)
        added.push_back(static_cast<double>(painted.image.band(b)[k] - before.band(b)[k]));
      best = std::max(best, signal_to_noise(std::move(added)));
    }
    const double radius = painted.truth.deflector.theta_e_arcsec.value(), ratio = std::ranges::max(painted.truth.arcs.snr);
    EXPECT_GE(radius, .8);
    EXPECT_LE(radius, 1.8);
    EXPECT_GE(ratio, 10);
    EXPECT_LT(ratio, 90);
    EXPECT_GT(std::ranges::max(painted.truth.arcs.magnification), 3) << "as all lenses of a survey";
    EXPECT_NEAR(best, ratio, .15 * ratio) << "of what was added to the pixels; the noise along the edge is known to a few percent";
    ++cells[{radius < 1.2, ratio < 30}];
  }
  EXPECT_EQ(cells.size(), 4u);
  for (const auto& [cell, count] : cells) EXPECT_EQ(count, 2);
}

TEST_F(PaintTest, GridsThatHaveNoRoomOrNoRangesAreRefused) {
  write("a.fits", galaxy(400));
  simulate::PaintOptions grid = options();
  grid.grid_radius = {1, 20};
  EXPECT_THROW((Painter{grid, survey("des")}), Error) << "no ratios";
  grid.grid_snr = {10, 30};
  EXPECT_THROW((void)Painter(grid, survey("des")).make(lens(), renderer_), Error) << "20 arcsec on 12.6";
}

TEST(Psf, GaussianImageHasItsWidth) {
  render::ImagePsf psf{41, 41, {}};
  for (int row = -20; row <= 20; ++row) {
    for (int column = -20; column <= 20; ++column)
      psf.kernel.push_back(static_cast<float>(std::exp(-0.5 * (row * row + column * column) / 9) / (2 * M_PI * 9)));
  }
  EXPECT_NEAR(fwhm_arcsec(psf, 0.2), 0.2 * 3 * 2.35482, 1e-3);
}

// Galaxies that GalSim drew (tests/reference/galaxies_with_psfs.py), and genuine ones where they are.
TEST(DesGalaxies, WithTheirPsfsBecomeLenses) {
  std::vector<std::pair<fs::path, int>> folders{{test::reference_file("des/galaxy"), 2}};
  if (const auto genuine = test::shared_file("data/des-galaxies/lens")) folders.emplace_back(*genuine, 10);
  for (const auto& [folder, count] : folders) {
    const Painter painter{{.folder = folder}, survey("des")};
    EXPECT_EQ(painter.hosts().size(), count);
    render::Renderer renderer;
    const HostCutout host = painter.hosts().read(0, 50);
    // 25 x 25 pixels in g, 23 x 23 in r and i (astropy).
    EXPECT_EQ(std::get<render::ImagePsf>(host.conditions.psfs[0]).rows, 25);
    EXPECT_EQ(std::get<render::ImagePsf>(host.conditions.psfs[2]).rows, 23);
    const simulate::SimulatedCutout painted = painter.make({.split = simulate::Split::train, .size = 50, .seed = 1}, renderer);
    EXPECT_GT(*std::max_element(painted.truth.arcs.snr.begin(), painted.truth.arcs.snr.end()), 20);
  }
}

}  // namespace
}  // namespace lensfind::inject
