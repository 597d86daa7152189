#include <algorithm>
#include <fstream>

#include <fmt/format.h>
#include <sys/stat.h>

#include "program.h"

/// What stands around the program's work: folders of other people, streams that are closed or full, signals, limits, slips of the fingers.
namespace {

using program::lines_of;
using program::Program;
using program::run;
using program::run_and_kill;
using program::run_shell;
using program::text_of;
using ::testing::HasSubstr;
using ::testing::Not;
namespace fs = std::filesystem;

class Surroundings : public Program {
 protected:
  std::string write(const std::string& name, const std::string& text) const {
    fs::create_directories((folder_ / name).parent_path());
    std::ofstream{folder_ / name} << text;
    return at(name);
  }
  /// A finder's scores of 20 lenses and 40 non-lenses.
  std::string scores(const std::string& name) const {
    std::string text = "id,label,logit\n";
    for (int i = 0; i < 60; ++i) text += fmt::format("{},{},{}\n", i, i < 20 ? 1 : 0, (i * 7 % 60) / 10. + (i < 20 ? 1.5 : 0));
    return write(name, text);
  }
  std::string scenes() const {
    return write("scenes.json", R"([{"name": "a", "num_pix": 16, "pixel_scale": 0.2, "psf": {"type": "none"}, "lens": [], "lens_light": [],
      "source": [{"model": "SERSIC", "total_flux": 12, "R_eff": 0.5, "n": 1, "q": 0.8, "phi": 1.0}]}])");
  }
  std::vector<std::string> evaluate(const std::string& out, std::vector<std::string> more = {}) const {
    std::vector<std::string> words{"evaluate", "--scores", scores("scores.csv"), "--out", at(out), "--bootstrap", "20"};
    words.insert(words.end(), more.begin(), more.end());
    return words;
  }
  std::vector<std::string> simulate(const std::string& out, std::vector<std::string> more = {}) const {
    std::vector<std::string> words{"simulate", at(out), "--lenses", "4", "--nonlenses", "4", "--size", "32"};
    words.insert(words.end(), more.begin(), more.end());
    return words;
  }
};

TEST_F(Surroundings, NoCommandReplacesAFolderThatThisProgramDidNotMake) {
  const std::string letter = write("thesis/chapter1.tex", "dear"), out = at("thesis"), table = scores("scores.csv");
  std::vector<std::vector<std::string>> commands{
      {"evaluate", "--scores", table, "--out", out},
      {"compare", "--scores", table, scores("other.csv"), "--out", out},
      {"calibrate", at("model"), "--data", at("set"), "--out", out},
      {"import", "--network", "resnet18", "--weights", at("w.safetensors"), "--out", out},
      {"ensemble", at("m1"), at("m2"), "--out", out},
      {"render", scenes(), "--out", out},
      {"simulate", out, "--lenses", "1", "--nonlenses", "1"},
      {"simulate", out, "--lenses", "1", "--nonlenses", "1", "--only", "0"},
#ifdef LENSFIND_WITH_TRAIN
      {"demo", out},
      {"train", "--recipe", "demo", "--data", at("set"), "--out", out},
      {"cascade", "--teacher", at("model"), "--data", at("set"), "--out", out},
      {"compare", "--train", "demo", "--data", at("set"), "--out", out},
#endif
  };
  for (std::vector<std::string>& words : commands) {
    words.emplace_back("--overwrite");
    const auto refused = run(words);
    EXPECT_EQ(refused.status, 1) << words[0];
    if (words[0] != "cascade") {
      EXPECT_THAT(refused.err, HasSubstr("left alone")) << words[0];
    }
    EXPECT_EQ(text_of(letter), "dear") << words[0];
  }
}

