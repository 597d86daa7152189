#include "lensfind/base/output_folder.h"

#include <csignal>
#include <fstream>
#include <memory>

#include <gmock/gmock.h>
#include <sys/wait.h>
#include <unistd.h>

#include "lensfind/base/error.h"
#include "lensfind/base/replace_folder.h"
#include "lensfind/base/temporary_folder.h"
#include "lensfind/base/value.h"

namespace lensfind::base {
namespace {

namespace fs = std::filesystem;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

class OutputFolders : public ::testing::Test {
 protected:
  fs::path write(const fs::path& name, const std::string& text = "x") {
    fs::create_directories((root_ / name).parent_path());
    std::ofstream{root_ / name} << text;
    return root_ / name;
  }
  Output evaluation(const fs::path& name, std::vector<fs::path> inputs = {}) {
    return {.path = root_ / name, .kind = FolderKind::evaluation, .command = "evaluate", .overwrite = true, .inputs = std::move(inputs)};
  }
  void make(const Output& out, const std::string& text = "old") {
    AtomicFolder folder{out};
    std::ofstream{folder.path() / "evaluation.json"} << text;
    folder.commit();
  }
  /// Why OUT is not replaced; empty: it would be.
  std::string refusal(const Output& out) {
    try {
      require_replaceable(out);
      return "";
    } catch (const Error& error) {
      EXPECT_FALSE(error.hint().empty());
      return error.what();
    }
  }
  std::size_t entries() const { return static_cast<std::size_t>(std::distance(fs::directory_iterator{root_.path()}, {})); }

