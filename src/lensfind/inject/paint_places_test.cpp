#include <cmath>
#include <fstream>
#include <iomanip>
#include <numbers>

#include <gmock/gmock.h>

#include "lensfind/base/error.h"
#include "lensfind/inject/host_cutouts.h"
#include "lensfind/inject/hosts.h"
#include "lensfind/inject/paint_fixture.h"
#include "lensfind/inject/paint_set.h"
#include "lensfind/sky/wcs.h"

namespace lensfind::inject {
namespace {

/// Where hosts lie on the sky, and what is painted on them.
class PaintPlaces : public PaintTest {
 protected:
  void write_turned_field() const;
  /// A lens and a bare galaxy, as FITS.
  [[nodiscard]] simulate::SimulateOptions set_options() const {
    simulate::SimulateOptions o;
    o.survey = survey("des");
    o.paint = options();
    o.lenses = o.nonlenses = 1;
    o.size = 48;
    o.format = simulate::Format::fits;
    o.out = folder_ / "set";
    return o;
  }
};

/// The cards of a tangent projection about pixel (100.5, 100.5) at (30, 0), whose north lies `angle_rad` from up.
std::vector<image::FitsCard> cards_of_field(double angle_rad) {
  const double degrees = .263 / 3600, c = std::cos(angle_rad), s = std::sin(angle_rad);
  return {{"MAGZERO", 30.0, ""},
          {"CTYPE1", std::string{"RA---TAN"}, ""},
          {"CTYPE2", std::string{"DEC--TAN"}, ""},
          {"CRPIX1", 100.5, ""},
          {"CRPIX2", 100.5, ""},
          {"CRVAL1", 30.0, ""},
          {"CRVAL2", 0.0, ""},
          {"CD1_1", -degrees * c, ""},
          {"CD1_2", degrees * s, ""},
          {"CD2_1", degrees * s, ""},
          {"CD2_2", degrees * c, ""}};
}

TEST_F(PaintPlaces, AnObjectThatStandsTwiceInTheCatalogueIsOneHost) {
  image::Image sky{image::ImageShape{1, 200, 200}};
  RandomStream random{2, Purpose::test};
  for (float& value : sky.values()) value = static_cast<float>(random.normal(0, 3));
  for (const char* band : {"g", "r", "i"}) write(std::string{"field_"} + band + ".fits", sky, cards_of_field(0));
  simulate::PaintOptions o = options();
  o.catalogue = folder_ / "places.csv";
  std::ofstream{o.catalogue} << "id,ra,dec\nfirst,30,0\nother,30.002,0\nagain,30.0003,0.0001\n";
  HostFolder folder{o, survey("des")};
  folder.leave_out_unfit(48);
  ASSERT_EQ(folder.size(), 2);
  EXPECT_EQ(folder.read(0, 48).name, "first");
  EXPECT_EQ(folder.read(1, 48).name, "other");
  EXPECT_EQ(folder.left_out().copies, 1);
}

/// A field of 3 bands about (30, 0) whose north lies 30 degrees from up, with galaxies about the pixels (60.3, 99.5) and (140, 110).
void PaintPlaces::write_turned_field() const {
  const image::Image bright = galaxy(400);
  for (int b = 0; b < 3; ++b) {
    image::Image sky{image::ImageShape{1, 201, 200}};
    RandomStream random{2, Purpose::test, static_cast<std::uint64_t>(b)};
    for (float& value : sky.values()) value = static_cast<float>(random.normal(0, 3));
    for (int row = 0; row < 48; ++row) {
      for (int column = 0; column < 48; ++column) {
        sky.at(0, 76 + row, 37 + column) += bright.at(b, row, column);
        sky.at(0, 86 + row, 116 + column) += bright.at(b, row, column);
      }
    }
    write(std::string{"field_"} + "gri"[b] + ".fits", sky, cards_of_field(std::numbers::pi / 6));
  }
}

// A pixel of the field and the pixel of the painted cutout that shows it lie at one place.
TEST_F(PaintPlaces, PaintedFitsLieWhereTheirHostsDo) {
  write_turned_field();
  simulate::SimulateOptions o = set_options();
  o.paint.catalogue = folder_ / "places.csv";
  const sky::Wcs field{folder_ / "cutouts/field_g.fits"};
  std::ofstream places{o.paint.catalogue};
  places << std::setprecision(12) << "id,ra,dec\n";
  for (const sky::Pixel& galaxy : {sky::Pixel{60.3, 99.5}, {140, 110}}) {
    const sky::Position at = field.position(galaxy).value();
    places << (galaxy.x < 100 ? "left," : "right,") << at.ra_deg << "," << at.dec_deg << "\n";
  }
  places.close();
  paint_set(o);
  const sky::Wcs bare{o.out / "train_nonlenses/1.fits"};
  const image::Image sky = image::read_fits_cutout(folder_ / "cutouts/field_g.fits").image;
  const image::Image cut = image::read_fits_cutout(o.out / "train_nonlenses/1.fits").image;
  for (const auto& [x, y] : {std::pair{0, 0}, {47, 3}, {20, 40}}) {
    const auto at = field.pixel(bare.position({1. * x, 1. * y}).value()).value();
    EXPECT_NEAR(at.x, std::round(at.x), .01);
    EXPECT_NEAR(at.y, std::round(at.y), .01);
    EXPECT_EQ(cut.at(0, y, x), sky.at(0, static_cast<int>(std::lround(at.y)), static_cast<int>(std::lround(at.x))));
  }
  const auto lens = field.pixel(sky::Wcs{o.out / "train_lenses/1.fits"}.position({23.5, 23.5}).value());
  EXPECT_NEAR(lens->y, lens->x < 100 ? 99.5 : 110, .51) << "the other galaxy";
}

// Hosts that say nothing of the sky give painted cutouts that say nothing but their pixels' size.
TEST_F(PaintPlaces, HostsWithoutCoordinatesGiveNone) {
  write("a.fits", galaxy(400));
  write("b.fits", galaxy(300));
  const simulate::SimulateOptions o = set_options();
  paint_set(o);
  EXPECT_THROW(sky::Wcs{o.out / "train_lenses/1.fits"}, Error);
  EXPECT_NEAR(image::read_fits_cutout(o.out / "train_lenses/1.fits").facts.pixel_scale_arcsec.value(), .263, 1e-9);
}

}  // namespace
}  // namespace lensfind::inject
