#include "lensfind/score/candidates.h"

#include <cmath>

#include <gmock/gmock.h>

#include "lensfind/base/error.h"
#include "lensfind/image/fits.h"
#include "lensfind/score/candidate_pictures.h"
#include "lensfind/score/test_run.h"

namespace lensfind::score {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
namespace fs = std::filesystem;

class Candidates : public Run {
 protected:
  [[nodiscard]] CandidateList list(CandidateOptions chosen) const {
    chosen.scores = folder_ / "s.csv";
    return list_candidates(chosen);
  }
  void about(const std::string& name, const About& about) const {
    text(name + ".run.json", to_json(empty_object().set("about", to_json_value(about))));
  }
  static std::vector<std::string> ids(const CandidateList& list) {
    std::vector<std::string> ids;
    for (const ListedCandidate& candidate : list.candidates) ids.push_back(candidate.id);
    return ids;
  }
  static std::string message(const auto& act) {
    try {
      act();
    } catch (const Error& error) {
      return std::string{error.what()} + "; " + error.hint();
    }
    return "nothing was thrown";
  }
  /// Five rows; b is a 1 arcsec north of a, c 1 arcsec north of b, all at declination 60; d is elsewhere, e nowhere.
  void sky_table() const {
    text("s.csv",
         "id,logit,probability,ra,dec,mag\n"
         "c,1,.1,10,60.000555555555,19.5\n"
         "a,3,.3,10,60,20\n"
         "b,2,.2,10,60.000277777778,21\n"
         "d,0.5,.05,200,-5,22\n"
         "e,9,.9,,,18\n");
  }
};

TEST_F(Candidates, ArePricedForAnotherShareOfLenses) {
  // s = 2 logit - 1; at prevalence p the odds are e^s p / (1 - p): worked out with Python's math module.
  stack("in.npy", 2, 0);
  scorer_.calibration = evaluate::Calibration{.slope = 2, .intercept = -1, .prevalence = .5};
  run(options({folder_ / "in.npy"}));
  CandidateList priced = list({.prevalence = .1});
  EXPECT_THAT(ids(priced), ElementsAre("in.npy#1", "in.npy#0"));
  EXPECT_NEAR(priced.candidates[0].probability, .2319693167, 1e-9);
  EXPECT_NEAR(list({}).candidates[0].probability, .0027136191, 1e-9);
  write_candidates(folder_ / "out.csv", priced);
  EXPECT_EQ(read_about(folder_ / "out.csv")->prevalence, .1);
  EXPECT_THAT(table("out.csv"), HasSubstr("\n1,in.npy#1,1,0.231969,,,,,1,\n"));
}

TEST_F(Candidates, WhatAStudentCutOffIsPricedByItsOdds) {
  text("s.csv", "id,logit,probability,stage\na,5,0.9,teacher\nb,-9,0.5,student\n");
  about("s.csv", About{.prevalence = .5, .calibration = evaluate::Calibration{.slope = 1, .intercept = 0}});
  const CandidateList priced = list({.prevalence = .01});
  EXPECT_NEAR(priced.candidates[1].probability, .01, 1e-12);  // even odds before
  EXPECT_NEAR(priced.candidates[0].probability, 1 / (1 + std::exp(-5) * 99), 1e-12);
}

TEST_F(Candidates, OfTablesThatSayNothingKeepTheirProbabilities) {
  text("s.csv", "id,logit,probability\na,5,0.9\nb,nan,\n");
  const CandidateList kept = list({});
  EXPECT_EQ(kept.candidates.at(0).probability, .9);
  EXPECT_EQ(kept.rows_without_score, 1);
  EXPECT_FALSE(kept.prevalence);
  EXPECT_THAT(kept.notes, ElementsAre(HasSubstr("does not say how its logits become probabilities")));
  EXPECT_THAT(message([&] { (void)list({.prevalence = .01}); }), HasSubstr("--model"));
}

TEST_F(Candidates, AreChosenByAThresholdOrItsName) {
  sky_table();
  about("s.csv", About{.thresholds = {{"f1", 2, "validation"}}});
  EXPECT_THAT(ids(list({.threshold = "1"})), ElementsAre("e", "a", "b", "c"));
  EXPECT_THAT(ids(list({.threshold = "f1"})), ElementsAre("e", "a", "b"));
  EXPECT_THAT(ids(list({.threshold = "f1", .top = 2})), ElementsAre("e", "a"));
  EXPECT_THAT(message([&] { (void)list({.threshold = "f2"}); }), HasSubstr("one of f1"));
}

TEST_F(Candidates, OfOnePlaceAreOne) {
  sky_table();
  const CandidateList one = list({.top = 3, .collapse_arcsec = 1.5});
  EXPECT_THAT(ids(one), ElementsAre("e", "a", "d"));  // chains count: c is 2 arcsec from a
  EXPECT_THAT(one.candidates[1].also, ElementsAre("b", "c"));
  EXPECT_THAT(one.columns, ElementsAre("mag"));
  EXPECT_THAT(one.candidates[1].values, ElementsAre("20"));
  EXPECT_THAT(ids(list({.collapse_arcsec = .5})), ElementsAre("e", "a", "b", "c", "d"));
  write_candidates(folder_ / "out.csv", one);
  EXPECT_EQ(table("out.csv"),
            "rank,id,logit,probability,ra,dec,known,separation_arcsec,detections,also,mag\n"
            "1,e,9,0.9,,,,,1,,18\n2,a,3,0.3,10,60,,,3,b c,20\n3,d,0.5,0.05,200,-5,,,1,,22\n");
}

TEST_F(Candidates, NearAKnownLensAreTagged) {
  sky_table();
  // Half an arcsec east at declination 60: 1 arcsec of right ascension.
  text("known.csv", "name,ra,dec\nfar,10.01,60\nnear,10.000277777778,60\n");
  const CandidateList tagged = list({.known = folder_ / "known.csv", .known_radius_arcsec = .6});
  EXPECT_EQ(tagged.candidates[1].id, "a");
  EXPECT_EQ(tagged.candidates[1].known, "near");
  EXPECT_NEAR(tagged.candidates[1].separation_arcsec, .5, 1e-6);
  EXPECT_EQ(tagged.candidates[2].known, "");
  text("s.csv", "id,logit\na,1\n");
  EXPECT_THAT(message([&] { (void)list({.known = folder_ / "known.csv"}); }), HasSubstr("no positions"));
}

/// Pictures of FITS files whose axes are known: 6 x 6 pixels of half an arcsec, north to the left and east where rows begin.
class CandidatePictures : public Candidates {
 protected:
  void turned(const std::string& name) const {
    image::Image image{image::ImageShape{1, 6, 6}};
    image.at(0, 0, 0) = 7;
    const double step = .5 / 3600;
    image::write_fits(folder_ / name, image.view(),
                      {{"CTYPE1", "RA---TAN", ""},
                       {"CTYPE2", "DEC--TAN", ""},
                       {"CRVAL1", 30.0, ""},
                       {"CRVAL2", 10.0, ""},
                       {"CRPIX1", 3.5, ""},
                       {"CRPIX2", 3.5, ""},
                       {"CD1_1", 0.0, ""},
                       {"CD1_2", -step, ""},  // one more row goes west
                       {"CD2_1", -step, ""},  // one more column goes south
                       {"CD2_2", 0.0, ""},
                       {"FILTER", "r", ""}});
  }
};

TEST_F(CandidatePictures, HaveNorthUpAndEastLeft) {
  fs::create_directories(folder_ / "in");
  turned("in/a.fits");
  text("s.csv", "id,logit\na,1\nmissing,0\n");
  CandidateList found = list({});
  const auto pictures = candidate_pictures(found, {.images = {folder_ / "in"}});
  ASSERT_TRUE(pictures[0]);
  EXPECT_FALSE(pictures[1]);
  EXPECT_TRUE(pictures[0]->north_up);
  EXPECT_NEAR(*pictures[0]->pixel_scale_arcsec, .5, 1e-6);
  // Row 0 is the eastmost, column 0 the northmost: up and left, and row 5 is drawn at the top.
  EXPECT_EQ(pictures[0]->image.at(0, 5, 0), 7);
  EXPECT_THAT(pictures[0]->facts.names, ElementsAre("r"));
  ASSERT_TRUE(found.candidates[0].position);
  EXPECT_NEAR(found.candidates[0].position->ra_deg, 30, 1e-9);
  EXPECT_NEAR(found.candidates[0].position->dec_deg, 10, 1e-9);
}

TEST_F(CandidatePictures, AreCutFromFieldsByPosition) {
  turned("field.fits");
  text("s.csv", "id,logit,ra,dec\na,1,30,10\nfar,0,31,10\n");
  CandidateList found = list({});
  const auto pictures = candidate_pictures(found, {.fields = {folder_ / "field.fits"}, .size = 6});
  ASSERT_TRUE(pictures[0]);
  EXPECT_FALSE(pictures[1]);
  EXPECT_EQ(pictures[0]->image.shape(), (image::ImageShape{1, 6, 6}));
  EXPECT_EQ(pictures[0]->image.at(0, 5, 0), 7);
}

}  // namespace
}  // namespace lensfind::score