  TemporaryFolder root_;
};

TEST_F(OutputFolders, AppearWholeAndAreNotReplacedUnasked) {
  Output once = evaluation("r");
  once.overwrite = false;
  {
    AtomicFolder out{once};
    std::ofstream{out.path() / "evaluation.json"} << 1;
    EXPECT_FALSE(fs::exists(root_ / "r"));
    out.commit();
  }
  EXPECT_TRUE(fs::exists(root_ / "r" / "evaluation.json"));
  EXPECT_THROW((AtomicFolder{once}), Error);
  { AtomicFolder begun{evaluation("other")}; }
  EXPECT_EQ(entries(), 1u) << "without commit() nothing is left";
}

TEST_F(OutputFolders, AreReplacedWhereThisProgramMadeThem) {
  make(evaluation("r"), "old");
  make(evaluation("r"), "new");
  EXPECT_EQ(read_text(root_ / "r" / "evaluation.json"), "new");
  fs::create_directories(root_ / "empty");
  make(evaluation("empty"));
  EXPECT_EQ(entries(), 2u);
}

TEST_F(OutputFolders, OfOthersAreLeftAlone) {
  write("thesis/chapter1.tex");
  EXPECT_THAT(refusal(evaluation("thesis")), HasSubstr("did not make"));
  write("images/a.npy");
  EXPECT_THAT(refusal({.path = root_ / "images", .kind = FolderKind::rendered_images}), HasSubstr("did not make"));
  write("letter.txt");
  EXPECT_THAT(refusal(evaluation("letter.txt")), HasSubstr("no folder"));
  EXPECT_THROW((AtomicFolder{evaluation("thesis")}), Error);
  EXPECT_TRUE(fs::exists(root_ / "thesis/chapter1.tex"));
}

TEST_F(OutputFolders, WithSomethingOfOthersInThemAreLeftAlone) {
  make(evaluation("r"));
  EXPECT_THAT(refusal(evaluation("r")), IsEmpty());
  write("r/.DS_Store");
  EXPECT_THAT(refusal(evaluation("r")), IsEmpty());
  write("r/notes/day1.txt");
  EXPECT_THAT(refusal(evaluation("r")), HasSubstr((root_ / "r/notes").string()));
}

TEST_F(OutputFolders, WithSomethingOfOthersInAFolderInsideAreLeftAlone) {
  GrowingFolder series{Output{.path = root_ / "c", .kind = FolderKind::comparison, .command = "compare --train"}};
  series.begin();
  GrowingFolder run{{.path = root_ / "c/runs/demo-seed0", .kind = FolderKind::model, .command = "train"}};
  run.begin();
  write("c/runs/demo-seed0/model.json");
  run.complete();
  series.complete();
  const Output again{.path = root_ / "c", .kind = FolderKind::comparison, .overwrite = true};
  EXPECT_THAT(refusal(again), IsEmpty());
  write("c/runs/demo-seed0/thesis.tex");
  EXPECT_THAT(refusal(again), HasSubstr("thesis.tex"));
}

TEST_F(OutputFolders, OfAnotherKindAreLeftAlone) {
  make(evaluation("r"));
  EXPECT_THAT(refusal({.path = root_ / "r", .kind = FolderKind::model}), HasSubstr("it holds an evaluation, not a model"));
}

TEST_F(OutputFolders, OfEarlierVersionsAreKnownByWhatTheyHold) {
  for (const char* name : {"e/evaluation.json", "e/scores.csv", "e/report.html", "e/figures/roc.svg"}) write(name);
  EXPECT_THAT(refusal(evaluation("e")), IsEmpty());
  for (const char* name : {"m/model.json", "m/model.onnx", "m/model.safetensors", "m/seen.csv", "m/history.csv"}) write(name);
  EXPECT_EQ(kind_of_folder(root_ / "m"), FolderKind::model);
  write("m/config.json");  // somebody's download
  EXPECT_THAT(refusal({.path = root_ / "m", .kind = FolderKind::model}), HasSubstr("config.json"));
  write("s/simulation.toml");
  write("s/train_lenses/1.npy");
  EXPECT_THAT(refusal({.path = root_ / "s", .kind = FolderKind::simulated_set}), IsEmpty());
}

TEST_F(OutputFolders, WithADamagedMarkOrOneOfALaterVersionAreLeftAlone) {
  make(evaluation("r"));
  write("r/.lensfind", "{\"kind\": \"hologram\", \"whole\": true, \"holds\": []}");
  EXPECT_THAT(refusal(evaluation("r")), HasSubstr("did not make"));
  write("r/.lensfind", "{");
  EXPECT_THAT(refusal(evaluation("r")), HasSubstr("did not make"));
}

TEST_F(OutputFolders, InWhichOrOverWhichInputsLieAreLeftAlone) {
  make(evaluation("r"));
  EXPECT_THAT(refusal(evaluation("r", {root_ / "r"})), HasSubstr("it is read"));
  EXPECT_THAT(refusal(evaluation("r", {root_ / "r" / "scores.csv", write("r/scores.csv")})), HasSubstr("lies in it"));
  EXPECT_THAT(refusal(evaluation("r", {root_.path()})), HasSubstr("it lies in"));
  fs::create_directory_symlink(root_ / "r", root_ / "link");
  EXPECT_THAT(refusal(evaluation("r", {root_ / "link"})), HasSubstr("it is read"));
  fs::remove(root_ / "r/scores.csv");
  EXPECT_THAT(refusal(evaluation("r", {root_ / "no such input", ""})), IsEmpty());
}

TEST_F(OutputFolders, ThatAreLinksOrTheUsersPlacesAreLeftAlone) {
  make(evaluation("real"));
  fs::create_directory_symlink("real", root_ / "link");
  EXPECT_THROW((AtomicFolder{evaluation("link")}), Error);
  EXPECT_THROW((AtomicFolder{evaluation("link/")}), Error);
  for (const char* place : {".", "..", "/", "./", "no/..", ""}) {
    Output out = evaluation("");
    out.path = place;
    EXPECT_THROW((AtomicFolder{out}), Error) << place;
    out.overwrite = false;
    EXPECT_THROW((AtomicFolder{out}), Error) << place;
  }
  const fs::path before = fs::current_path();
  fs::current_path(root_ / "real");
  for (const char* place : {".", "../real", "../link"}) {
    Output out = evaluation("");
    out.path = place;
    EXPECT_THROW((AtomicFolder{out}), Error) << place;
  }
  fs::current_path(before);
  EXPECT_TRUE(fs::exists(root_ / "real/evaluation.json"));
}

TEST_F(OutputFolders, BegunAnewClearWhatWasKilledBefore) {
  fs::create_directories(root_ / "b.tmp-999999999-0" / "half");
  fs::create_directories(root_ / "other.tmp-999999999-0");
  make(evaluation("b"));
  EXPECT_FALSE(fs::exists(root_ / "b.tmp-999999999-0"));
  EXPECT_TRUE(fs::exists(root_ / "other.tmp-999999999-0"));
}

TEST_F(OutputFolders, SetAsideAndKilledComeBack) {
  make(evaluation("r"));
  set_aside(root_ / "r");  // where no two folders can change names in one step, a program killed here leaves no `r`
  EXPECT_FALSE(fs::exists(root_ / "r"));
  Output once = evaluation("r");
  once.overwrite = false;
  EXPECT_THROW((AtomicFolder{once}), Error);
  EXPECT_EQ(read_text(root_ / "r/evaluation.json"), "old");
}

TEST_F(OutputFolders, KilledAtAnyMomentLeaveTheOldOneOrTheNewOneWhole) {
  make(evaluation("r"));
  for (int i = 0; i < 100; ++i) {
    const pid_t child = ::fork();
    if (child == 0) {
      for (int k = 0;; ++k) make(evaluation("r"), "new" + std::to_string(k));
    }
    ::usleep(static_cast<useconds_t>(200 + 137 * i));
    ::kill(child, SIGKILL);
    ::waitpid(child, nullptr, 0);
    ASSERT_TRUE(fs::exists(root_ / "r/evaluation.json")) << i;
    ASSERT_TRUE(fs::exists(root_ / "r/.lensfind")) << i;
  }
  make(evaluation("r"), "last");
  EXPECT_EQ(read_text(root_ / "r/evaluation.json"), "last");
  EXPECT_EQ(entries(), 1u) << "what the killed left is cleared away";
}

TEST_F(OutputFolders, ThatGrowKeepTheOldOneUntilTheNewOneIsWhole) {
  const auto begin = [&](bool overwrite, bool resume = false) {
    auto run = std::make_unique<GrowingFolder>(
        Output{.path = root_ / "m", .kind = FolderKind::model, .command = "train", .overwrite = overwrite, .resume = resume});
    run->begin();
    return run;
  };
  auto first = begin(false);
  write("m/model.json", "first");
  first->complete();
  first.reset();
  EXPECT_THROW(begin(false), Error);

  begin(true).reset();  // and killed
  write("m/recipe.toml", "second");
  EXPECT_EQ(read_text(root_ / "m.replaced/model.json"), "first");

  begin(true).reset();  // the unfinished second goes, the first stays
  EXPECT_FALSE(fs::exists(root_ / "m/recipe.toml"));
  EXPECT_EQ(read_text(root_ / "m.replaced/model.json"), "first");

  auto resumed = begin(false, true);
  write("m/model.json", "third");
  resumed->complete();
  resumed.reset();
  EXPECT_EQ(read_text(root_ / "m/model.json"), "third");
  EXPECT_EQ(entries(), 1u);

  auto failed = begin(true);
  failed->give_up();
  failed.reset();
  EXPECT_EQ(read_text(root_ / "m/model.json"), "third");
  EXPECT_EQ(entries(), 1u);
}

TEST_F(OutputFolders, AreWrittenByOneProcessAtATime) {
  const AtomicFolder one{evaluation("r")};
  EXPECT_THROW((AtomicFolder{evaluation("r")}), Error);
  EXPECT_NO_THROW((AtomicFolder{evaluation("other")}));
  const Output model{.path = root_ / "new/m", .kind = FolderKind::model};
  GrowingFolder run{model};
  EXPECT_FALSE(fs::exists(root_ / "new"));
  run.begin();
  const auto begin_again = [&] { const GrowingFolder again{{.path = root_ / "new/m", .kind = FolderKind::model, .resume = true}}; };
  EXPECT_THAT(begin_again, ::testing::ThrowsMessage<Error>(HasSubstr("process " + std::to_string(::getpid()))));
}

TEST_F(OutputFolders, ThatGrowGoOnInNoneButTheirs) {
  write("thesis/chapter1.tex");
  EXPECT_THROW((GrowingFolder{{.path = root_ / "thesis", .kind = FolderKind::model, .resume = true}}), Error);
  make(evaluation("r"));
  EXPECT_THROW((GrowingFolder{{.path = root_ / "r", .kind = FolderKind::model, .resume = true}}), Error);
  fs::create_directories(root_ / "empty");
  EXPECT_NO_THROW((GrowingFolder{{.path = root_ / "empty", .kind = FolderKind::model, .resume = true}}));
}

}  // namespace
}  // namespace lensfind::base