TEST_F(Surroundings, NoCommandReplacesWhatItReads) {
  write("run/model.json", "{}");
  write("run/recipe.toml", "epochs = 1\n");
  write("run/split.csv", "id\n");
  const auto evaluated = run({"evaluate", at("run"), "--data", at("set"), "--out", at("run"), "--overwrite"});
  EXPECT_EQ(evaluated.status, 1);
  EXPECT_THAT(evaluated.err, HasSubstr("it is read"));
  const auto calibrated = run({"calibrate", at("run"), "--data", at("set"), "--out", at("run") + "/", "--overwrite"});
  EXPECT_THAT(calibrated.err, HasSubstr("it is read"));
#ifdef LENSFIND_WITH_TRAIN
  write("run/data/train_lenses/1.npy", "pixels");
  const auto trained = run({"train", "--recipe", "demo", "--data", at("run/data"), "--out", at("run"), "--overwrite"});
  EXPECT_EQ(trained.status, 1);
  EXPECT_THAT(trained.err, HasSubstr("lies in it"));
  EXPECT_TRUE(fs::exists(folder_ / "run/data/train_lenses/1.npy"));
#endif
  EXPECT_TRUE(fs::exists(folder_ / "run/model.json"));
  const std::string known = write("known.csv", "id,ra,dec\na,1,2\n");
  EXPECT_EQ(run({"match", known, "--known", known, "--out", known, "--overwrite"}).status, 1);
  EXPECT_EQ(text_of(known), "id,ra,dec\na,1,2\n");
}

TEST_F(Surroundings, AFolderMadeBeforeIsReplacedAndOnlyWhileNothingWasAdded) {
  ASSERT_EQ(run(evaluate("r")).status, 0);
  EXPECT_EQ(run(evaluate("r")).status, 1);
  ASSERT_EQ(run(evaluate("r", {"--overwrite"})).status, 0);
  write("r/notes.txt", "mine");
  const auto refused = run(evaluate("r", {"--overwrite"}));
  EXPECT_EQ(refused.status, 1);
  EXPECT_THAT(refused.err, HasSubstr("notes.txt"));
  EXPECT_EQ(text_of(folder_ / "r/notes.txt"), "mine");
}

TEST_F(Surroundings, TheWorkingFolderAndLinksAreNotReplaced) {
  ASSERT_EQ(run(evaluate("real/r")).status, 0);
  fs::create_directory_symlink(folder_ / "real/r", folder_ / "link");
  for (const std::string& out : std::vector<std::string>{".", "./", "../r", at("link"), at("link") + "/"}) {
    const auto refused =
        run_shell(fmt::format("cd {} && \"$LENSFIND\" evaluate --scores {} --out {} --overwrite", at("real/r"), scores("scores.csv"), out));
    EXPECT_EQ(refused.status, 1) << out;
    EXPECT_TRUE(fs::exists(folder_ / "real/r/evaluation.json")) << out;
  }
}

TEST_F(Surroundings, KilledWhileItReplacesItLosesNothing) {
  ASSERT_EQ(run(evaluate("r")).status, 0);
  const auto is_whole = [&] { return fs::exists(folder_ / "r/evaluation.json") && fs::exists(folder_ / "r/report.html"); };
  const auto made = [&] {
    struct stat status {};
    return ::stat(at("r").c_str(), &status) == 0 ? status.st_ino : 0;
  };
  for (int i = 0; i < 3; ++i) {
    const auto before = made();
    // In the moment in which the new one has the name, the old one is being removed.
    run_and_kill(evaluate("r", {"--overwrite"}), [&] { return made() != before; });
    EXPECT_TRUE(is_whole()) << i;
  }
  ASSERT_EQ(run(evaluate("r", {"--overwrite"})).status, 0);
  EXPECT_TRUE(program::temporaries_in(folder_).empty());
}

TEST_F(Surroundings, ASetThatIsReplacedStaysUntilTheNewOneIsWhole) {
  ASSERT_EQ(run(simulate("set")).status, 0);
  const std::string truth = text_of(folder_ / "set/truth.csv");
  std::vector<std::string> longer = simulate("set", {"--overwrite", "--test-lenses", "400"});
  run_and_kill(longer, [&] { return fs::exists(folder_ / "set/test_lenses"); });
  EXPECT_EQ(text_of(folder_ / "set.replaced/truth.csv"), truth);
  longer.back() = "4";
  ASSERT_EQ(run(longer).status, 0);
  EXPECT_FALSE(fs::exists(folder_ / "set.replaced"));
  EXPECT_EQ(lines_of(folder_ / "set/truth.csv").size(), 13u);
}

