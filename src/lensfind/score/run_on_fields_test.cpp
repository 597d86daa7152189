#include <cstdlib>

#include <fmt/format.h>
#include <gmock/gmock.h>

#include "lensfind/base/csv.h"
#include "lensfind/base/error.h"
#include "lensfind/image/fits.h"
#include "lensfind/score/test_run.h"
#include "lensfind/sky/table.h"

namespace lensfind::score {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
class RunOnFields : public Run {
 protected:
  /// Bands of a field around (ra, 2) degrees with pixels of 1 arcsec; pixel (column, row) of band b is 10000 b + 100 row + column.
  void field(const std::string& name, double ra, int bands) const {
    for (int b = 0; b < bands; ++b) {
      image::Image image{image::ImageShape{1, 20, 30}};
      for (int i = 0; i < 600; ++i) {
        const int row = i / 30, column = i % 30;
        image.values()[static_cast<std::size_t>(i)] = static_cast<float>(10000 * b + 100 * row + column);
      }
      image::write_fits(folder_ / fmt::format("{}_{}.fits", name, "gri"[b]), image.view(),
                        {{"CTYPE1", std::string{"RA---TAN"}, ""},
                         {"CTYPE2", std::string{"DEC--TAN"}, ""},
                         {"CRVAL1", ra, ""},
                         {"CRVAL2", 2.0, ""},
                         {"CRPIX1", 15.5, ""},
                         {"CRPIX2", 10.5, ""},
                         {"CD1_1", -1 / 3600., ""},
                         {"CD2_2", 1 / 3600., ""}});
    }
  }
};

TEST_F(RunOnFields, CutsTheObjectsOfACatalogue) {
  field("east", 150, 2);
  field("west", 149, 2);
  text("c.csv",
       "id,ra,dec,logit\n18446744073709551615,150,2,a\nin the west,149,2,\"b, c\"\nnowhere,10,10,\nbad,x,2,\n"
       "near the edge,149,2.0025,\nat the edge,149,2.00277,\n");
  RunOptions chosen = options({folder_});
  chosen.catalogue = folder_ / "c.csv";
  chosen.bands = {"g", "r"};
  chosen.top = 1;
  FakeEngine engine{{2, 10, 10}};
  const RunSummary summary = run_score(engine, scorer_, chosen);
  // The place (14.5, 9.5) is at (4.5, 4.5) of the cut, which begins at column 10 and row 5; 9 arcsec further north the cut begins at row 14
  // and four rows of ten lie beyond the edge.
  EXPECT_EQ(
      table(),
      "id,logit,probability,ra,dec,catalogue_logit,missing\n18446744073709551615,510,,150,2,a,0\nin the west,510,,149,2,\"b, c\",0\n");
  EXPECT_EQ(summary.inputs, 6);
  EXPECT_EQ(summary.rejected, 4);
  EXPECT_THAT(table("s.rejected.csv"),
              AllOf(HasSubstr("nowhere,it lies in none"), HasSubstr("bad,its ra and dec"), HasSubstr("edge,40% of a band")));
  EXPECT_EQ(table("s.top.csv"), "id,logit,probability,ra,dec,catalogue_logit,missing\n18446744073709551615,510,,150,2,a,0\n");
  EXPECT_EQ(summary.top.at(0).image.at(1, 0, 0), 10510);
}

TEST_F(RunOnFields, PadsALittleAtTheEdgeAndSaysSo) {
  field("one", 150, 1);
  text("c.csv", "id,ra,dec\nedge,150,2.00166\n");  // 6 arcsec north: the cut begins at row 11 and its last row lies beyond the edge
  RunOptions chosen = options({folder_ / "one_g.fits"});
  chosen.catalogue = folder_ / "c.csv";
  FakeEngine engine{{1, 10, 10}};
  run_score(engine, scorer_, chosen);
  EXPECT_EQ(table(), "id,logit,probability,ra,dec,missing\nedge,1110,,150,2.00166,0.1\n");
}

TEST_F(RunOnFields, WritesAFitsTableOfACatalogueWhoseColumnsAreCalledAsItsOwn) {
  field("one", 150, 1);
  text("c.csv", "id,ra,dec,missing,catalogue_missing,LOGIT\na,150,2,1,2,3\n");
  RunOptions chosen = options({folder_ / "one_g.fits"});
  chosen.catalogue = folder_ / "c.csv";
  chosen.out = folder_ / "s.fits";
  FakeEngine engine{{1, 10, 10}};
  run_score(engine, scorer_, chosen);
  EXPECT_THAT(sky::open_table(folder_ / "s.fits")->columns(), ElementsAre("id", "logit", "probability", "ra", "dec", "catalogue_missing",
                                                                          "catalogue_catalogue_missing", "catalogue_LOGIT", "missing"));
}

TEST_F(RunOnFields, SetsObjectsAsideInFieldsWhoseScaleCannotBe) {
  field("one", 150, 1);
  text("c.csv", "id,ra,dec\na,150,2\n");
  RunOptions chosen = options({folder_ / "one_g.fits"});
  chosen.catalogue = folder_ / "c.csv";
  scorer_.pixel_scale_arcsec = 1e5;  // as if the field's were 1e-5 of the model's
  FakeEngine engine{{1, 10, 10}};
  EXPECT_EQ(run_score(engine, scorer_, chosen).rejected, 1);
  EXPECT_THAT(table("s.rejected.csv"), HasSubstr("too different to resample"));
}

TEST_F(RunOnFields, NeedsFieldsOfTheModelsBands) {
  field("one", 150, 2);
  text("c.csv", "id,ra,dec\na,150,2\n");
  RunOptions chosen = options({folder_});
  chosen.catalogue = folder_ / "c.csv";
  chosen.bands = {"g", "r", "i"};
  FakeEngine engine{{3, 10, 10}};
  EXPECT_THROW(run_score(engine, scorer_, chosen), Error);
}

TEST_F(RunOnFields, WritesTheSameRowsAsFits) {
  field("one", 150, 1);
  text("c.csv", "id,ra,dec,tile\n9223372036854775807,150,2,007\n-1,150,2.0001,8\nnowhere,1,1,9\n");
  RunOptions chosen = options({folder_ / "one_g.fits"});
  chosen.catalogue = folder_ / "c.csv";
  chosen.out = folder_ / "s.fits";
  chosen.top = 1;
  FakeEngine engine{{1, 10, 10}};
  const RunSummary summary = run_score(engine, scorer_, chosen);
  EXPECT_EQ(summary.scored, 2);
  EXPECT_EQ(summary.rejected, 1);
  const auto rows = sky::open_table(folder_ / "s.fits");
  EXPECT_THAT(rows->columns(), ElementsAre("id", "logit", "probability", "ra", "dec", "tile", "missing"));
  std::vector<std::string> fields;
  ASSERT_TRUE(rows->next(fields));
  EXPECT_THAT(fields, ElementsAre("9223372036854775807", "510", "", "150", "2", "007", "0"));
  ASSERT_TRUE(rows->next(fields));
  EXPECT_THAT(fields, ElementsAre("-1", "510", "", "150", "2.0001", "8", "0"));
  EXPECT_FALSE(rows->next(fields));
  EXPECT_EQ(table("s.fits.top.csv"), "id,logit,probability,ra,dec,tile,missing\n9223372036854775807,510,,150,2,007,0\n");
  chosen.resume = true;
  EXPECT_EQ(run_score(engine, scorer_, chosen).scored, 2);  // it was finished
}

}  // namespace
}  // namespace lensfind::score
