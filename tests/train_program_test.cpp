#ifdef LENSFIND_WITH_TRAIN

#include <algorithm>
#include <csignal>
#include <fstream>
#include <set>

#include <fmt/format.h>

#include "lensfind/base/value.h"
#include "program.h"

namespace {

using program::lines_of;
using program::Program;
using program::run;
using program::text_of;
using ::testing::HasSubstr;
namespace fs = std::filesystem;

/// Of small cutouts and with the smallest network: what is looked at is files, words and resuming.
class Train : public Program {
 protected:
  void SetUp() override {
    Program::SetUp();
    program::write_noise_set(folder_ / "set", {.train_lenses = 60, .train_nonlenses = 90, .test_lenses = 20, .test_nonlenses = 30});
  }

  std::vector<std::string> train(const std::string& out, std::vector<std::string> more = {}) const {
    std::vector<std::string> words{"train", "--recipe", "demo",  "--data",        at("set"), "--out",          at(out),
                                   "--set", "epochs=2", "--set", "precision=f32", "--set",   "network=student"};
    words.insert(words.end(), more.begin(), more.end());
    return words;
  }
};

TEST_F(Train, LeavesAModelThatEvaluatesComparesScoresAndExports) {
  const auto trained = run(train("run"));
  ASSERT_EQ(trained.status, 0) << trained.err;
  EXPECT_THAT(trained.err, HasSubstr("epoch"));
  for (const char* file : {"model.safetensors", "model.onnx", "model.json", "history.csv", "validation.csv", "recipe.toml"}) {
    EXPECT_TRUE(fs::exists(folder_ / "run" / file)) << file;
  }
  EXPECT_EQ(lines_of(folder_ / "run" / "history.csv").size(), 3u);

  const auto evaluated = run({"evaluate", at("run"), "--data", at("set"), "--out", at("report"), "--json"});
  ASSERT_EQ(evaluated.status, 0) << evaluated.err;
  const lensfind::Value figures = lensfind::parse_json(evaluated.out, "stdout");
  EXPECT_EQ(figures.at("counts").at("lenses").as_integer(), 20);
  EXPECT_EQ(figures.at("counts").at("nonlenses").as_integer(), 30);
  for (const char* file :
       {"scores.csv", "evaluation.json", "report.html", "figures/roc.svg", "figures/confusion.pdf", "figures/history.png"}) {
    EXPECT_TRUE(fs::exists(folder_ / "report" / file)) << file;
  }

  ASSERT_EQ(run({"export", at("run"), "--out", at("m.onnx")}).status, 0);
  const auto compared = run({"compare", at("run"), at("m.onnx"), "--data", at("set"), "--out", at("both")});
  ASSERT_EQ(compared.status, 0) << compared.err;
  EXPECT_EQ(lines_of(folder_ / "both" / "table.csv").size(), 3u);

  const auto scored = run({"score", at("run"), at("set/test_lenses"), "--out", at("s.csv"), "--precision", "f32"});
  ASSERT_EQ(scored.status, 0) << scored.err;
  EXPECT_EQ(lines_of(folder_ / "s.csv").size(), 21u);
}

TEST_F(Train, CalibratesEnsemblesAndChecks) {
  ASSERT_EQ(run(train("run")).status, 0);
  EXPECT_EQ(lines_of(folder_ / "run" / "seen.csv").size(), 151u) << "a line for each of 60 lenses and 90 non-lenses";
  // What the model was trained on cannot say how far to trust it: as it lies there, within more, or copied elsewhere.
  for (const char* part : {"test_lenses", "test_nonlenses"}) fs::create_directories(folder_ / "elsewhere" / part);
  for (const auto& entry : fs::directory_iterator{folder_ / "set/test_nonlenses"})
    fs::copy(entry, folder_ / "elsewhere/test_nonlenses" / entry.path().filename());
  for (int i = 1; i <= 60; ++i)
    fs::copy(folder_ / fmt::format("set/train_lenses/{}.npy", i), folder_ / fmt::format("elsewhere/test_lenses/a{}.npy", i));
  const std::vector<std::vector<std::string>> seen{
      {"set", "train", "150 of these 150"}, {"set", "all", "150 of these 200"}, {"elsewhere", "all", "60 of these 90"}};
  for (const auto& data : seen) {
    const auto refused = run({"calibrate", at("run"), "--data", at(data[0]), "--split", data[1], "--out", at("no")});
    EXPECT_EQ(refused.status, 1);
    EXPECT_THAT(refused.err, HasSubstr("saw " + data[2]));
    EXPECT_FALSE(fs::exists(folder_ / "no"));
  }
  const auto warned = run({"evaluate", at("run"), "--data", at("elsewhere"), "--out", at("warned")});
  EXPECT_EQ(warned.status, 0) << warned.err;
  EXPECT_THAT(warned.err, HasSubstr("saw 60 of these 90 cutouts before"));

  ASSERT_EQ(run({"calibrate", at("run"), "--data", at("set"), "--split", "test", "--out", at("calibrated")}).status, 0);
  const auto together = run({"ensemble", at("run"), at("calibrated"), "--out", at("both"), "--combine", "logit"});
  ASSERT_EQ(together.status, 0) << together.err;
  EXPECT_EQ(lines_of(folder_ / "both" / "seen.csv").size(), 201u) << "150 of one member and the 50 with which the other was calibrated";
  EXPECT_EQ(run({"calibrate", at("both"), "--data", at("elsewhere"), "--out", at("no")}).status, 1);
  const auto scored = run({"score", at("both"), at("set/test_lenses"), "--out", at("both.csv"), "--precision", "f32"});
  ASSERT_EQ(scored.status, 0) << scored.err;
  ASSERT_EQ(run({"score", at("run"), at("set/test_lenses"), "--out", at("one.csv"), "--precision", "f32"}).status, 0);
  // Two members with the same weights: the mean logit is each one's logit.
  const auto logit_of = [&](const char* table) {
    const std::string row = lines_of(folder_ / table).at(1);
    return std::stod(row.substr(row.find(',') + 1));
  };
  EXPECT_NEAR(logit_of("both.csv"), logit_of("one.csv"), 1e-4);

  fs::copy(folder_ / "set/train_lenses/1.npy", folder_ / "set/test_lenses/copy.npy");
  const auto checked = run({"check", at("set"), "--json"});
  ASSERT_EQ(checked.status, 0) << checked.err;
  EXPECT_THAT(checked.out, HasSubstr("test_lenses/copy"));
}

TEST_F(Train, AnEnsembleIsCombinedAsLabelledCutoutsThatNoMemberSawSay) {
  for (const char* seed : {"1", "2"}) ASSERT_EQ(run(train(std::string{"run"} + seed, {"--seed", seed})).status, 0);
  // Of 60 lenses a tenth validates: too few to choose by.
  const auto few = run({"ensemble", at("run1"), at("run2"), "--out", at("few"), "--json"});
  ASSERT_EQ(few.status, 0) << few.err;
  EXPECT_THAT(few.err, HasSubstr("the mean of the logits is taken; --data names labelled cutouts"));
  EXPECT_EQ(lensfind::parse_json(few.out, "stdout").at("combine").as_string(), "logit");
  EXPECT_EQ(run({"ensemble", at("run1"), at("run2"), "--out", at("no"), "--combine", "stacked"}).status, 1);

  const auto judged = run({"ensemble", at("run1"), at("run2"), "--data", at("set"), "--split", "test", "--out", at("both"), "--json"});
  ASSERT_EQ(judged.status, 0) << judged.err;
  const lensfind::Value said = lensfind::parse_json(judged.out, "stdout");
  EXPECT_EQ(said.at("choice").at("lenses").as_integer(), 20);
  EXPECT_EQ(said.at("choice").at("ways").as_array().size(), 4u);
  EXPECT_EQ(said.at("combine").as_string(), said.at("choice").at("best").as_string());
  const lensfind::Value kept = lensfind::read_json(folder_ / "both/model.json");
  EXPECT_EQ(kept.at("calibration").at("lenses").as_integer(), 20);
  EXPECT_EQ(kept.at("provenance").at("combination"), said.at("choice"));
  EXPECT_EQ(lines_of(folder_ / "both/validation.csv").size(), 51u);
  EXPECT_EQ(lines_of(folder_ / "both/seen.csv").size(), 201u) << "the members' 150 and the 50 that chose";

  const auto forced =
      run({"ensemble", at("run1"), at("run2"), "--data", at("set"), "--split", "test", "--combine", "stacked", "--out", at("w")});
  ASSERT_EQ(forced.status, 0) << forced.err;
  EXPECT_THAT(forced.out + forced.err, HasSubstr("2 members, combined by `stacked`"));
  const auto refused = run({"ensemble", at("run1"), at("run2"), "--data", at("set"), "--split", "train", "--out", at("no")});
  EXPECT_EQ(refused.status, 1);
  EXPECT_THAT(refused.err, HasSubstr("150 of these 150"));
  EXPECT_FALSE(fs::exists(folder_ / "no"));
}

TEST_F(Train, AnEnsembleOfRunsIsCombinedAsTheirOwnValidationSays) {
  const std::vector<std::string> half{"--set", "validation_fraction=0.5", "--set", "epochs=1"};
  for (const char* run_name : {"run1", "run2"}) {
    std::vector<std::string> words = train(run_name, half);
    // The same seed holds out the same cutouts; the networks differ by their rate.
    if (run_name == std::string{"run2"}) words.insert(words.end(), {"--set", "rate=0.003", "--set", "keep=auc"});
    ASSERT_EQ(run(words).status, 0);
  }
  const auto made = run({"ensemble", at("run1"), at("run2"), "--out", at("both"), "--json"});
  ASSERT_EQ(made.status, 0) << made.err;
  const lensfind::Value said = lensfind::parse_json(made.out, "stdout");
  const std::vector<std::string> rows = lines_of(folder_ / "both/validation.csv");
  EXPECT_EQ(said.at("choice").at("lenses").as_integer() + said.at("choice").at("nonlenses").as_integer(), std::ssize(rows) - 1);
  EXPECT_GE(said.at("choice").at("lenses").as_integer(), 10);
  // The first keeps its last epoch. The second chooses, and 30 lenses are too few to hold some out of that.
  EXPECT_THAT(said.at("choice").at("judged_on").as_string(), HasSubstr("(they also chose the epoch of 1 of 2)"));
  EXPECT_THAT(made.err, HasSubstr("also chose members' epochs"));
  std::set<std::string> trained_on;
  for (const std::string& row : lines_of(folder_ / "run1/split.csv"))
    if (row.ends_with(",train")) trained_on.insert(row.substr(0, row.find(',')));
  for (const std::string& row : rows) EXPECT_FALSE(trained_on.contains(row.substr(0, row.find(','))));
}

TEST_F(Train, AnEnsembleIsNotJudgedOnWhatAMemberMayHaveSeen) {
  ASSERT_EQ(run(train("one", {"--set", "epochs=1"})).status, 0);
  ASSERT_EQ(run({"calibrate", at("one"), "--data", at("set"), "--split", "test", "--out", at("again")}).status, 0);
  program::write_noise_set(folder_ / "others", {.train_lenses = 50, .train_nonlenses = 80, .test_lenses = 5, .test_nonlenses = 5});
  std::vector<std::string> words = train("elsewhere", {"--set", "epochs=1"});
  std::ranges::replace(words, at("set"), at("others"));
  ASSERT_EQ(run(words).status, 0);
  const std::vector<std::pair<const char*, std::string>> members{{"again", at("again") + " was calibrated again after its training"},
                                                                 {"elsewhere", at("elsewhere") + " was trained on other data than "}};
  for (const auto& [member, reason] : members) {
    const auto made = run({"ensemble", at("one"), at(member), "--out", at(std::string{"with-"} + member)});
    EXPECT_EQ(made.status, 0) << made.err;
    EXPECT_THAT(made.err, HasSubstr(reason));
    const auto refused = run({"ensemble", at("one"), at(member), "--combine", "stacked", "--out", at("no")});
    EXPECT_EQ(refused.status, 1);
    EXPECT_THAT(refused.err, HasSubstr(reason));
  }
}

TEST_F(Train, WeightsThatAreImportedAgainStillKnowWhatTheySaw) {
  ASSERT_EQ(run(train("run", {"--set", "epochs=1"})).status, 0);
  const auto imported = run({"import", "--network", "student", "--size", "32", "--weights", at("run/model.safetensors"), "--scaling",
                             "minmax", "--stretch", "sqrt", "--band", "g", "--band", "r", "--band", "i", "--out", at("imported")});
  ASSERT_EQ(imported.status, 0) << imported.err;
  EXPECT_EQ(text_of(folder_ / "imported/seen.csv"), text_of(folder_ / "run/seen.csv"));
  const auto further = run(train("further", {"--set", "epochs=1", "--set", "initial_weights=" + at("imported"), "--seed", "7"}));
  ASSERT_EQ(further.status, 0) << further.err;
  EXPECT_THAT(further.err, HasSubstr("they stay on the training side"));
  const auto held_out = [&](const char* run) {
    std::set<std::string> rows;
    for (const std::string& row : lines_of(folder_ / run / "split.csv")) {
      if (!row.ends_with(",train") && !row.ends_with(",side")) rows.insert(row.substr(0, row.find(',')));
    }
    return rows;
  };
  EXPECT_EQ(held_out("further"), held_out("run"));
}

TEST_F(Train, BeginsWithAModelThatIsInstalledByItsName) {
  const auto made =
      run({"simulate", at("lenses"), "--survey", "hsc", "--scaling", "minmax", "--set", "population.nonlens_magnitudes=counts", "--lenses",
           "20", "--nonlenses", "20", "--test-lenses", "20", "--test-nonlenses", "30"});
  ASSERT_EQ(made.status, 0) << made.err;
  // Its own weights, and not those of the draw: two steps at this rate hardly move them.
  const auto slow = run({"train", "--recipe", "demo", "--data", at("lenses"), "--out", at("slow"), "--set", "epochs=1", "--set",
                         "rate=1e-9", "--set", "precision=f32", "--set", "initial_weights=deeplense", "--set", "network=equivariant_d4"});
  ASSERT_EQ(slow.status, 0) << slow.err;
  EXPECT_THAT(text_of(folder_ / "slow/recipe.toml"), HasSubstr("initial_weights = \"deeplense\"")) << "the same on every machine";
  const auto compared = run({"compare", at("slow"), "deeplense", "--data", at("lenses"), "--out", at("both"), "--json"});
  ASSERT_EQ(compared.status, 0) << compared.err;
  const lensfind::Value models = lensfind::parse_json(compared.out, "stdout").at("models");
  EXPECT_NEAR(models.as_array().at(0).at("auc").at("value").as_number(), models.as_array().at(1).at("auc").at("value").as_number(), .05);
}

// OpenMP says itself what it read.
TEST_F(Train, ThreadsSleepAtBarriersUnlessTheUserSaysOtherwise) {
  const std::vector<std::string> nothing{"train", "--recipe", "demo", "--data", at("nowhere"), "--out", at("x")};
  setenv("OMP_DISPLAY_ENV", "VERBOSE", 1);
  EXPECT_THAT(run(nothing).err, HasSubstr("GOMP_SPINCOUNT = '1000'"));
  setenv("GOMP_SPINCOUNT", "7", 1);
  EXPECT_THAT(run(nothing).err, HasSubstr("GOMP_SPINCOUNT = '7'"));
  unsetenv("GOMP_SPINCOUNT");
  unsetenv("OMP_DISPLAY_ENV");
}

TEST_F(Train, KilledFiveTimesAndResumedEndsWithTheSameWeights) {
  const std::vector<std::string> small{"--set", "batch=8", "--set", "epochs=5", "--threads", "1"};
  ASSERT_EQ(run(train("whole", small)).status, 0);
  std::vector<std::string> resumed = small;
  for (const char* word : {"--resume", "--checkpoint-every", "0"}) resumed.emplace_back(word);
  const fs::path state = folder_ / "killed/checkpoint/state.json";
  for (int kill = 0; kill < 5; ++kill) {
    // Each life gets a few batches further, and dies between two checkpoints or while one is written.
    std::string last = fs::exists(state) ? text_of(state) : "";
    int checkpoints = 0;
    const auto some_batches_later = [&] {
      const std::string now = fs::exists(state) ? text_of(state) : "";
      if (now.empty() || now == last) return false;
      last = now;
      return ++checkpoints > kill;
    };
    ASSERT_EQ(program::run_and_kill(train("killed", resumed), some_batches_later).status, 128 + SIGKILL) << kill;
    EXPECT_FALSE(fs::exists(folder_ / "killed" / "model.json")) << "half a run must not look like a model";
  }
  ASSERT_EQ(run(train("killed", resumed)).status, 0);
  EXPECT_EQ(text_of(folder_ / "killed" / "model.safetensors"), text_of(folder_ / "whole" / "model.safetensors"));
  EXPECT_THAT(program::temporaries_in(folder_ / "killed"), ::testing::IsEmpty());
}

TEST_F(Train, OnCutoutsOfItsOwnEndsAlikeHoweverOftenItIsKilled) {
  const auto words = [&](const std::string& out, const std::vector<std::string>& more = {}) {
    std::vector<std::string> all{"train",     "--recipe", "student", "--data",   "simulate:des", "--out",   at(out), "--seed",  "5",
                                 "--threads", "1",        "--set",   "epochs=3", "--set",        "batch=8", "--set", "loss=bce"};
    for (const char* setting :
         {"simulate.lenses=12", "simulate.nonlenses=20", "simulate.size=32", "simulate.pixel_scale=0.1",
          "simulate.survey=[\"population.nonlens_magnitudes=counts\"]", "simulate.variants=2", "simulate.level=1", "simulate.gradient=1",
          "simulate.saturated=0.2", "simulate.eight_bits=0.2", "simulate.neighbours=0.5", "simulate.seeing=0.1"}) {
      all.emplace_back("--set");
      all.emplace_back(setting);
    }
    all.insert(all.end(), more.begin(), more.end());
    return all;
  };
  const auto whole = run(words("whole"));
  ASSERT_EQ(whole.status, 0) << whole.err;
  const std::vector<std::string> go_on{"--resume", "--checkpoint-every", "0"};
  program::run_and_kill(words("killed", go_on), [&] { return fs::exists(folder_ / "killed/checkpoint/state.json"); });
  ASSERT_FALSE(fs::exists(folder_ / "killed/model.json"));
  ASSERT_EQ(run(words("killed", go_on)).status, 0);
  EXPECT_EQ(text_of(folder_ / "killed/model.safetensors"), text_of(folder_ / "whole/model.safetensors"));
  const lensfind::Value model = lensfind::read_json(folder_ / "whole/model.json");
  EXPECT_EQ(model.at("provenance").at("data").at("path").as_string(), "simulate:des");
  EXPECT_EQ(model.at("zero_point").as_number(), 30);
  EXPECT_EQ(lines_of(folder_ / "whole/split.csv").size(), 33u);

  const auto scaled = run(words("x", {"--set", "simulate.scaling=minmax"}));
  EXPECT_EQ(scaled.status, 1);
  EXPECT_THAT(scaled.err, HasSubstr("change pixels in units of flux"));
  const auto unknown = run({"train", "--recipe", "student", "--data", "simulate:dse", "--out", at("x")});
  EXPECT_EQ(unknown.status, 1);
  EXPECT_THAT(unknown.err, HasSubstr("des"));
  EXPECT_FALSE(fs::exists(folder_ / "x"));
}

TEST_F(Train, ExplainsWhatIsWrongAndLeavesNothing) {
  fs::create_directories(folder_ / "hollow");
  for (const auto& [words, said] : std::vector<std::pair<std::vector<std::string>, std::string>>{
           {{"train", "--recipe", "demo", "--data", at("nowhere"), "--out", at("x")}, "nowhere"},
           {{"train", "--recipe", "demo", "--data", at("hollow"), "--out", at("x")}, "hollow"},
           {{"train", "--recipe", "dmeo", "--data", at("set"), "--out", at("x")}, "demo"},
           {{"train", "--recipe", "demo", "--data", at("set"), "--out", at("x"), "--set", "epoch=1"}, "epochs"},
           {{"train", "--recipe", "demo", "--data", at("set"), "--out", at("x"), "--set", "network=resnet17"}, "resnet18"},
           {{"train", "--recipe", "demo", "--data", at("set"), "--out", at("x"), "--set", "initial_weights=deeplens"}, "deeplense"},
           {{"train", "--recipe", "demo", "--data", at("set"), "--out", at("x"), "--set", "loss=bec"}, "bce"},
           {{"train", "--recipe", "demo", "--data", at("set"), "--out", at("x"), "--set", "lens_fraction=2"}, "lens_fraction"}}) {
    const auto result = run(words);
    EXPECT_EQ(result.status, 1) << result.out;
    EXPECT_THAT(result.err, ::testing::AllOf(HasSubstr("error: "), HasSubstr("hint: "), HasSubstr(said)));
    EXPECT_FALSE(fs::exists(folder_ / "x"));
  }
}

// The genuine ones where they are, else as many simulated ones of their kind.
TEST_F(Program, StudyRecipeTrainsOnTwentyCutouts) {
  std::string set = (program::shared_folder() / "data" / "deeplense-sample").string();
  if (program::shared_folder().empty()) {
    set = at("set");
    const auto made = run({"simulate", set, "--survey", "hsc", "--scaling", "minmax", "--lenses", "10", "--nonlenses", "10"});
    ASSERT_EQ(made.status, 0) << made.err;
  }
  const auto trained = run({"train", "--recipe", "study-resnet18", "--data", set, "--out", at("run"), "--set", "epochs=1"});
  ASSERT_EQ(trained.status, 0) << trained.err;
  const auto evaluated = run({"evaluate", at("run"), "--data", set, "--out", at("report")});
  ASSERT_EQ(evaluated.status, 0) << evaluated.err;
  // Twenty cutouts, all of them trained on: the program must say what that means.
  EXPECT_THAT(evaluated.out + evaluated.err, HasSubstr("saw 20 of these 20 cutouts before"));
}

TEST_F(Train, RanksOfAnMpiJobTrainOneNetworkAndGoOnWhenOneDied) {
  const lensfind::Value facts = lensfind::parse_json(run({"version", "--json"}).out, "stdout");
  if (facts.at("libraries").find("MPI") == nullptr) GTEST_SKIP() << "the program was built without MPI";
  const std::string words =
      "train --recipe demo --data '" + at("set") + "' --set epochs=3 --set precision=f32 --set network=student --threads 1";
  const std::string job = "OMPI_ALLOW_RUN_AS_ROOT=1 OMPI_ALLOW_RUN_AS_ROOT_CONFIRM=1 mpirun --oversubscribe -n 2 \"$LENSFIND\" " + words;
  const auto together = program::run_shell(job + " --out '" + at("two") + "'");
  ASSERT_EQ(together.status, 0) << together.err;
  ASSERT_EQ(program::run_shell("\"$LENSFIND\" " + words + " --out '" + at("one") + "'").status, 0);
  const auto one = lines_of(folder_ / "one" / "history.csv"), two = lines_of(folder_ / "two" / "history.csv");
  ASSERT_EQ(two.size(), one.size());
  const auto loss = [](const std::string& line) { return std::stod(line.substr(line.find(',') + 1)); };
  for (std::size_t e = 1; e < one.size(); ++e) EXPECT_NEAR(loss(two[e]), loss(one[e]), .1);
  // One rank is killed in the middle: all end, and the job goes on where it was.
  const auto killed =
      program::run_shell("(while ! test -e '" + at("broken") + "/checkpoint/state.json'; do sleep .02; done; pkill -9 -n -f -- '--out " +
                         at("broken") + "') & " + job + " --checkpoint-every 0 --out '" + at("broken") + "'");
  EXPECT_NE(killed.status, 0);
  ASSERT_FALSE(fs::exists(folder_ / "broken" / "model.safetensors"));
  const auto rest = program::run_shell(job + " --resume --out '" + at("broken") + "'");
  ASSERT_EQ(rest.status, 0) << rest.err;
  EXPECT_EQ(text_of(folder_ / "broken" / "model.safetensors"), text_of(folder_ / "two" / "model.safetensors"));
}

TEST_F(Train, TellsTheNetworkTheSeeingThroughToItsScores) {
  std::string truth = "id,seeing_fwhm_arcsec_g,seeing_fwhm_arcsec_r,seeing_fwhm_arcsec_i\n";
  for (const auto& [part, count] :
       {std::pair{"train_lenses", 60}, std::pair{"train_nonlenses", 90}, std::pair{"test_lenses", 20}, std::pair{"test_nonlenses", 30}})
    for (int i = 1; i <= count; ++i) truth += fmt::format("{}/{},{},{},{}\n", part, i, .6 + i * .002, .7, .5 + i * .001);
  std::ofstream{folder_ / "set/truth.csv"} << truth;
  const auto trained = run(train("run", {"--set", "condition=quality", "--set", "rate=0.01"}));
  ASSERT_EQ(trained.status, 0) << trained.err;
  const std::vector<std::string> score{"score", at("run"), at("set/test_lenses"), "--precision", "f32", "--out"};
  const auto with = [&](const std::string& out, const std::vector<std::string>& more) {
    std::vector<std::string> words = score;
    words.push_back(at(out));
    words.insert(words.end(), more.begin(), more.end());
    return run(words);
  };
  const auto unknown = with("unknown.csv", {});
  ASSERT_EQ(unknown.status, 0) << unknown.err;
  EXPECT_THAT(unknown.out + unknown.err, HasSubstr("20 not known, for which the mean of the training set stands"));
  const auto given = with("given.csv", {"--seeing", "g=0.75,i=0.58"});
  ASSERT_EQ(given.status, 0) << given.err;
  EXPECT_THAT(given.out + given.err, HasSubstr("20 as --seeing gives it"));
  EXPECT_NE(text_of(folder_ / "given.csv"), text_of(folder_ / "unknown.csv"));
  const auto wrong = with("wrong.csv", {"--seeing", "z=0.8"});
  EXPECT_NE(wrong.status, 0);
  EXPECT_THAT(wrong.err, HasSubstr("its bands are g, r, i"));

  ASSERT_EQ(run(train("plain")).status, 0);
  const auto refused = run({"score", at("plain"), at("set/test_lenses"), "--seeing", "0.8", "--out", at("plain.csv")});
  EXPECT_NE(refused.status, 0);
  EXPECT_THAT(refused.err, HasSubstr("is not told the image quality"));

  EXPECT_EQ(run({"evaluate", at("run"), "--data", at("set"), "--out", at("report"), "--json"}).status, 0);
  const auto both = run({"ensemble", at("run"), at("plain"), "--out", at("both")});
  ASSERT_EQ(both.status, 0) << both.err;
  const auto by_both = run({"score", at("both"), at("set/test_lenses"), "--seeing", "0.8", "--tta", "--out", at("both.csv")});
  EXPECT_EQ(by_both.status, 0) << by_both.err;
}

}  // namespace

#endif
