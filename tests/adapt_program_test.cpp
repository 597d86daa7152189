#ifdef LENSFIND_WITH_TRAIN

#include <algorithm>
#include <cmath>
#include <fstream>
#include <set>

#include <fmt/format.h>

#include "lensfind/base/csv.h"
#include "lensfind/base/random.h"
#include "lensfind/base/value.h"
#include "lensfind/image/npy.h"
#include "lensfind/network/weights.h"
#include "program.h"

namespace {

using program::lines_of;
using program::Program;
using program::run;
using program::text_of;
using ::testing::HasSubstr;
namespace fs = std::filesystem;

/// Cutouts of noise in which lenses have a square; a model trained on bright squares, and images on which they are faint and beside a
/// slope.
class AdaptProgram : public Program {
 protected:
  void SetUp() override {
    Program::SetUp();
    write("set/train_lenses", 60, {.square = 2, .seed = 1});
    write("set/train_nonlenses", 120, {.seed = 1000});
    const auto made = run({"train", "--recipe", "student", "--data", at("set"), "--out", at("model"), "--set", "epochs=6", "--set",
                           "batch=16", "--threads", "1"});
    ASSERT_EQ(made.status, 0) << made.err;
    write("images/a", 24, {.square = .5F, .seed = 2000});
    write("images/b", 36, {.bar = 1, .seed = 3000});
    write("images/more", 60, {.bar = 1, .seed = 4000});
    std::ofstream labels{folder_ / "labels.csv"};
    labels << "id,label\n";
    for (int i = 1; i <= 24; ++i) labels << "a/" << i << ",1\n";
    for (int i = 1; i <= 36; ++i) labels << "b/" << i << ",0\n";
  }

  struct Look {
    float square = 0, bar = 0;
    std::uint64_t seed = 0;
  };
  void write(const std::string& folder, int count, Look look) const {
    fs::create_directories(folder_ / folder);
    for (int i = 1; i <= count; ++i) {
      lensfind::image::Image image{lensfind::image::ImageShape{1, 32, 32}};
      lensfind::RandomStream random{look.seed + static_cast<std::uint64_t>(i), lensfind::Purpose::test};
      for (int row = 0; row < 32; ++row) {
        for (int column = 0; column < 32; ++column) {
          const bool in_square = row >= 8 && row < 20 && column >= 8 && column < 20;
          const bool in_bar = row >= 13 && row < 19 && column >= 4 && column < 28;
          image.at(0, row, column) = static_cast<float>(random.uniform()) + (in_square ? look.square : 0) + (in_bar ? look.bar : 0);
        }
      }
      lensfind::image::write_npy(folder_ / folder / fmt::format("{}.npy", i), image.view());
    }
  }

