#include <csignal>
#include <fstream>

#include "lensfind/image/npy.h"
#include "program.h"

namespace {

using program::lines_of;
using program::Program;
using program::run;
using program::text_of;
using ::testing::HasSubstr;
namespace fs = std::filesystem;

class Simulate : public Program {
 protected:
  std::vector<std::string> set(const std::string& out, std::vector<std::string> more = {}) const {
    std::vector<std::string> words{"simulate", at(out),       "--survey", "hsc",           "--scaling", "minmax",           "--lenses",
                                   "6",        "--nonlenses", "9",        "--test-lenses", "2",         "--test-nonlenses", "3"};
    words.insert(words.end(), more.begin(), more.end());
    return words;
  }
};

TEST_F(Simulate, LeavesTheDeepLenseLayoutWithTruth) {
  const auto result = run(set("set"));
  ASSERT_EQ(result.status, 0) << result.err;
  for (const char* file : {"train_lenses/6.npy", "train_nonlenses/9.npy", "test_lenses/2.npy", "test_nonlenses/3.npy", "simulation.toml"}) {
    EXPECT_TRUE(fs::exists(folder_ / "set" / file)) << file;
  }
  EXPECT_EQ(lines_of(folder_ / "set" / "truth.csv").size(), 21u);
  const lensfind::image::Image image = lensfind::image::read_npy(folder_ / "set" / "train_lenses" / "1.npy");
  EXPECT_EQ(image.shape(), (lensfind::image::ImageShape{3, 64, 64}));
}

TEST_F(Simulate, GivesTheSameBytesForAnyNumberOfThreads) {
  ASSERT_EQ(run(set("one", {"--threads", "1", "--seed", "5"})).status, 0);
  ASSERT_EQ(run(set("two", {"--threads", "2", "--seed", "5"})).status, 0);
  ASSERT_EQ(run(set("other", {"--seed", "6"})).status, 0);
  for (const auto& entry : fs::recursive_directory_iterator{folder_ / "one"}) {
    if (entry.path().extension() != ".npy" && entry.path().filename() != "truth.csv") continue;
    const fs::path name = fs::relative(entry.path(), folder_ / "one");
    EXPECT_EQ(text_of(entry.path()), text_of(folder_ / "two" / name)) << name;
    EXPECT_NE(text_of(entry.path()), text_of(folder_ / "other" / name)) << name;
  }
}

TEST_F(Simulate, RefusesAnExistingFolderAndAnUnknownSurvey) {
  fs::create_directories(folder_ / "set");
  auto result = run(set("set"));
  EXPECT_EQ(result.status, 1);
  EXPECT_THAT(result.err, HasSubstr("exists already"));
  EXPECT_THAT(result.err, HasSubstr("--overwrite"));
  result = run({"simulate", at("x"), "--survey", "hcs", "--lenses", "1", "--nonlenses", "1"});
  EXPECT_EQ(result.status, 1);
  EXPECT_THAT(result.err, HasSubstr("hsc"));
  EXPECT_FALSE(fs::exists(folder_ / "x"));
}

TEST_F(Simulate, KilledAnywhereCompletesToTheSameBytes) {
  const auto words = [&](const std::string& out, const std::string& threads) {
    return std::vector<std::string>{
        "simulate",  at(out),    "--survey", "hsc",         "--scaling", "minmax", "--size",
        "32",        "--lenses", "150",      "--nonlenses", "150",       "--set",  "population.nonlens_magnitudes=counts",
        "--threads", threads};
  };
  std::vector<std::string> big = words("killed", "2");
  const auto some_are_made = [&] {
    std::error_code status;
    const auto made = fs::directory_iterator{folder_ / "killed" / "train_lenses", status};
    return std::distance(begin(made), end(made)) > 20;
  };
  EXPECT_EQ(program::run_and_kill(big, some_are_made).status, 128 + SIGKILL);
  for (const auto& entry : fs::recursive_directory_iterator{folder_}) {
    if (entry.path().extension() == ".npy") {
      EXPECT_EQ(fs::file_size(entry.path()), 128u + 3 * 32 * 32 * 4) << entry.path();
    }
  }
  // Whether the kill falls into the writing of a cutout is chance; this one surely did, by a process that is no more.
  std::ofstream{folder_ / "killed" / "train_nonlenses" / "7.npy.tmp-999999999-3"} << "half a cutout";
  big.emplace_back("--resume");
  auto result = run(big);
  ASSERT_EQ(result.status, 0) << result.err;
  ASSERT_EQ(run(words("whole", "1")).status, 0);
  int compared = 0;
  for (const auto& entry : fs::recursive_directory_iterator{folder_ / "whole"}) {
    if (!entry.is_regular_file() || entry.path().extension() == ".toml") continue;
    EXPECT_EQ(text_of(entry.path()), text_of(folder_ / "killed" / fs::relative(entry.path(), folder_ / "whole"))) << entry.path();
    ++compared;
  }
  EXPECT_EQ(compared, 302);  // a file each, truth.csv and the mark
  EXPECT_THAT(program::temporaries_in(folder_ / "killed"), ::testing::IsEmpty());
}

TEST_F(Program, ExitsWithTwoOnWrongUsageAndHelpsWithZero) {
  EXPECT_EQ(run({}).status, 2);
  EXPECT_EQ(run({"score"}).status, 2);
  const auto unknown = run({"smiulate"});
  EXPECT_EQ(unknown.status, 2);
  EXPECT_THAT(unknown.err, HasSubstr("did you mean `simulate`?"));
  EXPECT_THAT(run({"--help"}).out, HasSubstr("lensfind demo"));
  EXPECT_THAT(run({"--version"}).out, HasSubstr("lensfind "));
  for (const char* command :
       {"demo", "simulate", "render", "check", "import", "evaluate", "compare", "score", "export", "networks", "doctor"}) {
    const auto help = run({command, "--help"});
    EXPECT_EQ(help.status, 0) << command;
    EXPECT_THAT(help.out, HasSubstr("--threads")) << command;
  }
}

TEST_F(Program, DoctorAndNetworksSayWhatThereIs) {
  const auto doctor = run({"doctor"});
  EXPECT_EQ(doctor.status, 0);
  EXPECT_THAT(doctor.out, HasSubstr("OpenVINO"));
  const auto networks = run({"networks"});
  EXPECT_THAT(networks.out, HasSubstr("11,177,538"));  // timm's resnet18 with 2 outputs (reference/networks/resnet18.json)
}

TEST_F(Simulate, MeasuresASurveyOfItsOwnImagesAndSimulatesByIt) {
  ASSERT_EQ(run({"simulate", at("seen"), "--survey", "cfhtls", "--nonlenses", "30", "--size", "96", "--format", "fits", "--set",
                 "population.star_density_arcmin2=60", "--threads", "1"})
                .status,
            0);
  const auto measured = run({"survey", "measure", at("seen"), "--out", at("mine.toml")});
  ASSERT_EQ(measured.status, 0) << measured.err;
  EXPECT_THAT(measured.out, HasSubstr("stars)"));
  EXPECT_THAT(measured.out, HasSubstr("0.186 arcsec a pixel"));
  EXPECT_THAT(text_of(folder_ / "mine.toml"), HasSubstr("output_zero_point = [30.0000, 30.0000, 30.0000]"));
  const auto made = run({"simulate", at("alike"), "--survey", at("mine.toml"), "--lenses", "1", "--nonlenses", "1"});
  EXPECT_EQ(made.status, 0) << made.err;
  EXPECT_EQ(run({"survey", "measure", at("seen"), "--out", at("mine.toml")}).status, 1);  // it is there already
}

TEST_F(Simulate, SurveyRefusesWhatCannotBeMeasured) {
  ASSERT_EQ(run(set("set")).status, 0);
  auto result =
      run({"survey", "measure", at("set"), "--band", "g", "--band", "r", "--band", "i", "--pixel-scale", "0.168", "--out", at("x.toml")});
  EXPECT_EQ(result.status, 1);
  EXPECT_THAT(result.err, HasSubstr("scaled to [0, 1]"));
  EXPECT_FALSE(fs::exists(folder_ / "x.toml"));
  EXPECT_EQ(run({"survey", "measure", at("nothing")}).status, 1);
  EXPECT_EQ(run({"survey", "gauge"}).status, 2);
}

TEST_F(Simulate, SurveyShowPrintsAnInstalledOne) {
  const auto result = run({"survey", "show", "cfhtls"});
  ASSERT_EQ(result.status, 0) << result.err;
  EXPECT_THAT(result.out, HasSubstr("moffat_beta = 2.8"));
  EXPECT_EQ(run({"survey", "show", "no-such"}).status, 1);
}

}  // namespace
