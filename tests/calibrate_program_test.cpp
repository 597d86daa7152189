#include <fstream>

#include <fmt/format.h>

#include "lensfind/base/random.h"
#include "lensfind/image/npy.h"
#include "program.h"

namespace {

using program::lines_of;
using program::Program;
using program::run;
using ::testing::AllOf;
using ::testing::HasSubstr;
namespace fs = std::filesystem;

/// A small network with first weights, and two sets of labelled noise.
class Calibrate : public Program {
 protected:
  void SetUp() override {
    Program::SetUp();
    ASSERT_EQ(program::import_student(folder_).status, 0);
    write_set("a", 0);
    write_set("b", 100);
  }

  void write_set(const std::string& name, std::uint64_t first) const {
    for (std::uint64_t i = 0; i < 20; ++i) {
      lensfind::image::Image image{lensfind::image::ImageShape{3, 32, 32}};
      lensfind::RandomStream random{first + i, lensfind::Purpose::test};
      for (float& value : image.values()) value = static_cast<float>(random.uniform());
      const fs::path path = folder_ / name / (i < 8 ? "test_lenses" : "test_nonlenses") / fmt::format("{}.npy", i);
      fs::create_directories(path.parent_path());
      lensfind::image::write_npy(path, image.view());
    }
  }

  /// The record as training would have left it.
  void turn_calibration_into_training(const std::string& model) const {
    std::string text = program::text_of(folder_ / model / "seen.csv");
    for (std::size_t at = text.find(",calibration"); at != std::string::npos; at = text.find(",calibration"))
      text.replace(at, 12, ",training");
    std::ofstream{folder_ / model / "seen.csv"} << text;
  }
};

TEST_F(Calibrate, RecordsWhatTheModelSawAndRefusesItAgain) {
  const auto made = run({"calibrate", at("model"), "--data", at("a"), "--out", at("run")});
  ASSERT_EQ(made.status, 0) << made.err;
  EXPECT_EQ(lines_of(folder_ / "run" / "seen.csv").size(), 21u);
  turn_calibration_into_training("run");

  // Half of the set under other names, among cutouts that are new.
  fs::copy(folder_ / "b", folder_ / "mixed", fs::copy_options::recursive);
  for (int i = 8; i < 18; ++i)
    fs::copy(folder_ / fmt::format("a/test_nonlenses/{}.npy", i), folder_ / fmt::format("mixed/test_nonlenses/x{}.npy", i));
  for (const auto& [data, said] : {std::pair{"a", "saw 20 of these 20"}, {"mixed", "saw 10 of these 30"}}) {
    for (const char* model : {"run", "run/model.onnx"}) {
      const auto refused = run({"calibrate", at(model), "--data", at(data), "--out", at("no")});
      EXPECT_EQ(refused.status, 1);
      EXPECT_THAT(refused.err, AllOf(HasSubstr(said), HasSubstr("to train"), HasSubstr("never saw")));
      EXPECT_FALSE(fs::exists(folder_ / "no"));
    }
  }
  EXPECT_EQ(run({"calibrate", at("run"), "--data", at("b"), "--out", at("again")}).status, 0);

  const auto warned = run({"evaluate", at("run"), "--data", at("mixed"), "--out", at("e")});
  EXPECT_EQ(warned.status, 0) << warned.err;
  EXPECT_THAT(warned.err, HasSubstr("saw 10 of these 30 cutouts before, 10 to train (the first: test_nonlenses/x8)"));
  EXPECT_THAT(program::text_of(folder_ / "e" / "report.html"), HasSubstr("saw 10 of these 30 cutouts before"));
}

TEST_F(Calibrate, ChoosesThresholdsForTargetsThenAndLater) {
  const auto made = run({"calibrate", at("model"), "--data", at("a"), "--out", at("run"), "--target", "recall=.5", "--prevalence", ".01"});
  ASSERT_EQ(made.status, 0) << made.err;
  EXPECT_THAT(made.out, HasSubstr("recall=0.5 at a prevalence of 0.01: purity "));
  EXPECT_THAT(program::text_of(folder_ / "run" / "model.json"), HasSubstr("\"recall=0.5\""));
  EXPECT_EQ(lines_of(folder_ / "run" / "validation.csv").size(), 21u);
  const auto tried = run({"evaluate", at("run"), "--data", at("b"), "--out", at("e"), "--target", "recall=.8", "--prevalence", ".01"});
  EXPECT_EQ(tried.status, 0) << tried.err;
  EXPECT_THAT(program::text_of(folder_ / "e" / "evaluation.json"), AllOf(HasSubstr("recall=0.5"), HasSubstr("recall=0.8")));
  const auto refused = run({"calibrate", at("model"), "--data", at("a"), "--out", at("other"), "--target", "recall=.5"});
  EXPECT_EQ(refused.status, 2);
}

TEST_F(Calibrate, TakesOptionsUnderTheirNamesOfBefore) {
  const auto made = run({"calibrate", at("model"), "--data", at("a"), "--out", at("run"), "--wish", "recall=.5", "--prevalence", ".01"});
  ASSERT_EQ(made.status, 0) << made.err;
  EXPECT_THAT(program::text_of(folder_ / "run" / "model.json"), HasSubstr("\"recall=0.5\""));
  EXPECT_THAT(run({"calibrate", "--help"}).out, AllOf(HasSubstr("--target"), ::testing::Not(HasSubstr("--wish"))));
}

TEST_F(Calibrate, GivesNoProbabilitiesWhereLensesDoNotScoreHigher) {
  // One of the two: the classes change places.
  fs::create_directories(folder_ / "turned");
  fs::copy(folder_ / "a/test_lenses", folder_ / "turned/test_nonlenses");
  fs::copy(folder_ / "a/test_nonlenses", folder_ / "turned/test_lenses");
  int without = 0;
  for (const std::string name : {"a", "turned"}) {
    const auto made = run({"calibrate", at("model"), "--data", at(name), "--out", at("of-" + name)});
    ASSERT_EQ(made.status, 0) << made.err;
    const bool warned = made.err.find("no probabilities") != std::string::npos;
    EXPECT_EQ(program::text_of(folder_ / ("of-" + name) / "model.json").find("\"calibration\": null") != std::string::npos, warned) << name;
    EXPECT_EQ(run({"score", at("of-" + name), at("b"), "--out", at(name + ".csv")}).status, 0) << name;
    without += warned ? 1 : 0;
  }
  EXPECT_EQ(without, 1);
}

TEST_F(Calibrate, AnEnsembleSawWhatItsMembersSaw) {
  ASSERT_EQ(run({"calibrate", at("model"), "--data", at("a"), "--out", at("one")}).status, 0);
  ASSERT_EQ(run({"calibrate", at("model"), "--data", at("b"), "--out", at("two")}).status, 0);
  turn_calibration_into_training("two");
  const auto together = run({"ensemble", at("one"), at("two"), "--out", at("both")});
  ASSERT_EQ(together.status, 0) << together.err;
  EXPECT_EQ(lines_of(folder_ / "both" / "seen.csv").size(), 41u);
  EXPECT_EQ(run({"calibrate", at("both"), "--data", at("b"), "--out", at("no")}).status, 1);
  // Calibration fits no weights: the same cutouts may calibrate the ensemble.
  EXPECT_EQ(run({"calibrate", at("both"), "--data", at("a"), "--out", at("yes")}).status, 0);
}

}  // namespace