  [[nodiscard]] std::vector<std::string> adapt(const std::string& out, const std::vector<std::string>& more = {}) const {
    std::vector<std::string> words{"adapt", at("model"), "--images", at("images"), "--labels", at("labels.csv"), "--out",
                                   at(out), "--epochs",  "8",        "--rates",    "3e-3",     "--threads",      "1"};
    words.insert(words.end(), more.begin(), more.end());
    return words;
  }
  [[nodiscard]] std::vector<std::string> changed(const std::string& option, const std::string& value) const {
    std::vector<std::string> words = adapt("out");
    *(std::ranges::find(words, option) + 1) = value;
    return words;
  }
};

TEST_F(AdaptProgram, GainsOnShiftedImages) {
  const auto made = run(adapt("better", {"--steps", "statistics,labels"}));
  ASSERT_EQ(made.status, 0) << made.err;
  const lensfind::Value report = lensfind::read_json(folder_ / "better/adapt.json");
  const lensfind::Value& auc = report.at("whole").at("auc");
  EXPECT_GT(auc.at("gain").at("value").as_number(), .03) << text_of(folder_ / "better/adapt.md");
  EXPECT_NEAR(auc.at("after").as_number() - auc.at("before").as_number(), auc.at("gain").at("value").as_number(), 1e-9);
  EXPECT_EQ(report.at("steps").as_array().size(), 2U);
  EXPECT_EQ(report.at("unlabelled").as_integer(), 60);
  EXPECT_EQ(lines_of(folder_ / "better/adapt.csv").size(), 4U);
  EXPECT_EQ(lensfind::read_json(folder_ / "better/model.json").at("provenance").at("made_by").as_string(), "lensfind adapt");
  EXPECT_FALSE(fs::exists(folder_ / "better/steps"));

  // Other images of the same kind, which nobody saw.
  write("fresh/test_lenses", 60, {.square = .5F, .seed = 50000});
  write("fresh/test_nonlenses", 60, {.bar = 1, .seed = 60000});
  const auto compared = run({"compare", at("better"), at("model"), "--data", at("fresh"), "--out", at("compared"), "--json"});
  ASSERT_EQ(compared.status, 0) << compared.err;
  const auto rows = lines_of(folder_ / "compared/differences.csv");
  const auto row = std::ranges::find_if(rows, [](const std::string& line) { return line.starts_with("auc,better,model,"); });
  ASSERT_NE(row, rows.end());
  EXPECT_GT(std::stod(row->substr(std::string{"auc,better,model,"}.size())), 0);
}

TEST_F(AdaptProgram, SaysTheDifferenceThatCompareSays) {
  ASSERT_EQ(run(adapt("better", {"--steps", "head"})).status, 0);
  std::ofstream before{folder_ / "before.csv"}, after{folder_ / "after.csv"};
  before << "id,label,logit\n";
  after << "id,label,logit\n";
  lensfind::CsvReader rows{folder_ / "better/held_out.csv"};
  while (rows.next()) {
    before << rows[rows.column("id")] << ',' << rows[rows.column("label")] << ',' << rows[rows.column("before")] << '\n';
    after << rows[rows.column("id")] << ',' << rows[rows.column("label")] << ',' << rows[rows.column("after")] << '\n';
  }
  before.close();
  after.close();
  const auto compared = run({"compare", "--scores", at("after.csv"), at("before.csv"), "--out", at("compared")});
  ASSERT_EQ(compared.status, 0) << compared.err;
  const lensfind::Value gain = lensfind::read_json(folder_ / "better/adapt.json").at("whole").at("auc").at("gain");
  ASSERT_NE(gain.at("value").as_number(), 0) << "nothing was changed: the test says nothing";
  lensfind::CsvReader differences{folder_ / "compared/differences.csv"};
  ASSERT_TRUE(differences.next());
  ASSERT_EQ(differences[differences.column("figure")], "auc");
  for (const char* column : {"low", "high"})
    EXPECT_NEAR(lensfind::parse_number(differences[differences.column(column)]).value(), gain.at(column).as_number(), 1e-9) << column;
  EXPECT_NEAR(lensfind::parse_number(differences[differences.column("difference")]).value(), gain.at("value").as_number(), 1e-9);
}

TEST_F(AdaptProgram, WithoutLabelsJudgesNothingAndSaysSo) {
  const auto made = run({"adapt", at("model"), "--images", at("images"), "--out", at("better"), "--threads", "1"});
  ASSERT_EQ(made.status, 0) << made.err;
  EXPECT_THAT(made.out, HasSubstr("nothing was judged"));
  EXPECT_THAT(made.err, HasSubstr("without labels nothing can be judged"));
  const lensfind::Value report = lensfind::read_json(folder_ / "better/adapt.json");
  EXPECT_FALSE(report.at("judged").as_bool());
  ASSERT_EQ(report.at("steps").as_array().size(), 1U);
  EXPECT_EQ(report.at("steps").as_array().front().at("outcome").as_string(), "not judged");
}

TEST_F(AdaptProgram, KeepsNoStepThatGainsNothing) {
  // A rate at which no weight moves.
  std::vector<std::string> words = changed("--rates", "1e-12");
  words.insert(words.end(), {"--steps", "labels"});
  *(std::ranges::find(words, "--epochs") + 1) = "1";
  ASSERT_EQ(run(words).status, 0);
  const lensfind::Value report = lensfind::read_json(folder_ / "out/adapt.json");
  EXPECT_EQ(report.at("steps").as_array().front().at("outcome").as_string(), "not kept");
  EXPECT_EQ(report.at("whole").at("auc").at("gain").at("value").as_number(), 0);
  EXPECT_EQ(text_of(folder_ / "out/model.safetensors"), text_of(folder_ / "model/model.safetensors"));
}

TEST_F(AdaptProgram, FitsTheLastLayerAndLeavesTheOthersAsTheyWere) {
  const auto made = run(adapt("out", {"--steps", "head"}));
  ASSERT_EQ(made.status, 0) << made.err;
  const lensfind::Value report = lensfind::read_json(folder_ / "out/adapt.json");
  EXPECT_EQ(report.at("steps").as_array().front().at("outcome").as_string(), "kept") << text_of(folder_ / "out/adapt.md");
  EXPECT_EQ(lensfind::read_json(folder_ / "out/model.json").at("provenance").at("steps").at("head").at("ridge").as_number(), 30);
  const auto before = lensfind::network::read_safetensors(folder_ / "model/model.safetensors"),
             after = lensfind::network::read_safetensors(folder_ / "out/model.safetensors");
  std::vector<std::string> other;
  for (const auto& [name, array] : before)
    if (after.at(name).values != array.values) other.push_back(name);
  EXPECT_EQ(other.size(), 2u) << "the last layer's weight and bias";

  // On other images of the same kind, which nobody saw.
  write("fresh/test_lenses", 80, {.square = .5F, .seed = 50000});
  write("fresh/test_nonlenses", 80, {.bar = 1, .seed = 60000});
  const auto compared = run({"compare", at("out"), at("model"), "--data", at("fresh"), "--out", at("compared")});
  ASSERT_EQ(compared.status, 0) << compared.err;
  const auto rows = lines_of(folder_ / "compared/differences.csv");
  const auto row = std::ranges::find_if(rows, [](const std::string& line) { return line.starts_with("auc,out,model,"); });
  ASSERT_NE(row, rows.end());
  EXPECT_GT(std::stod(row->substr(std::string{"auc,out,model,"}.size())), 0);
}

TEST_F(AdaptProgram, OfMeansOverTheSymmetriesScoresSoByItself) {
  std::vector<std::string> words = changed("--rates", "1e-12");
  words.insert(words.end(), {"--steps", "labels", "--tta"});
  *(std::ranges::find(words, "--epochs") + 1) = "1";
  const auto made = run(words);
  ASSERT_EQ(made.status, 0) << made.err;
  const auto scores = [&](const std::string& model, const std::vector<std::string>& more) {
    std::vector<std::string> score{"score",       at(model), at("images/a"), "--out", at(model + ".csv"),
                                   "--precision", "f32",     "--threads",    "1",     "--overwrite"};
    score.insert(score.end(), more.begin(), more.end());
    EXPECT_EQ(run(score).status, 0);
    std::vector<double> logits;
    lensfind::CsvReader rows{folder_ / (model + ".csv")};
    while (rows.next()) logits.push_back(lensfind::parse_number(rows[rows.column("logit")]).value());
    return logits;
  };
  const std::vector<double> plain = scores("model", {}), given = scores("model", {"--tta"}), adapted = scores("out", {});
  ASSERT_EQ(given.size(), 24u);
  for (std::size_t i = 0; i < given.size(); ++i) EXPECT_NEAR(adapted[i], given[i], 1e-4);
  // What was judged is that too: of the first 24 rows these images.
  const auto expect_judged_so = [&](double tolerance) {
    double from_plain = 0;
    lensfind::CsvReader rows{folder_ / "out/held_out.csv"};
    for (std::size_t i = 0; i < given.size(); ++i) {
      ASSERT_TRUE(rows.next());
      if (rows[rows.column("id")] == fmt::format("a/{}", i + 1)) {
        const double before = lensfind::parse_number(rows[rows.column("before")]).value();
        EXPECT_NEAR(before, given[i], tolerance);
        from_plain = std::max(from_plain, std::abs(before - plain[i]));
      }
    }
    EXPECT_GT(from_plain, 4 * tolerance);
  };
  expect_judged_so(1e-3);
  // Of a model that scores so by itself, without being asked; its weights are rounded to 16 bits.
  ASSERT_EQ(run({"export", at("model"), "--packed", "--tta", "--out", at("mean")}).status, 0);
  words.erase(std::ranges::find(words, "--tta"));
  *std::ranges::find(words, at("model")) = at("mean");
  words.push_back("--overwrite");
  const auto again = run(words);
  ASSERT_EQ(again.status, 0) << again.err;
  expect_judged_so(4e-3);
}

TEST_F(AdaptProgram, DoubtfulLabelsTrainAndJudgeNothing) {
  std::ofstream labels{folder_ / "doubtful.csv"};
  labels << "id,label\n";
  for (int i = 1; i <= 24; ++i) labels << "a/" << i << (i <= 14 ? ",1\n" : ",0.7\n");
  for (int i = 1; i <= 36; ++i) labels << "b/" << i << ",0\n";
  labels.close();
  std::vector<std::string> words = changed("--labels", at("doubtful.csv"));
  words.insert(words.end(), {"--steps", "labels"});
  *(std::ranges::find(words, "--epochs") + 1) = "1";
  const auto made = run(words);
  ASSERT_EQ(made.status, 0) << made.err;
  EXPECT_THAT(made.err, HasSubstr("10 labels are doubtful: their images train, and judge nothing"));
  EXPECT_EQ(lines_of(folder_ / "out/held_out.csv").size(), 51u);
  EXPECT_EQ(lines_of(folder_ / "out/split.csv").size(), 61u);
  std::ofstream{folder_ / "doubtful.csv", std::ios::app} << "more/1,1.2\n";
  fs::remove_all(folder_ / "out");
  const auto wrong = run(words);
  EXPECT_EQ(wrong.status, 1);
  EXPECT_THAT(wrong.err, HasSubstr("the label is `1.2`"));
}

TEST_F(AdaptProgram, SaysWhatIsWrongWithLabels) {
  const auto strange = folder_ / "strange.csv";
  std::ofstream{strange} << "id,label\nnobody,1\n";
  const auto unmatched = run(changed("--labels", strange.string()));
  EXPECT_EQ(unmatched.status, 1);
  EXPECT_THAT(unmatched.err, HasSubstr("none of its 1 ids is an image here"));
  EXPECT_THAT(unmatched.err, HasSubstr("hint:"));

  std::ofstream few{folder_ / "few.csv"};
  few << "id,label\n";
  for (int i = 1; i <= 24; ++i) few << "a/" << i << ",1\n";
  few << "b/1,0\nb/2,0\n";
  few.close();
  const auto too_few = run(changed("--labels", at("few.csv")));
  EXPECT_EQ(too_few.status, 1);
  EXPECT_THAT(too_few.err, HasSubstr("2 of the images are labelled as non-lenses; 10 of each class"));
  EXPECT_FALSE(fs::exists(folder_ / "out"));
}

TEST_F(AdaptProgram, RefusesWhatItCannotTrainOrRead) {
  ASSERT_EQ(run({"export", at("model"), "--out", at("model.onnx")}).status, 0);
  std::vector<std::string> onnx = adapt("out");
  onnx[1] = at("model.onnx");
  const auto no_network = run(onnx);
  EXPECT_EQ(no_network.status, 1);
  EXPECT_THAT(no_network.err, HasSubstr("cannot be trained further"));

  fs::create_directories(folder_ / "wide");
  lensfind::image::write_npy(folder_ / "wide/1.npy", lensfind::image::Image{lensfind::image::ImageShape{3, 32, 32}, 1}.view());
  const auto bands = run({"adapt", at("model"), "--images", at("wide"), "--out", at("out")});
  EXPECT_EQ(bands.status, 1);
  EXPECT_THAT(bands.err, HasSubstr("none of the images fits the model"));
  EXPECT_THAT(bands.err, HasSubstr("3 bands"));

  const auto no_step = run(adapt("out", {"--steps", "label"}));
  EXPECT_EQ(no_step.status, 1);
  EXPECT_THAT(no_step.err, HasSubstr("`label` is no step"));
}

TEST_F(AdaptProgram, ResumesAfterTheLastWholeStep) {
  const auto words_of = [&](const std::string& out) {
    std::vector<std::string> words = adapt(out, {"--steps", "statistics,labels"});
    *(std::ranges::find(words, "--epochs") + 1) = "2";
    return words;
  };
  const auto whole = run(words_of("whole"));
  ASSERT_EQ(whole.status, 0) << whole.err;
  const auto words = words_of("killed");
  program::run_and_kill(words, [&] { return fs::exists(folder_ / "killed/steps/statistics/step.json"); });
  ASSERT_FALSE(fs::exists(folder_ / "killed/model.json"));
  std::vector<std::string> again = words;
  again.emplace_back("--resume");
  const auto resumed = run(again);
  ASSERT_EQ(resumed.status, 0) << resumed.err;
  EXPECT_THAT(resumed.err, ::testing::Not(HasSubstr("statistics: take")));
  EXPECT_EQ(text_of(folder_ / "killed/held_out.csv"), text_of(folder_ / "whole/held_out.csv"));
}

}  // namespace

#endif
