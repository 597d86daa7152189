#include "lensfind/simulate/truth_csv.h"

#include <filesystem>
#include <set>

#include <gmock/gmock.h>

#include "lensfind/base/atomic_file.h"
#include "lensfind/base/error.h"

namespace lensfind::simulate {
namespace {

std::filesystem::path file_of(const std::string& text) {
  const auto path = std::filesystem::path{::testing::TempDir()} / "lensfind_truth_csv_test.csv";
  write_file(path, text);
  return path;
}

/// A lens of two bands with another value in every property.
Truth lens() {
  Truth t{.lens = true, .kind = "lens", .group = "J0001, north", .neighbours = 14};
  t.deflector = {1.5, 2.5, 3.5, 4.5, 5.5, 6.5, 7.5, 8.5, {9.5, 10.5}, 11.5, 12.5, 13.5, 14.5, 15.5, 16.5};
  t.source = {21.5, 22.5, 23.5, {24.5, 25.5}, 26.5, 27.5, 28.5, 29.5, 30, "spiral.npy", 31.5, 32.5};
  t.arcs = {{41.5, 42.5}, {43.5, 44.5}};
  t.environment = {51.5, 52.5, 53.5, 54.5, 55.5, 56};
  t.conditions = {{61.5, 62.5}, {63.5, 64.5}, {65.5, 66.5}};
  t.processing = {71.5, 1, "trail+gradient"};
  return t;
}

TEST(TruthCsv, ColumnsStandWhereTheyAlwaysStood) {
  EXPECT_EQ(truth_header({"g", "r"}),
            "id,split,label,kind,group,seed,index,z_lens,z_source,sigma_v,theta_e_arcsec,axis_ratio,angle_rad,shear1,shear2,"
            "source_x_arcsec,source_y_arcsec,lens_mag_g,source_mag_g,magnification_g,arc_snr_g,lens_mag_r,source_mag_r,magnification_r,"
            "arc_snr_r,slope,effective_radius_arcsec,source_radius_arcsec,neighbours,rotated_rad,broken_band,artefact,background_rms_g,"
            "background_rms_r,source_image,lens_x_arcsec,lens_y_arcsec,lens_sersic_index,lens_light_axis_ratio,lens_light_angle_rad,"
            "source_sersic_index,source_axis_ratio,source_angle_rad,source_knots,seeing_fwhm_arcsec_g,gain_g,seeing_fwhm_arcsec_r,"
            "gain_r,group_sigma_v,galaxy_theta_e_arcsec,halo_theta_e_arcsec,halo_core_arcsec,halo_ellipticity,quasar_i,z_source_2,"
            "members\n");
}

TEST(TruthCsv, EveryPropertyStandsInItsOwnColumn) {
  EXPECT_EQ(truth_row({"train_lenses/1", Split::test, 18446744073709551615u, 7}, lens(), 2),
            "train_lenses/1,test,1,lens,\"J0001, north\",18446744073709551615,7,1.5,21.5,2.5,3.5,4.5,5.5,7.5,8.5,22.5,23.5,"
            "9.5,24.5,41.5,43.5,10.5,25.5,42.5,44.5,6.5,13.5,26.5,14,71.5,1,trail+gradient,61.5,62.5,spiral.npy,11.5,12.5,14.5,15.5,16.5,"
            "27.5,28.5,29.5,30,63.5,65.5,64.5,66.5,51.5,52.5,53.5,54.5,55.5,31.5,32.5,56\n");
}

TEST(TruthCsv, WhatDoesNotApplyIsEmptyAndACutoutAloneIsItsOwnGroup) {
  EXPECT_EQ(truth_row({"a"}, Truth{.kind = "star"}, 1),
            "a,train,0,star,a,0,0" + std::string(18, ',') + "0,0" + std::string(23, ',') + "0\n");
}

TEST(TruthCsv, RowReadsBackAsItWasWritten) {
  const TruthKey key{"train.npy#3", Split::train, 5, 3};
  TruthReader reader{file_of(truth_header({"g", "VIS"}) + truth_row(key, lens(), 2) + truth_row({"b"}, Truth{.kind = "star"}, 2))};
  EXPECT_THAT(reader.bands(), ::testing::ElementsAre("g", "VIS"));
  const std::optional<TruthRow> first = reader.next(), second = reader.next();
  ASSERT_TRUE(first && second);
  EXPECT_EQ(truth_row(first->key, first->truth, 2), truth_row(key, lens(), 2));
  EXPECT_EQ(first->truth.deflector.mag, (std::vector<double>{9.5, 10.5}));
  EXPECT_EQ(first->truth.processing.broken_band, 1);
  EXPECT_EQ(second->truth.kind, "star");
  EXPECT_EQ(second->truth.group, "");
  EXPECT_EQ(second->truth.source.z, std::nullopt);
  EXPECT_FALSE(reader.next());
}

TEST(TruthCsv, FileOfAnEarlierVersionIsReadWithTheNameThatItHas) {
  TruthReader reader{file_of("id,label,blemish,mine\nx,1,cosmic_ray,?\n")};
  const std::optional<TruthRow> row = reader.next();
  ASSERT_TRUE(row);
  EXPECT_EQ(row->truth.processing.artefact, "cosmic_ray");
  EXPECT_TRUE(row->truth.lens);
}

TEST(TruthCsv, CellThatIsNoNumberIsNamed) {
  TruthReader reader{file_of("id,z_lens\nx,far\n")};
  try {
    reader.next();
    FAIL();
  } catch (const Error& error) {
    EXPECT_THAT(error.what(), ::testing::HasSubstr("line 2: z_lens is `far`"));
  }
}

TEST(TruthCsv, EveryColumnSaysWhatItIs) {
  std::set<std::string> names;
  for (const TruthColumn& column : truth_columns()) {
    EXPECT_FALSE(column.help.empty()) << column.name;
    EXPECT_TRUE(names.insert(column.name).second) << column.name;
    for (const char* unit : {"arcsec", "rad"}) {
      if (column.name.ends_with(std::string{"_"} + unit)) {
        EXPECT_EQ(column.unit, unit) << column.name;
      }
    }
  }
}

}  // namespace
}  // namespace lensfind::simulate
