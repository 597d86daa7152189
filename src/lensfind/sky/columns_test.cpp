#include "lensfind/sky/columns.h"

#include <gmock/gmock.h>

#include "lensfind/base/error.h"

namespace lensfind::sky {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using Names = std::vector<std::string>;

ColumnHeads heads_of(const Names& names) {
  ColumnHeads heads;
  for (const std::string& name : names) heads.push_back({.name = name});
  return heads;
}

std::optional<Position> position_in(const ColumnHeads& heads, const std::vector<std::string>& fields, const ColumnNames& given = {}) {
  Names notes;
  return PositionColumns{heads, "t", given, notes}.of(std::span{fields});
}

TEST(IdColumns, OfSurveysAreKnown) {
  for (const char* name : {"id", "ID", "object_id", "objectId", "OBJECT_ID", "objID", "source_id", "SOURCE_ID", "COADD_OBJECT_ID",
                           "TARGETID", "NUMBER", "id_str", "main_id", "Name", "designation", "diaObjectId", "2MASS", "CATAID", "LensID"}) {
    Names notes;
    EXPECT_EQ(find_id_column({"ra", "dec", name, "mag"}, "", "t", notes), 2u) << name;
  }
}

TEST(IdColumns, TheFirstOfTheListIsTakenAndTheOthersNamed) {
  Names notes;
  EXPECT_EQ(find_id_column({"name", "objectId", "ra"}, "", "t.fits", notes), 1u);
  EXPECT_THAT(notes, ElementsAre("t.fits: ids are those of the column objectId (there is also name; --id-column names another)"));
  notes.clear();
  EXPECT_EQ(find_id_column({"id", "ra"}, "", "t.fits", notes), 0u);
  EXPECT_THAT(notes, IsEmpty());
  EXPECT_EQ(find_id_column({"name", "objectId"}, "Name", "t.fits", notes), 0u);
  EXPECT_FALSE(find_id_column({"ra", "dec"}, "", "t.fits", notes));
  EXPECT_THROW(find_id_column({"ra", "dec"}, "objid", "t.fits", notes), Error);
}

TEST(PositionNames, OfSurveysAreKnown) {
  for (const auto& [ra, dec] : std::vector<std::pair<const char*, const char*>>{{"ra", "dec"},
                                                                                {"RA", "DEC"},
                                                                                {"RAJ2000", "DEJ2000"},
                                                                                {"_RAJ2000", "_DEJ2000"},
                                                                                {"RAJ2000", "DECJ2000"},
                                                                                {"RA_ICRS", "DE_ICRS"},
                                                                                {"ALPHA_J2000", "DELTA_J2000"},
                                                                                {"ALPHAWIN_J2000", "DELTAWIN_J2000"},
                                                                                {"ALPHA_SKY", "DELTA_SKY"},
                                                                                {"coord_ra", "coord_dec"},
                                                                                {"raMean", "decMean"},
                                                                                {"raStack", "decStack"},
                                                                                {"RIGHT_ASCENSION", "DECLINATION"},
                                                                                {"TARGET_RA", "TARGET_DEC"},
                                                                                {"ra_deg", "dec_deg"},
                                                                                {"RA_d", "DEC_d"},
                                                                                {"ra_epoch2000", "dec_epoch2000"},
                                                                                {"lens_ra", "lens_dec"},
                                                                                {"ra_gaia", "dec_gaia"},
                                                                                {"i_ra", "i_dec"},
                                                                                {"RA_1", "DEC_1"},
                                                                                {"sky.ra", "sky.dec"},
                                                                                {"plug_ra", "plug_dec"}}) {
    const auto found = position_in(heads_of({"id", dec, "ra_error", "dec_error", ra}), {"1", "-2.5", "9", "9", "10.5"});
    ASSERT_TRUE(found) << ra;
    EXPECT_EQ(found->ra_deg, 10.5) << ra;
    EXPECT_EQ(found->dec_deg, -2.5) << ra;
  }
}

TEST(PositionNames, TheSurestPairIsTakenAndOthersNamed) {
  Names notes;
  const PositionColumns columns{heads_of({"RAJ2000", "DEJ2000", "ra", "dec"}), "t", {}, notes};
  EXPECT_EQ(columns.ra(), 2u);
  EXPECT_THAT(notes, ElementsAre(HasSubstr("there are also RAJ2000, DEJ2000")));
  EXPECT_EQ(position_in(heads_of({"ra", "dec", "x", "y"}), {"1", "2", "3", "4"}, {.ra = "X", .dec = "y"})->ra_deg, 3);
  EXPECT_THROW(position_in(heads_of({"x", "y"}), {"1", "2"}), Error);
  EXPECT_THROW(position_in(heads_of({"x", "y"}), {"1", "2"}, {.ra = "x"}), Error);
  EXPECT_THROW(position_in(heads_of({"a_ra", "a_dec", "b_ra", "b_dec"}), {"1", "2", "3", "4"}), Error);  // which?
  EXPECT_THROW(position_in(heads_of({"ra_error", "dec_error"}), {"1", "2"}), Error);
}

TEST(PositionNames, OfNoUsualNameAreFoundByTheirMeaning) {
  ColumnHeads heads = heads_of({"x", "y", "u", "v"});
  heads[0].ucd = "pos.eq.ra";
  heads[1].ucd = "pos.eq.dec";
  heads[2].ucd = "pos.eq.ra;meta.main";
  heads[3].ucd = "pos.eq.dec;meta.main";
  EXPECT_EQ(position_in(heads, {"1", "2", "3", "4"})->ra_deg, 3);
}

TEST(PositionUnits, OfTheHeadAreHonoured) {
  ColumnHeads heads = heads_of({"coord_ra", "coord_dec"});
  heads[0].unit = heads[1].unit = "rad";
  const auto radians = position_in(heads, {"0.5235987755982988", "-0.08726646259971647"});
  EXPECT_NEAR(radians->ra_deg, 30, 1e-12);
  EXPECT_NEAR(radians->dec_deg, -5, 1e-12);
  heads[0].unit = "hourangle";
  heads[1].unit = "deg";
  EXPECT_EQ(position_in(heads, {"2", "-5"})->ra_deg, 30);
  const auto sexagesimal = position_in(heads_of({"RA", "DEC"}), {"02:00:00", "-05 00 00"});
  EXPECT_EQ(sexagesimal->ra_deg, 30);
  EXPECT_EQ(sexagesimal->dec_deg, -5);
  heads[0].unit = "pixel";
  EXPECT_THROW(position_in(heads, {"2", "-5"}), Error);
}

TEST(PositionValues, AreTurnedIntoACircleOrAreNone) {
  const ColumnHeads heads = heads_of({"ra", "dec"});
  for (const auto& [ra, turned] :
       std::vector<std::pair<const char*, double>>{{"-30", 330}, {"-180", 180}, {"360", 0}, {"370.5", 10.5}, {"720", 0}, {"-1e-20", 0}})
    EXPECT_EQ(position_in(heads, {ra, "0"})->ra_deg, turned) << ra;
  for (const auto& [ra, dec] : std::vector<std::pair<const char*, const char*>>{
           {"-999", "-9"}, {"1", "90.1"}, {"nan", "1"}, {"", "1"}, {"99999", "0"}, {"1", "none"}})
    EXPECT_FALSE(position_in(heads, {ra, dec})) << ra;
}

// SkyCoord(l=120, b=-40, frame="galactic").icrs and SkyCoord("1h", "-5d", frame=FK4()).icrs of astropy 7.
TEST(PositionFrames, AreTurnedIntoIcrs) {
  const auto galactic = position_in(heads_of({"GLON", "GLAT"}), {"120", "-40"});
  EXPECT_LT(separation_arcsec(*galactic, {10.4231621375954, 22.816263239604726}), .005);
  ColumnHeads heads = heads_of({"RA", "DEC"});
  heads[0].system = "FK4";
  heads[0].equinox = "1950.0";
  EXPECT_LT(separation_arcsec(*position_in(heads, {"01:00:00", "-5"}), {15.634395905683991, -4.731468438737805}), .005);
  EXPECT_LT(separation_arcsec(*position_in(heads_of({"RAB1950", "DEB1950"}), {"15", "-5"}), {15.634395905683991, -4.731468438737805}),
            .005);
  // SkyCoord(15, -5, frame=FK5(equinox="J1975")).icrs and BarycentricMeanEcliptic(equinox="J1990").
  heads[0].system = "eq_FK5";
  heads[0].equinox = "J1975";
  EXPECT_LT(separation_arcsec(*position_in(heads, {"15", "-5"}), {15.3171176493, -4.8656570686}), .002);
  heads[0].system = "ecl_FK5";
  heads[0].equinox = "J1990";
  EXPECT_LT(separation_arcsec(*position_in(heads, {"15", "-5"}), {15.8698336446, 1.3487290441}), .002);
  heads[0].equinox = "old";
  EXPECT_THROW(position_in(heads, {"1", "2"}), Error);
  heads[0].equinox = "";
  heads[0].system = "GAPPT";
  EXPECT_THROW(position_in(heads, {"1", "2"}), Error);
}

TEST(PositionColumnsThatArePlain, AreIcrsInDegreesUnderAUsualName) {
  const auto plain = [](const ColumnHeads& heads, const char* ra, const ColumnNames& given = {}) {
    Names notes;
    const std::vector<std::string_view> fields{ra, "1"};
    return PositionColumns{heads, "t", given, notes}.are_plain(fields);
  };
  EXPECT_TRUE(plain(heads_of({"RAJ2000", "DEJ2000"}), "1.5"));
  EXPECT_FALSE(plain(heads_of({"RAJ2000", "DEJ2000"}), "1:2:3"));
  EXPECT_FALSE(plain(heads_of({"l", "b"}), "1.5"));
  EXPECT_FALSE(plain(heads_of({"x", "y"}), "1.5", {.ra = "x", .dec = "y"}));
  EXPECT_FALSE(plain({{.name = "ra", .unit = "rad"}, {.name = "dec", .unit = "rad"}}, "1.5"));
}

}  // namespace
}  // namespace lensfind::sky
