#ifdef LENSFIND_WITH_TRAIN

#include <fstream>

#include <fmt/format.h>

#include "lensfind/base/csv.h"
#include "lensfind/base/value.h"
#include "lensfind/image/fits.h"
#include "lensfind/image/npy.h"
#include "program.h"

namespace {

using program::Program;
using program::run;
using program::text_of;
namespace fs = std::filesystem;

/// The same set in every format that `simulate` writes, in four bands of which a model takes three.
class SimulatedFormats : public Program {
 protected:
  void simulate(const std::string& format) const {
    const auto made = run({"simulate",
                           at(format),
                           "--survey",
                           "legacy",
                           "--format",
                           format,
                           "--size",
                           "32",
                           "--lenses",
                           "20",
                           "--nonlenses",
                           "20",
                           "--test-lenses",
                           "6",
                           "--test-nonlenses",
                           "6",
                           "--seed",
                           "3",
                           "--set",
                           "population.nonlens_magnitudes=counts"});
    ASSERT_EQ(made.status, 0) << made.err;
  }
  lensfind::Value trained_on(const std::string& format) const {
    const std::string out = "model_" + format;
    const auto trained =
        run({"train", "--recipe", "demo", "--data", at(format), "--out", at(out), "--set", "epochs=1", "--set", "network=student", "--set",
             "precision=f32", "--set", "scaling=none", "--set", "bands=[\"g\", \"r\", \"i\"]"});
    EXPECT_EQ(trained.status, 0) << trained.err;
    return lensfind::read_json(folder_ / out / "model.json");
  }
  std::vector<double> scores(const std::vector<std::string>& inputs) const {
    std::vector<std::string> words{"score", at("model_npy"), "--out", at("s.csv"), "--overwrite", "--precision", "f32"};
    words.insert(words.end(), inputs.begin(), inputs.end());
    const auto scored = run(words);
    EXPECT_EQ(scored.status, 0) << scored.err;
    std::vector<double> logits;
    lensfind::CsvReader table{folder_ / "s.csv"};
    while (table.next()) logits.push_back(lensfind::parse_number(table[table.column("logit")]).value());
    return logits;
  }
};

TEST_F(SimulatedFormats, AreTheSameToTrainingAndScoring) {
  for (const std::string format : {"npy", "stack", "fits"}) {
    simulate(format);
    const lensfind::Value model = trained_on(format);
    EXPECT_EQ(model.at("zero_point").as_number(), 22.5) << format;  // those of surveys/legacy.toml
    EXPECT_EQ(model.at("pixel_scale_arcsec").as_number(), .262) << format;
    EXPECT_EQ(model.at("bands").as_array().size(), 3u) << format;
  }
  EXPECT_EQ(text_of(folder_ / "model_npy/model.safetensors"), text_of(folder_ / "model_fits/model.safetensors"));
  // By hand: the first three bands, and the unit of flux told.
  fs::create_directories(folder_ / "by_hand");
  for (int i = 1; i <= 6; ++i) {
    const lensfind::image::Image four = lensfind::image::read_npy(folder_ / fmt::format("npy/test_lenses/{}.npy", i));
    lensfind::image::write_npy(folder_ / fmt::format("by_hand/{}.npy", i), lensfind::image::ImageView{{3, 32, 32}, four.band(0).data()});
  }
  const std::vector<double> right = scores({at("by_hand"), "--zero-point", "22.5"});
  ASSERT_EQ(right.size(), 6u);
  for (const std::string name : {"npy/test_lenses", "fits/test_lenses", "stack/test.npy"}) {
    const std::vector<double> logits = scores({at(name)});
    ASSERT_GE(logits.size(), right.size()) << name;
    for (std::size_t i = 0; i < right.size(); ++i) EXPECT_NEAR(logits[i], right[i], 1e-4) << name << " " << i;
  }
}

TEST_F(SimulatedFormats, AsFitsAreObjectsOfTheirOwnToMatching) {
  simulate("fits");
  ASSERT_EQ(run({"train", "--recipe", "demo", "--data", at("fits"), "--out", at("m"), "--set", "epochs=1", "--set", "network=student",
                 "--set", "precision=f32"})
                .status,
            0);
  ASSERT_EQ(run({"score", at("m"), at("fits"), "--out", at("s.csv"), "--precision", "f32"}).status, 0);
  // The places that the headers of two lenses give.
  std::ofstream known{folder_ / "known.csv"};
  known << "id,ra,dec\n";
  for (const int lens : {2, 5}) {
    const fs::path file = folder_ / fmt::format("fits/test_lenses/{}.fits", lens);
    known << fmt::format("{},{},{}\n", lens, lensfind::image::read_fits_number(file, "CRVAL1").value(),
                         lensfind::image::read_fits_number(file, "CRVAL2").value());
  }
  known.close();
  const auto matched = run({"match", at("s.csv"), "--known", at("known.csv"), "--radius", "1", "--top", "1000", "--out", at("m.csv")});
  ASSERT_EQ(matched.status, 0) << matched.err;
  lensfind::CsvReader table{folder_ / "m.known.csv"};
  for (const int lens : {2, 5}) {
    ASSERT_TRUE(table.next());
    EXPECT_EQ(table[table.column("outcome")], "recovered");
    EXPECT_EQ(table[table.column("best_id")], fmt::format("test_lenses/{}", lens));
  }
}

}  // namespace

#endif
