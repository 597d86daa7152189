#include "lensfind/inspect/pictures.h"

#include <array>

#include <gmock/gmock.h>

#include "lensfind/base/atomic_file.h"
#include "lensfind/base/error.h"
#include "lensfind/image/fits.h"
#include "lensfind/image/npy.h"
#include "tests/scratch_folder.h"

namespace lensfind::inspect {
namespace {

using lensfind::testing::ScratchFolder;
using ::testing::ElementsAre;

/// A field of 80 x 80 pixels of .5 arcsec around (150, 2), dark but for one bright pixel `north` pixels north of the middle one; rows grow
/// southwards in the file.
void write_field(const std::filesystem::path& path, int north) {
  image::Image image{image::ImageShape{1, 80, 80}};
  for (std::size_t i = 0; i < image.values().size(); ++i) image.values()[i] = static_cast<float>(i % 7) / 100;
  image.at(0, 40 - north, 40) = 100;
  image::write_fits(path, std::as_const(image).view(),
                    {{"CTYPE1", std::string{"RA---TAN"}, ""},
                     {"CTYPE2", std::string{"DEC--TAN"}, ""},
                     {"CRVAL1", 150.0, ""},
                     {"CRVAL2", 2.0, ""},
                     {"CRPIX1", 41.0, ""},
                     {"CRPIX2", 41.0, ""},
                     {"CD1_1", -.5 / 3600, ""},
                     {"CD2_2", -.5 / 3600, ""}});
}

/// (row, column) of the brightest pixel of a grey picture, row 0 at the top.
std::array<int, 2> brightest(const image::Picture& picture) {
  const auto place = std::ranges::max_element(picture.values) - picture.values.begin();
  return {static_cast<int>(place / picture.channels) / picture.width, static_cast<int>(place / picture.channels) % picture.width};
}

// 12 pixels north of the object lie beyond a cutout of 16, and in the wider ones so many pixels above the middle.
TEST(Pictures, FieldsAreShownTwoAndFourTimesAsWide) {
  const ScratchFolder folder;
  write_field(folder / "f.fits", 12);
  write_file(folder / "c.csv", "id,ra,dec\nx,150,2\n");
  const Pictures pictures{{.inputs = {folder / "f.fits"}, .catalogue = folder / "c.csv", .size = 16}, nullptr};
  EXPECT_THAT(pictures.ids(), ElementsAre("x"));
  EXPECT_EQ(pictures.widest_field(), 4);
  const auto drawn = [&](int field) { return pictures.draw("x", {.scaling = View::Scaling::linear, .band = 0, .field = field}); };
  EXPECT_EQ(drawn(1).picture.width, 16);
  EXPECT_TRUE(drawn(1).north_up);
  EXPECT_NEAR(drawn(1).pixel_scale_arcsec, .5, 1e-6);
  for (const int field : {2, 4}) {
    const Drawn wide = drawn(field);
    EXPECT_EQ(wide.picture.width, 16 * field);
    EXPECT_NEAR(wide.pixel_scale_arcsec, .5, 1e-6);
    const auto [row, column] = brightest(wide.picture);
    const int middle_row = wide.picture.height / 2, middle_column = wide.picture.width / 2;
    EXPECT_NEAR(row, middle_row - 12, 1) << field << " times: north is up, though rows grow southwards";
    EXPECT_NEAR(column, middle_column, 1) << field;
  }
}

TEST(Pictures, OnlyFieldsAreWider) {
  const ScratchFolder folder;
  image::write_npy(folder / "a.npy", image::Image{image::ImageShape{1, 8, 8}, 1.F}.view());
  const Pictures pictures{{.inputs = {folder.path()}}, nullptr};
  EXPECT_EQ(pictures.widest_field(), 1);
  EXPECT_THROW((void)pictures.draw("a", {.field = 2}), Error);
  EXPECT_THROW((void)pictures.draw("b", {}), Error);
  EXPECT_FALSE(pictures.draw("a", {}).north_up);
}

TEST(Pictures, OnlyTheWantedAreKept) {
  const ScratchFolder folder;
  for (const char* name : {"a", "b", "c"})
    image::write_npy(folder / (std::string{name} + ".npy"), image::Image{image::ImageShape{1, 8, 8}, 1.F}.view());
  const std::unordered_set<std::string> wanted{"b", "d"};
  const Pictures pictures{{.inputs = {folder.path()}}, &wanted};
  EXPECT_TRUE(pictures.has("b"));
  EXPECT_FALSE(pictures.has("a"));
  EXPECT_FALSE(pictures.has("d"));
}

}  // namespace
}  // namespace lensfind::inspect
