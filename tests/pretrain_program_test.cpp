#ifdef LENSFIND_WITH_TRAIN

#include <csignal>
#include <fstream>

#include "lensfind/base/value.h"
#include "program.h"

namespace {

using program::lines_of;
using program::Program;
using program::run;
using program::run_shell;
using program::text_of;
using ::testing::AllOf;
using ::testing::HasSubstr;
namespace fs = std::filesystem;

/// With the smallest network: what is looked at is files, words and resuming.
class Pretrain : public Program {
 protected:
  void SetUp() override {
    Program::SetUp();
    program::write_noise_set(folder_ / "set", {.train_lenses = 40, .train_nonlenses = 60, .test_lenses = 5, .test_nonlenses = 5});
  }

  std::vector<std::string> pretrain(const std::string& recipe, const std::string& out, std::vector<std::string> more = {}) const {
    std::vector<std::string> words{"pretrain", "--recipe", recipe,  "--data",   at("set"), "--out",         at(out), "--threads",      "1",
                                   "--set",    "epochs=2", "--set", "batch=20", "--set",   "precision=f32", "--set", "network=student"};
    words.insert(words.end(), more.begin(), more.end());
    return words;
  }
};

TEST_F(Pretrain, LeavesWhatTrainBeginsFrom) {
  for (const std::string recipe : {"byol", "masked"}) {
    const auto made = run(pretrain(recipe, recipe));
    ASSERT_EQ(made.status, 0) << made.err;
    EXPECT_THAT(made.err, HasSubstr("epoch 2/2: loss"));
    EXPECT_THAT(made.out, HasSubstr("--set network=student --set initial_weights=" + at(recipe)));
    EXPECT_EQ(lines_of(folder_ / recipe / "history.csv").size(), 3u);
    EXPECT_THAT(text_of(folder_ / recipe / "pretrain.json"), HasSubstr("\"cutouts\": 100")) << "the training part alone";
    const auto trained = run({"train", "--recipe", "lensfind", "--data", at("set"), "--out", at(recipe + "-model"), "--set",
                              "network=student", "--set", "epochs=1", "--set", "initial_weights=" + at(recipe), "--threads", "1"});
    ASSERT_EQ(trained.status, 0) << trained.err;
    EXPECT_THAT(text_of(folder_ / (recipe + "-model") / "model.json"), HasSubstr("\"pretraining\""));
    const auto evaluated = run({"evaluate", at(recipe + "-model"), "--data", at("set"), "--out", at(recipe + "-report")});
    EXPECT_EQ(evaluated.status, 0) << evaluated.err;
  }
}

TEST_F(Pretrain, AsJsonTellsItsLosses) {
  const auto made = run(pretrain("byol", "run", {"--json"}));
  ASSERT_EQ(made.status, 0) << made.err;
  const lensfind::Value said = lensfind::parse_json(made.out, "stdout");
  EXPECT_EQ(said.at("cutouts").as_integer(), 100);
  ASSERT_EQ(said.at("history").as_array().size(), 2u);
  EXPECT_GT(said.at("history").as_array()[0].at("loss").as_number(), 0);
  EXPECT_LT(said.at("history").as_array()[0].at("loss").as_number(), 4);
}

TEST_F(Pretrain, GoesOnAfterItWasKilledOrInterrupted) {
  ASSERT_EQ(run(pretrain("byol", "whole", {"--set", "epochs=8"})).status, 0);
  const std::vector<std::string> often{"--set", "epochs=8", "--checkpoint-every", "0"};
  const auto killed =
      program::run_and_kill(pretrain("byol", "killed", often), [&] { return fs::exists(folder_ / "killed/checkpoint/state.json"); });
  EXPECT_EQ(killed.status, 128 + SIGKILL);
  EXPECT_FALSE(fs::exists(folder_ / "killed/pretrain.json"));
  const auto unfinished = run({"train", "--recipe", "lensfind", "--data", at("set"), "--out", at("no"), "--set", "network=student", "--set",
                               "initial_weights=" + at("killed")});
  EXPECT_EQ(unfinished.status, 1);
  EXPECT_THAT(unfinished.err, AllOf(HasSubstr("has not ended"), HasSubstr("--resume")));
  std::vector<std::string> on = often;
  on.emplace_back("--resume");
  const auto resumed = run(pretrain("byol", "killed", on));
  ASSERT_EQ(resumed.status, 0) << resumed.err;
  EXPECT_EQ(text_of(folder_ / "killed/encoder.safetensors"), text_of(folder_ / "whole/encoder.safetensors"));
  EXPECT_TRUE(program::temporaries_in(folder_ / "killed").empty());

  // Ctrl-C after the first epoch.
  std::string line = "(while ! test -e '" + at("stopped/history.csv") + "'; do sleep .02; done; kill -INT $(cat '" + at("pid") +
                     "')) & echo $$ > '" + at("pid") + "'; exec \"$LENSFIND\"";
  for (const std::string& word : pretrain("byol", "stopped", {"--set", "epochs=100000"})) line += " '" + word + "'";
  const auto stopped = run_shell(line);
  EXPECT_NE(stopped.status, 0);
  EXPECT_THAT(stopped.err, AllOf(HasSubstr("stopped in epoch"), HasSubstr("--resume")));
  EXPECT_TRUE(fs::exists(folder_ / "stopped/checkpoint/state.json"));
}

TEST_F(Pretrain, SaysWhatIsWrongBeforeItWritesAnything) {
  const std::pair<std::vector<std::string>, const char*> wrong[]{
      {pretrain("boyl", "run"), "did you mean `byol`"},
      {pretrain("byol", "run", {"--set", "netwrk=student"}), "network"},
      {pretrain("byol", "run", {"--set", "network=resnet17"}), "resnet18"},
      {pretrain("byol", "run", {"--set", "target_momentum=2"}), "target_momentum"},
      {pretrain("masked", "run", {"--set", "block=5"}), "does not divide"},
      {pretrain("lens_pairs", "run"), "simulate:SURVEY"},
      {{"pretrain", "--recipe", "byol", "--data", at("nowhere"), "--out", at("run")}, "nowhere"},
      {{"pretrain", "--recipe", "byol", "--data", "simulate:nowhere", "--out", at("run")}, "nowhere"},
      {pretrain("byol", "set"), "set"}};
  for (const auto& [words, said] : wrong) {
    const auto result = run(words);
    EXPECT_NE(result.status, 0) << said;
    EXPECT_THAT(result.err, HasSubstr(said));
    EXPECT_FALSE(fs::exists(folder_ / "run")) << said;
  }
  EXPECT_EQ(run({"pretrain", "--recipe", "byol", "--out", at("run")}).status, 2);
}

TEST_F(Pretrain, HelpTeachesTheWholeWay) {
  const std::string help = run({"pretrain", "--help"}).out;
  for (const char* word : {"initial_weights=pretrained", "target_momentum", "masked_fraction", "lens_pairs", "collapsed"})
    EXPECT_THAT(help, HasSubstr(word));
}

}  // namespace

#endif
