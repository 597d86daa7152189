#include <cmath>
#include <fstream>
#include <regex>

#include "lensfind/base/atomic_file.h"
#include "lensfind/base/csv.h"
#include "lensfind/base/fields.h"
#include "lensfind/base/random.h"
#include "lensfind/base/value.h"
#include "lensfind/image/fits.h"
#include "lensfind/image/npy.h"
#include "lensfind/model/model.h"
#include "lensfind/network/initialise.h"
#include "lensfind/network/networks.h"
#include "lensfind/network/weights.h"
#include "program.h"

namespace {

using program::lines_of;
using program::Program;
using program::run;
using program::text_of;
using ::testing::HasSubstr;
namespace fs = std::filesystem;

/// A small network with first weights and a made-up calibration, and FITS cutouts with coordinates.
class CandidatesOfScores : public Program {
 protected:
  void SetUp() override {
    Program::SetUp();
    const lensfind::network::Graph graph = lensfind::network::build_network("student", 1, 64, 2);
    lensfind::network::write_safetensors(at("w.safetensors"), lensfind::network::initialise(graph, 2));
    const auto made = run({"import", "--network", "student", "--weights", at("w.safetensors"), "--bands", "1", "--out", at("model")});
    ASSERT_EQ(made.status, 0) << made.err;
    lensfind::Value model = lensfind::read_json(folder_ / "model/model.json");
    const lensfind::evaluate::Calibration calibration{.slope = 2, .intercept = 1, .prevalence = .3, .lenses = 50, .nonlenses = 100};
    const std::vector<lensfind::evaluate::OperatingPoint> thresholds{{"f1", -1e6, "validation"}};
    model.set("calibration", lensfind::write_fields(calibration)).set("thresholds", lensfind::model::to_json_value(thresholds));
    lensfind::write_file(folder_ / "model/model.json", lensfind::to_json(model));
    fs::create_directories(folder_ / "in");
    for (int i = 0; i < 6; ++i) write_cutout(i);
  }
  void write_cutout(int number) const {
    lensfind::image::Image image{lensfind::image::ImageShape{1, 64, 64}};
    lensfind::RandomStream random{static_cast<std::uint64_t>(number), lensfind::Purpose::test};
    for (float& value : image.values()) value = static_cast<float>(random.normal(0, 1));
    const double step = .2 / 3600;
    lensfind::image::write_fits(folder_ / "in" / ("g" + std::to_string(number) + ".fits"), image.view(),
                                {{"CTYPE1", "RA---TAN", ""},
                                 {"CTYPE2", "DEC--TAN", ""},
                                 {"CRVAL1", 150.0 + number, ""},
                                 {"CRVAL2", -2.5, ""},
                                 {"CRPIX1", 32.5, ""},
                                 {"CRPIX2", 32.5, ""},
                                 {"CDELT1", -step, ""},
                                 {"CDELT2", step, ""}});
  }
  void score(const std::string& name) const {
    const auto scored = run({"score", at("model"), at("in"), "--out", at(name), "--precision", "f32"});
    ASSERT_EQ(scored.status, 0) << scored.err;
    EXPECT_THAT(scored.out, HasSubstr("probabilities are for a fraction of 0.001 lenses among the objects"));
    EXPECT_THAT(scored.out, HasSubstr("is not known"));  // an imported model says nothing of its training images
  }
  std::vector<double> column(const std::string& table, const char* name) const {
    lensfind::CsvReader rows{folder_ / table};
    std::vector<double> values;
    while (rows.next()) values.push_back(lensfind::parse_number(rows[rows.column(name)]).value());
    return values;
  }
};

TEST_F(CandidatesOfScores, ArePricedAgainAndShownWithTheirPictures) {
  score("s.csv");
  const auto chosen = run({"candidates", at("s.csv"), "--top", "3", "--prevalence", "0.2", "--images", at("in"), "--out", at("best")});
  ASSERT_EQ(chosen.status, 0) << chosen.err;
  EXPECT_THAT(chosen.out, HasSubstr("3 candidates of 6 objects, the best"));
  EXPECT_THAT(chosen.out, HasSubstr("for a fraction of 0.2 lenses"));
  const std::vector<double> logits = column("best/candidates.csv", "logit"), probabilities = column("best/candidates.csv", "probability");
  ASSERT_EQ(logits.size(), 3u);
  EXPECT_GE(logits[0], logits[1]);
  for (std::size_t i = 0; i < 3; ++i) {
    const double odds = std::exp(2 * logits[i] + 1) * .2 / .8;
    EXPECT_NEAR(probabilities[i], odds / (1 + odds), 1e-5);
  }
  EXPECT_NEAR(column("best/candidates.csv", "dec")[0], -2.5, 1e-9);  // of the cutout's own header
  const std::string page = text_of(folder_ / "best/candidates.html");
  EXPECT_THAT(page, HasSubstr("https://www.legacysurvey.org/viewer?ra=15"));
  EXPECT_THAT(page, HasSubstr("aladin.cds.unistra.fr/AladinLite/?target=15"));
  EXPECT_THAT(page, HasSubstr("simbad.cds.unistra.fr/simbad/sim-coo?Coord=15"));
  EXPECT_THAT(page, HasSubstr("class=\"scale\""));
  EXPECT_FALSE(std::regex_search(page, std::regex{R"((src|<link[^>]*href)\s*=\s*["']?https?://)"}));  // links only, nothing is loaded
  EXPECT_THAT(program::temporaries_in(folder_), ::testing::IsEmpty());
}

TEST_F(CandidatesOfScores, StandOnThePageOfTheRunAsOnAMapOfTheSky) {
  const auto scored = run({"score", at("model"), at("in"), "--out", at("s.csv"), "--top", "2"});
  ASSERT_EQ(scored.status, 0) << scored.err;
  const std::string page = text_of(folder_ / "s.top.html");
  EXPECT_THAT(page, HasSubstr("class=\"north\""));
  EXPECT_THAT(page, HasSubstr("class=\"scale\""));
  EXPECT_THAT(page, HasSubstr("https://www.legacysurvey.org/viewer?ra=15"));
  EXPECT_THAT(page, HasSubstr("for a fraction of 0.001 lenses"));
}

TEST_F(CandidatesOfScores, ComeFromFitsTablesAndFromTheirOwnTablesAgain) {
  score("s.fits");
  const auto all = run({"candidates", at("s.fits"), "--threshold", "f1", "--out", at("all"), "--json"});
  ASSERT_EQ(all.status, 0) << all.err;
  EXPECT_EQ(lensfind::parse_json(all.out, "stdout").at("candidates").as_integer(), 6);
  const auto again = run({"candidates", at("all/candidates.csv"), "--top", "2", "--prevalence", "0.5", "--out", at("again")});
  ASSERT_EQ(again.status, 0) << again.err;
  const double odds = std::exp(2 * column("again/candidates.csv", "logit")[0] + 1);
  EXPECT_NEAR(column("again/candidates.csv", "probability")[0], odds / (1 + odds), 1e-5);
  const auto refused = run({"candidates", at("s.fits"), "--out", at("all")});
  EXPECT_EQ(refused.status, 1);
  EXPECT_THAT(refused.err, HasSubstr("--overwrite"));
}

TEST_F(CandidatesOfScores, OfAnybodysTableTakeAModelsCalibration) {
  std::ofstream{folder_ / "t.csv"} << "objid,score\n7,0.5\n8,1.5\n";
  const auto chosen = run({"candidates", at("t.csv"), "--model", at("model"), "--prevalence", "0.01", "--out", at("t")});
  ASSERT_EQ(chosen.status, 0) << chosen.err;
  EXPECT_EQ(lines_of(folder_ / "t/candidates.csv")[0], "rank,id,logit,probability,ra,dec,known,separation_arcsec,detections,also");
  const double odds = std::exp(4.0) * .01 / .99;
  EXPECT_NEAR(column("t/candidates.csv", "probability")[0], odds / (1 + odds), 1e-6);
  EXPECT_EQ(run({"candidates", at("t.csv"), "--prevalence", "nan", "--out", at("u")}).status, 2);
  EXPECT_THAT(run({"candidates", "--help"}).out, HasSubstr("Nothing is scored again"));
}

}  // namespace
