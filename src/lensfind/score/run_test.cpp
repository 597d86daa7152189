#include "lensfind/score/run.h"

#include <cmath>

#include <fmt/format.h>
#include <gmock/gmock.h>

#include "lensfind/base/csv.h"
#include "lensfind/base/error.h"
#include "lensfind/image/fits.h"
#include "lensfind/score/table.h"
#include "lensfind/score/test_run.h"
#include "lensfind/sky/table.h"

namespace lensfind::score {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
namespace fs = std::filesystem;

TEST_F(Run, WritesALineForEachInputInOrder) {
  cutout("in/10.npy", .25F);
  cutout("in/9.npy", -3);
  cutout("in/a, b.npy", 1e-7F);
  const RunSummary summary = run(options({folder_ / "in"}));
  EXPECT_EQ(table(), "id,logit,probability\n9,-3,\n10,0.25,\n\"a, b\",1e-07,\n");
  EXPECT_EQ(table("s.rejected.csv"), "input,reason\n");
  EXPECT_EQ(summary.scored, 3);
  EXPECT_EQ(summary.inputs, 3);
  EXPECT_FALSE(fs::exists(folder_ / "s.csv.parts"));
}

TEST_F(Run, NamesWhatAFolderHoldsThatIsNoImage) {
  cutout("in/a.npy", 1);
  fs::rename(folder_ / "in/a.npy", folder_ / "in/a.NPY");
  text("in/README.txt", "no image");
  text("in/b.md", "no image");
  const RunSummary summary = run(options({folder_ / "in"}));
  EXPECT_EQ(table(), "id,logit,probability\na,1,\n");
  EXPECT_EQ(summary.inputs, 1);
  EXPECT_EQ(summary.passed_over, 2);
  EXPECT_THAT(summary.notes, ::testing::Contains("2 files are no images and passed over: README.txt, b.md"));
  text("none/c.png", "no image");
  try {
    RunOptions none = options({folder_ / "none"});
    none.overwrite = true;
    run(none);
    FAIL() << "scored nothing";
  } catch (const Error& error) {
    EXPECT_THAT(error.what(), HasSubstr("1 file is no image and passed over: c.png"));
  }
}

TEST_F(Run, GivesEachInputAnIdOfItsOwn) {
  cutout("a/1.npy", 1);
  cutout("b/1.npy", 2);
  text("b/2.fits", "no FITS");
  const RunSummary summary = run(options({folder_ / "a", folder_ / "b"}));
  const std::string before = folder_.generic_string();
  EXPECT_EQ(table(), fmt::format("id,logit,probability,ra,dec\n{0}/a/1,1,,,\n{0}/b/1,2,,,\n", before));
  EXPECT_THAT(table("s.rejected.csv"), HasSubstr("/b/2.fits,"));
  EXPECT_EQ(summary.inputs, 3);
}

TEST_F(Run, SaysWhereCutoutsLie) {
  image::write_fits(folder_ / "made.fits", image::Image{shape, 3}.view(),
                    {{"CTYPE1", std::string{"RA---TAN"}, ""},
                     {"CTYPE2", std::string{"DEC--TAN"}, ""},
                     {"CRVAL1", 150.25, ""},
                     {"CRVAL2", -2.5, ""},
                     {"CRPIX1", 1.5, ""},
                     {"CRPIX2", 1.5, ""},
                     {"CD1_1", -1e-4, ""},
                     {"CD2_2", 1e-4, ""}});
  cutout("in/a.npy", 1);
  fs::rename(folder_ / "made.fits", folder_ / "in/b.fits");
  RunOptions chosen = options({folder_ / "in"});
  chosen.top = 1;
  run(chosen);
  EXPECT_EQ(table(), "id,logit,probability,ra,dec\na,1,,,\nb,3,,150.2500000,-2.5000000\n");
  EXPECT_EQ(table("s.top.csv"), "id,logit,probability,ra,dec\nb,3,,150.2500000,-2.5000000\n");
}

TEST_F(Run, TheLogitOfTwoOutputsIsTheirDifference) {
  cutout("in/a.npy", 2.5F);
  FakeEngine engine{shape, 2};
  run_score(engine, scorer_, options({folder_ / "in"}));
  EXPECT_EQ(table(), "id,logit,probability\na,2.5,\n");
}

TEST_F(Run, ProbabilitiesAreForTheAskedPrevalence) {
  // s = 2 logit - 1 = 1; at prevalence p the odds are e^s p / (1 - p): worked out with Python's math module.
  cutout("in/a.npy", 1);
  scorer_.calibration = evaluate::Calibration{.slope = 2, .intercept = -1, .prevalence = .1};
  RunOptions asked = options({folder_ / "in"});
  asked.prevalence = .1;
  EXPECT_DOUBLE_EQ(*run(asked).prevalence, .1);
  EXPECT_EQ(table(), "id,logit,probability\na,1,0.231969\n");
}

TEST_F(Run, UnaskedProbabilitiesAreForASurveyAndNotForTheTrainingSet) {
  cutout("in/a.npy", 1);
  scorer_.calibration = evaluate::Calibration{.slope = 2, .intercept = -1, .prevalence = .1};
  EXPECT_DOUBLE_EQ(*run(options({folder_ / "in"})).prevalence, 1e-3);
  EXPECT_EQ(table(), "id,logit,probability\na,1,0.00271362\n");
  scorer_.survey_prevalence = .1;  // as the model states it
  RunOptions again = options({folder_ / "in"});
  again.overwrite = true;
  EXPECT_DOUBLE_EQ(*run(again).prevalence, .1);
  EXPECT_EQ(table(), "id,logit,probability\na,1,0.231969\n");
}

TEST_F(Run, SetsAsideWhatItCannotUse) {
  cutout("in/a.npy", 1);
  cutout("in/nan.npy", std::nanf(""));
  text("in/text.npy", "no array");
  fs::create_symlink("nowhere.npy", folder_ / "in/gone.npy");
  const RunSummary summary = run(options({folder_ / "in"}));
  EXPECT_EQ(table(), "id,logit,probability\na,1,\n");
  EXPECT_EQ(summary.rejected, 3);
  EXPECT_EQ(summary.inputs, 4);
  CsvReader rejected{folder_ / "s.rejected.csv"};
  std::vector<std::string> names;
  while (rejected.next()) {
    names.emplace_back(rejected[rejected.column("input")]);
    EXPECT_GT(rejected[rejected.column("reason")].size(), 10u);
    EXPECT_THAT(std::string{rejected[rejected.column("reason")]}, ::testing::Not(HasSubstr("/in/")));
  }
  EXPECT_THAT(names, ElementsAre("gone.npy", "nan.npy", "text.npy"));
}

/// A network that overflows: NaN for large pixels, infinity for very small ones.
class OverflowingEngine final : public Engine {
 public:
  image::ImageShape shape() const override { return {1, 2, 2}; }
  int outputs() const override { return 1; }
  std::string description() const override { return "overflowing"; }
  std::vector<float> run(std::span<const float> cutouts, std::size_t count) override {
    std::vector<float> logits;
    for (std::size_t i = 0; i < count; ++i) {
      const float pixel = cutouts[4 * i];
      logits.push_back(pixel > 1e30F ? std::nanf("") : pixel < -1e30F ? -HUGE_VALF : pixel);
    }
    return logits;
  }
};

TEST_F(Run, SetsAsideWhatTheNetworkGivesNoNumberFor) {
  cutout("in/a.npy", 1);
  cutout("in/b.npy", 3e38F);
  cutout("in/c.npy", -3e38F);
  cutout("in/d.npy", 2);
  OverflowingEngine engine;
  RunOptions chosen = options({folder_ / "in"});
  chosen.top = 5;
  const RunSummary summary = run_score(engine, scorer_, chosen);
  EXPECT_EQ(table(), "id,logit,probability\na,1,\nd,2,\n");
  EXPECT_EQ(table("s.top.csv"), "id,logit,probability\nd,2,\na,1,\n");
  EXPECT_EQ(summary.rejected, 2);
  EXPECT_THAT(table("s.rejected.csv"), HasSubstr("b.npy,\"the network gives no number (NaN) for it"));
  EXPECT_THAT(table("s.rejected.csv"), HasSubstr("c.npy,\"the network gives infinity for it"));
}

TEST_F(Run, ListsNoBestThatIsNaN) {
  // Ten rows of an earlier version's table: one that is NaN must not keep the others from their places.
  std::string rows = "id,logit,probability\n";
  for (int i = 0; i < 10; ++i) rows += i == 3 ? "3,nan,\n" : fmt::format("{},{},\n", i, i);
  text("old.csv", rows);
  const std::vector<Row> best = best_rows(folder_ / "old.csv", 10);
  ASSERT_EQ(best.size(), 9u);
  EXPECT_EQ(best[0].id, "9");
  EXPECT_EQ(best[8].id, "0");
}

TEST_F(Run, SaysWhatWasTakenOnTrust) {
  stack("in.npy", 50, 0, {2, 2, 2});
  FakeEngine engine{{2, 2, 2}};
  scorer_.band_names = {"g", "r"};
  scorer_.pixel_scale_arcsec = .2;
  const RunSummary summary = run_score(engine, scorer_, options({folder_ / "in.npy"}));
  EXPECT_EQ(summary.readings, (Readings{.no_scale = 50, .bands_by_order = 50}));
  EXPECT_THAT(summary.reading_lines, ElementsAre("50 of 50 do not say their pixel scale, which was taken as the model's 0.2 arcsec",
                                                 "50 of 50 do not name their bands, which were taken in the model's order (g, r)"));
  EXPECT_EQ(read_json(folder_ / "s.csv.run.json").at("readings").at("no_scale").as_integer(), 50);
  Readings des;
  des.add(cutouts::Fitting{.left_out = true});
  EXPECT_THAT(reading_lines(des, 2, {}),
              ElementsAre("1 of 2 hold images that are no bands (masks, weights and the like), which were left out"));
  EXPECT_EQ(readings_from(to_json_value(des)), des);
  RunOptions fits = options({folder_ / "in.npy"});
  fits.out = folder_ / "s.fits";
  run_score(engine, scorer_, fits);
  const auto said = sky::open_table(fits.out);
  EXPECT_EQ(said->fact("NNOSCALE"), "50");
  EXPECT_EQ(said->fact("NBYORDER"), "50");
  EXPECT_EQ(said->fact("NRESAMP"), "0");
  RunOptions again = options({folder_ / "in.npy"});
  again.resume = true;
  EXPECT_EQ(run_score(engine, scorer_, again).reading_lines, summary.reading_lines);
}

TEST_F(Run, OfNothingIsAnError) {
  fs::create_directory(folder_ / "in");
  EXPECT_THROW(run(options({folder_ / "in"})), Error);
  EXPECT_FALSE(fs::exists(folder_ / "s.csv"));
  EXPECT_FALSE(fs::exists(folder_ / "s.csv.parts"));
}

TEST_F(Run, DoesNotReplaceATableUnasked) {
  stack("in.npy", 3, 0);
  RunOptions chosen = options({folder_ / "in.npy"});
  run(chosen);
  EXPECT_THROW(run(chosen), Error);
  chosen.overwrite = true;
  stack("in.npy", 1, 7);
  run(chosen);
  EXPECT_EQ(table(), "id,logit,probability\nin.npy#0,7,\n");
}

TEST_F(Run, ListsTheBestWithTheirPictures) {
  stack("in.npy", 70, 0);
  text("list.txt", "in.npy\nin.npy\n");  // each id and logit twice: the first comes first
  RunOptions chosen = options({folder_ / "in.npy"});
  chosen.top = 3;
  const RunSummary summary = run(chosen);
  EXPECT_EQ(table("s.top.csv"), "id,logit,probability\nin.npy#69,69,\nin.npy#68,68,\nin.npy#67,67,\n");
  ASSERT_EQ(summary.top.size(), 3u);
  EXPECT_EQ(summary.top[1].image.at(0, 1, 1), 68);
}

}  // namespace
}  // namespace lensfind::score
