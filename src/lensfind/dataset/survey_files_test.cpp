#include <cmath>
#include <limits>
#include <numeric>
#include <string_view>

#include <gmock/gmock.h>

#include "lensfind/dataset/checks.h"
#include "lensfind/dataset/dataset.h"
#include "lensfind/dataset/test_set.h"
#include "lensfind/image/fits.h"
#include "lensfind/image/test_bytes.h"

namespace lensfind::dataset {
namespace {

using ::testing::ElementsAre;

// Written by numpy 2 with a = arange(16, uint8).reshape(4, 4): savez_compressed(r=a + 100, g=a) and
// savez_compressed(stack([[a, a + 20], [a + 40, a + 60]])).
constexpr std::string_view bands_digits =
    "504b03042d0000000800000021005b96fac1ffffffffffffffff05001400722e6e707901001000900000000000000056000000000000009bec17ea1b"
    "10c9c850c650ad9e925a9c5ca46ea5a05e536aa8aea3a09e965f54529498179f5f94920a12774bcc294e058a17672416a402f91a263a0a269a3a0ab5"
    "0a6403ae94d4b4f48cccacec9cdcbcfc82c2a26200504b03042d00000008000000210092ab5dcbffffffffffffffff05001400672e6e707901001000"
    "900000000000000056000000000000009bec17ea1b10c9c850c650ad9e925a9c5ca46ea5a05e536aa8aea3a09e965f54529498179f5f94920a12774b"
    "cc294e058a17672416a402f91a263a0a269a3a0ab50a64032e06462666165636760e4e2e6e1e5e3e7e00504b01022d032d0000000800000021005b96"
    "fac15600000090000000050000000000000000000000800100000000722e6e7079504b01022d032d00000008000000210092ab5dcb56000000900000"
    "0005000000000000000000000080018d000000672e6e7079504b05060000000002000200660000001a0100000000";
constexpr std::string_view stack_digits =
    "504b03042d0000000800000021002c31bfe1ffffffffffffffff090014006172725f302e6e707901001000c00000000000000089000000000000009b"
    "ec17ea1b10c9c850c650ad9e925a9c5ca46ea5a05e536aa8aea3a09e965f54529498179f5f94920a12774bcc294e058a17672416a402f91a463a0a40"
    "6402449a3a0ab50a64002e06462666165636760e4e2e6e1e5e3e7e115131710949296919593979054525650d4d2d6d1d5d3d7d03432363135333731b"
    "5b3b7b07472767175737770f4f2f6f00504b01022d032d0000000800000021002c31bfe189000000c000000009000000000000000000000080010000"
    "00006172725f302e6e7079504b0506000000000100010037000000c40000000000";

/// Sets of files as surveys and their tools leave them.
class SurveyFiles : public TestSet {
 protected:
  /// Bands of 4 x 4 pixels: `first`, `first` + 1, ..., the next band 100 more.
  static image::Image counted(int bands, float first = 0) {
    image::Image image{image::ImageShape{bands, 4, 4}};
    for (int b = 0; b < bands; ++b) std::iota(image.band(b).begin(), image.band(b).end(), first + 100 * static_cast<float>(b));
    return image;
  }
  void write_fits_file(const std::string& name, const image::Image& image, const std::vector<image::FitsCard>& cards = {}) const {
    std::filesystem::create_directories((root_ / name).parent_path());
    image::write_fits(root_ / name, image.view(), cards);
  }
  static std::vector<std::string> ids_of(const Dataset& data) {
    std::vector<std::string> ids;
    for (const Sample& sample : data.samples) ids.push_back(sample.id);
    return ids;
  }
  /// The first pixel of each band.
  static std::vector<float> first_pixels(const Dataset& data, std::int64_t sample) {
    image::Image image{data.shape};
    data.pixels.read(sample, image.values());
    std::vector<float> pixels;
    for (int b = 0; b < data.shape.bands; ++b) pixels.push_back(image.at(b, 0, 0));
    return pixels;
  }
};

TEST_F(SurveyFiles, OfOneBandAreOneObject) {
  for (const auto& [name, first] :
       {std::pair{"lenses/7_r", 10.F}, {"lenses/7_g", 20.F}, {"lenses/8_g", 30.F}, {"nonlenses/7_g", 1.F}, {"nonlenses/7_r", 2.F}})
    write_fits_file(std::string{name} + ".fits", counted(1, first));
  const Dataset data = load_dataset(root_, {.bands = {"g", "r"}});
  EXPECT_THAT(ids_of(data), ElementsAre("lenses/7", "nonlenses/7"));
  EXPECT_EQ(data.shape, (image::ImageShape{2, 4, 4}));
  EXPECT_THAT(first_pixels(data, 0), ElementsAre(20, 10));
  EXPECT_EQ(data.samples[1].label, Label::non_lens);
  ASSERT_EQ(data.rejected.size(), 1u);
  EXPECT_EQ(data.rejected[0].input, "lenses/8_*.fits");
}

TEST_F(SurveyFiles, AreListedAsScoreListsThem) {
  write_fits_file("lenses/1.FITS", counted(1, 1));
  write_fits_file("lenses/2.fit", counted(1, 2));
  write_fits_file("lenses/deep/3.fits", counted(1, 3));
  write_fits_file("lenses/J4.0", counted(1, 4));
  image::write_npy(root_ / "lenses/2.NPY", counted(1, 5).view());
  write_text("lenses/notes.txt", "no cutout");
  write_fits_file("nonlenses/1.fits", counted(1, 6));
  const Dataset data = load_dataset(root_, {});
  EXPECT_THAT(ids_of(data), ElementsAre("lenses/1", "lenses/2.NPY", "lenses/2.fit", "lenses/J4.0", "lenses/deep/3", "nonlenses/1"));
  EXPECT_EQ(data.count(Label::lens), 5);
  EXPECT_THAT(first_pixels(data, 3), ElementsAre(4));
  EXPECT_THAT(data.notes, ::testing::Contains("1 file is no image and passed over: lenses/notes.txt"));
}

TEST_F(SurveyFiles, OfAClassMayBeStacks) {
  std::filesystem::create_directories(root_ / "lenses");
  std::ofstream stack{root_ / "lenses/s.npy", std::ios::binary};
  stack << image::npy_header_text(std::vector<std::int64_t>{2, 1, 4, 4});
  for (const float first : {1.F, 2.F}) {
    const image::Image image = counted(1, first);
    stack.write(reinterpret_cast<const char*>(image.values().data()), static_cast<std::streamsize>(image.values().size_bytes()));
  }
  stack.close();
  write_fits_file("nonlenses/1.fits", counted(1, 6));
  const Dataset data = load_dataset(root_, {});
  EXPECT_THAT(ids_of(data), ElementsAre("lenses/s.npy#0", "lenses/s.npy#1", "nonlenses/1"));
  EXPECT_EQ(data.samples[1].label, Label::lens);
  EXPECT_EQ(data.samples[1].index, 1);
  EXPECT_EQ(data.samples[2].index, -1);
  EXPECT_THAT(first_pixels(data, 1), ElementsAre(2));
}

TEST_F(SurveyFiles, MayBeNamedByTablesOfOtherKindsAndColumns) {
  write_fits_file("in/1.fits", counted(1, 1));
  write_fits_file("in/2.FITS", counted(1, 2));
  write_text("t.tsv", "File\tLabel\tgroup\nin/1.fits\tlens\ta\nin/2.FITS\tnonlens\tb\n");
  const Dataset data = load_dataset(root_ / "t.tsv", {});
  EXPECT_THAT(ids_of(data), ElementsAre("in/1", "in/2"));
  EXPECT_EQ(data.samples[0].label, Label::lens);
  EXPECT_EQ(data.samples[1].group, "b");
  write_text("l.txt", "in/2.FITS\n");
  EXPECT_THAT(ids_of(load_dataset(root_ / "l.txt", {})), ElementsAre("in/2"));
}

TEST_F(SurveyFiles, OfOneBandMayStandInATable) {
  for (const char* name : {"in/1_g", "in/1_r", "in/2_g", "in/2_r"})
    write_fits_file(std::string{name} + ".fits", counted(1, name[3] == '1' ? 1 : 5));
  write_text("t/table.csv", "path,label,group\n../in/2_g.fits,1,a\n../in/2_r.fits,1,a\n../in/1_r.fits,0,b\n../in/1_g.fits,0,b\n");
  const Dataset data = load_dataset(root_ / "t/table.csv", {.bands = {"g", "r"}});
  EXPECT_THAT(ids_of(data), ElementsAre("../in/2", "../in/1"));
  EXPECT_EQ(data.samples[0].label, Label::lens);
  EXPECT_EQ(data.samples[0].group, "a");
}

TEST_F(SurveyFiles, OfNumpysArchivesAreCutoutsAndStacks) {
  write_text("lenses/1.npz", image::bytes_of(bands_digits));
  const Dataset one = load_dataset(root_, {.bands = {"g", "r"}});
  EXPECT_THAT(ids_of(one), ElementsAre("lenses/1"));
  EXPECT_THAT(first_pixels(one, 0), ElementsAre(0, 100));
  write_text("more/s.npz", image::bytes_of(stack_digits));
  for (const std::uint64_t max_bytes : {std::uint64_t{0}, std::uint64_t{1}}) {
    const Dataset stack = load_dataset(root_ / "more", {.max_bytes_in_memory = max_bytes});
    EXPECT_THAT(ids_of(stack), ElementsAre("s.npz#0", "s.npz#1"));
    EXPECT_THAT(first_pixels(stack, 1), ElementsAre(40, 60));
  }
}

TEST_F(SurveyFiles, GiveTheirBandsByName) {
  const auto named = [](const char* a, const char* b, const char* c) {
    return std::vector<image::FitsCard>{{"BAND0", std::string{a}, ""}, {"BAND1", std::string{b}, ""}, {"BAND2", std::string{c}, ""}};
  };
  write_fits_file("lenses/1.fits", counted(3), named("i", "r", "g"));
  const Dataset as_asked = load_dataset(root_, {.bands = {"g", "r", "i"}});
  EXPECT_THAT(first_pixels(as_asked, 0), ElementsAre(200, 100, 0));
  const Dataset two = load_dataset(root_, {.bands = {"r", "i"}});
  EXPECT_THAT(first_pixels(two, 0), ElementsAre(100, 0));
  const Dataset as_they_are = load_dataset(root_, {});
  EXPECT_THAT(as_they_are.bands, ElementsAre("i", "r", "g"));
  EXPECT_THAT(first_pixels(as_they_are, 0), ElementsAre(0, 100, 200));
  write_fits_file("lenses/2.fits", counted(3), named("g", "r", "z"));
  const Dataset other = load_dataset(root_, {.bands = {"g", "r", "i"}});
  ASSERT_EQ(other.rejected.size(), 1u);
  EXPECT_EQ(other.rejected[0].reason, "holds the bands g, r, z, the model takes g, r, i");
}

TEST_F(SurveyFiles, OfASimulatedSetAreWhatItsRecordSays) {
  std::filesystem::create_directories(root_ / "lenses");
  image::write_npy(root_ / "lenses" / "1.npy", counted(4).view());
  write_fits_file("lenses/2.fits", counted(4));
  write_text("simulation.toml",
             "scaling = 'none'\n[survey]\nbands = ['g', 'r', 'i', 'z']\npixel_scale_arcsec = 0.262\noutput_zero_point = [22.5, 22.5, 22.5, "
             "22.5]\n");
  const Dataset all = load_dataset(root_, {});
  EXPECT_THAT(all.bands, ElementsAre("g", "r", "i", "z"));
  EXPECT_EQ(all.pixel_scale_arcsec, .262);
  EXPECT_EQ(all.zero_point, 22.5);
  const Dataset three = load_dataset(root_, {.bands = {"i", "g", "r"}});
  for (const std::int64_t sample : {0, 1}) EXPECT_THAT(first_pixels(three, sample), ElementsAre(200, 0, 100)) << sample;
}

TEST_F(SurveyFiles, HaveMissingPixelsFilledAsInScoring) {
  image::Image holed = counted(1);
  holed.at(0, 0, 0) = std::nanf("");  // the median of 1 to 15 is 8
  write_fits_file("lenses/1.fits", holed);
  holed.at(0, 0, 1) = std::numeric_limits<float>::quiet_NaN();  // two of 16 are more than a tenth
  write_fits_file("lenses/2.fits", holed);
  const Dataset data = load_dataset(root_, {});
  EXPECT_THAT(ids_of(data), ElementsAre("lenses/1"));
  EXPECT_THAT(first_pixels(data, 0), ElementsAre(8));
  ASSERT_EQ(data.rejected.size(), 1u);
  EXPECT_EQ(data.rejected[0].reason, "12% of a band's pixels are missing");
  const CheckReport report = check_dataset(root_, {});
  EXPECT_EQ(report.cutouts, 2);
  EXPECT_EQ(report.unreadable.size(), 1u);
}

}  // namespace
}  // namespace lensfind::dataset