TEST_F(Surroundings, MessagesThatCannotBeWrittenEndNoWork) {
  const std::string words = fmt::format("\"$LENSFIND\" evaluate --scores {} --bootstrap 20 --out ", scores("scores.csv"));
  int number = 0;
  for (const char* streams : {"2>/dev/full", "2>&-", ">&- 2>&-", "<&- >&- 2>&-", "2>&1 | true", "2>/dev/full >/dev/null"}) {
    const std::string out = at(fmt::format("r{}", number++));
    EXPECT_LE(run_shell(words + out + " " + streams).status, 1) << streams;
    EXPECT_TRUE(fs::exists(out + "/evaluation.json")) << streams;
    EXPECT_TRUE(fs::exists(out + "/figures/roc.png")) << streams;
  }
  EXPECT_EQ(run_shell("\"$LENSFIND\" score 2>/dev/full").status, 2);
  EXPECT_EQ(run_shell("\"$LENSFIND\" score >&- 2>&-").status, 2);
  EXPECT_EQ(run_shell("\"$LENSFIND\" nonsense 2>&-").status, 2);
}

TEST_F(Surroundings, ResultsThatCannotBeWrittenAreAnError) {
  for (const char* words : {"--help", "--version", "networks", "networks --json", "score --help"}) {
    const auto full = run_shell(fmt::format("\"$LENSFIND\" {} >/dev/full", words));
    EXPECT_EQ(full.status, 1) << words;
    EXPECT_THAT(full.err, HasSubstr("error: stdout could not be written")) << words;
    // A reader that has seen enough is none.
    EXPECT_EQ(run_shell(fmt::format("{{ \"$LENSFIND\" {}; echo $? >{}; }} | true", words, at("status"))).status, 0);
    EXPECT_EQ(text_of(at("status")), "0\n") << words;
  }
}

TEST_F(Surroundings, ClosedStreamsNeverBecomeFilesOfTheWork) {
  ASSERT_EQ(run(simulate("whole", {"--format", "stack"})).status, 0);
  ASSERT_EQ(run_shell(fmt::format("\"$LENSFIND\" simulate {} --lenses 4 --nonlenses 4 --size 32 --format stack <&- >&- 2>&-", at("closed")))
                .status,
            0);
  for (const char* file : {"train.npy", "truth.csv"})
    EXPECT_EQ(text_of(folder_ / "closed" / file), text_of(folder_ / "whole" / file)) << file;
}

TEST_F(Surroundings, ALimitOnTheSizeOfFilesIsAnErrorNotTheEnd) {
  const auto limited = run_shell(fmt::format("ulimit -f 16; \"$LENSFIND\" simulate {} --lenses 8 --nonlenses 8 --format stack", at("set")));
  EXPECT_EQ(limited.status, 1);
  EXPECT_THAT(limited.err, HasSubstr("ulimit -f"));
  EXPECT_FALSE(fs::exists(folder_ / "set"));
}

TEST_F(Surroundings, NoCommandReplacesAPipeOrADevice) {
  ASSERT_EQ(::mkfifo(at("pipe").c_str(), 0600), 0);
  const std::string known = write("known.csv", "id,ra,dec,logit\na,1,2,3\n");
  for (const std::string& out : {at("pipe"), std::string{"/dev/null"}}) {
    for (const std::vector<std::string>& words : {std::vector<std::string>{"match", known, "--known", known, "--out", out, "--overwrite"},
                                                  {"export", at("model"), "--out", out, "--overwrite"},
                                                  {"merge", at("parts"), "--out", out, "--overwrite"},
                                                  {"evaluate", "--scores", scores("scores.csv"), "--out", out, "--overwrite"},
                                                  {"render", scenes(), "--out", out, "--overwrite"},
                                                  {"simulate", out, "--lenses", "1", "--nonlenses", "1", "--overwrite"}}) {
      EXPECT_EQ(run(words).status, 1) << words[0];
    }
  }
  EXPECT_EQ(fs::status(at("pipe")).type(), fs::file_type::fifo);
  EXPECT_EQ(fs::status("/dev/null").type(), fs::file_type::character);
}

TEST_F(Surroundings, AMistypedOptionOrCommandIsAnsweredWithTheNearest) {
  struct Slip {
    std::vector<std::string> words;
    const char* said;
  };
  for (const auto& [words, said] :
       std::vector<Slip>{{{"evaluate", "--scores", "s.csv", "--ouy", "r"}, "did you mean `--out`?"},
                         {{"evaluate", "--scores", "s.csv", "-out", "r"}, "did you mean `--out`?"},
                         {{"simulate", "x", "--lense=5"}, "did you mean `--lenses`?"},
                         {{"score", "--overwrit"}, "did you mean `--overwrite`?"},
                         {{"scroe"}, "did you mean `score`?"},
                         {{"--versoin"}, "did you mean `--version`?"},
                         {{"score", "--xyzzyxyzzy"}, "no option `--xyzzyxyzzy`"},
                         {{"score", "m", "in", "--out", "--overwrite"}, "a value is missing before `--overwrite`"}}) {
    const auto result = run(words);
    EXPECT_EQ(result.status, 2) << words.back();
    EXPECT_THAT(result.err, HasSubstr(said));
    EXPECT_THAT(result.err, Not(HasSubstr("is required")));
  }
}

TEST_F(Surroundings, NumbersThatAreNoneAreRefused) {
  struct Wrong {
    std::string option, value;
  };
  for (const auto& [option, value] : std::vector<Wrong>{{"--prevalence", "nan"},
                                                        {"--prevalence", "inf"},
                                                        {"--pixel-scale", "nan"},
                                                        {"--pixel-scale", "inf"},
                                                        {"--zero-point", "nan"},
                                                        {"--zero-point", "27,-inf"},
                                                        {"--model-zero-point", "inf"},
                                                        {"--max-missing", "nan"},
                                                        {"--threads", "-1"},
                                                        {"--threads", "99999999999"},
                                                        {"--top", "0x10"}}) {
    const auto result = run({"score", at("model"), at("in"), "--out", at("s.csv"), option, value});
    EXPECT_EQ(result.status, 2) << option << ' ' << value << result.err;
    EXPECT_THAT(result.err, HasSubstr(option)) << value;
  }
  EXPECT_EQ(run({"import", "--network", "resnet18", "--weights", "w", "--out", at("m"), "--pixel-scale", "-1"}).status, 2);
  for (const char* seed : {"-1", "18446744073709551616", "1e23", "100000000000000000000000", "1.5", "", "0x1", "nan"}) {
    EXPECT_EQ(run(simulate("set", {"--seed", seed})).status, 2) << seed;
    EXPECT_FALSE(fs::exists(folder_ / "set")) << seed;
  }
  // The largest is one of its own.
  ASSERT_EQ(run(simulate("most", {"--seed", "18446744073709551615"})).status, 0);
  ASSERT_EQ(run(simulate("none")).status, 0);
  EXPECT_NE(text_of(folder_ / "most/train_lenses/1.npy"), text_of(folder_ / "none/train_lenses/1.npy"));
}

TEST_F(Surroundings, ADamagedFileIsNamedWithWhatIsWrongInIt) {
  const std::string scene = write("scene.json", R"({"name": "a", "pixel_scale": 0.2})");
  EXPECT_THAT(run({"render", scene, "--out", at("a.npy")}).err, HasSubstr("scene.json: the key `psf` is missing"));
  write("m/model.json", "null");
  EXPECT_THAT(run({"export", at("m"), "--out", at("m.onnx")}).err, HasSubstr("model.json: a table was expected, not null"));
}

TEST_F(Surroundings, NamesThatHoldEscapesReachNoTerminal) {
  const std::string name =
      at("evil\x1b[2J\x9b"
         "31m.csv");
  for (const std::vector<std::string>& words : {std::vector<std::string>{"evaluate", "--scores", name, "--out", at("r")},
                                                {"check", name},
                                                {"networks", "--draw", "resnet18", "--out", name}}) {
    const auto result = run(words);
    for (const std::string& text : {result.out, result.err}) {
      EXPECT_THAT(text, Not(HasSubstr("\x1b"))) << words[0];
      EXPECT_THAT(text, Not(HasSubstr("\x9b"))) << words[0];
    }
    EXPECT_THAT(result.out + result.err, HasSubstr("evil\\x1B[2J")) << words[0];
  }
}

}  // namespace
