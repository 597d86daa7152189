#include <fstream>

#include <fmt/format.h>
#include <sys/stat.h>

#include "lensfind/base/value.h"
#include "lensfind/image/npy.h"
#include "lensfind/network/initialise.h"
#include "lensfind/network/networks.h"
#include "lensfind/network/weights.h"
#include "program.h"

namespace {

using program::lines_of;
using program::Program;
using program::Result;
using program::run;
using program::text_of;
using ::testing::HasSubstr;
using ::testing::Not;
namespace fs = std::filesystem;

/// What `score` does to OUT and says of the run, with a small network that has its first weights.
class ScoreOut : public Program {
 protected:
  void SetUp() override {
    Program::SetUp();
    const lensfind::network::Graph graph = lensfind::network::build_network("student", 1, 64, 2);
    lensfind::network::write_safetensors(at("w.safetensors"), lensfind::network::initialise(graph, 1));
    const Result made = run({"import", "--network", "student", "--weights", at("w.safetensors"), "--bands", "1", "--out", at("model")});
    ASSERT_EQ(made.status, 0) << made.err;
    cutout("good/a.npy", 1);
    std::ofstream{folder_ / "good/b.npy"} << "no array";
    fs::create_directory(folder_ / "bad");
    std::ofstream{folder_ / "bad/b.npy"} << "no array";
  }
  void cutout(const std::string& name, float value) const {
    lensfind::image::Image image{{1, 64, 64}, value};
    for (std::size_t i = 0; i < image.values().size(); ++i) image.values()[i] *= static_cast<float>(1 + i % 7);
    fs::create_directories((folder_ / name).parent_path());
    lensfind::image::write_npy(folder_ / name, image.view());
  }
  void stack(const std::string& name, int count) const {
    std::ofstream file{folder_ / name, std::ios::binary};
    const std::vector<std::int64_t> shape{count, 1, 64, 64};
    file << lensfind::image::npy_header_text(shape, "|u1");
    std::string pixels(64 * 64, '\0');
    for (int i = 0; i < count; ++i) {
      for (std::size_t k = 0; k < pixels.size(); ++k) pixels[k] = static_cast<char>((k * 31 + static_cast<std::size_t>(i) * 17) % 101);
      file << pixels;
    }
  }
  std::vector<std::string> score(const std::string& input, const std::string& out, std::vector<std::string> more = {}) const {
    std::vector<std::string> words{"score", at("model"), at(input), "--out", out, "--precision", "f32"};
    words.insert(words.end(), more.begin(), more.end());
    return words;
  }
};

TEST_F(ScoreOut, AnEmptyTableIsNoSuccess) {
  const Result result = run(score("bad", at("s.csv")));
  EXPECT_EQ(result.status, 1);
  EXPECT_THAT(result.err, HasSubstr("error: none of the 1 inputs could be scored; the first, b.npy: "));
  EXPECT_THAT(result.err, HasSubstr("s.rejected.csv"));
  EXPECT_EQ(lines_of(folder_ / "s.rejected.csv").size(), 2u);
}

TEST_F(ScoreOut, OneFileThatIsSetAsideIsAnAnswer) {
  EXPECT_EQ(run(score("bad/b.npy", at("s.csv"))).status, 0);
  EXPECT_EQ(lines_of(folder_ / "s.csv").size(), 1u);
  EXPECT_EQ(lines_of(folder_ / "s.rejected.csv").size(), 2u);
}

TEST_F(ScoreOut, IsRefusedBeforeAnythingIsScored) {
  ASSERT_EQ(::mkfifo(at("pipe").c_str(), 0600), 0);
  for (const std::string& out : {std::string{"/dev/null"}, at("pipe"), at("good"), std::string{}, at(std::string(251, 'x') + ".csv")}) {
    const Result result = run(score("good", out, {"--overwrite"}));
    EXPECT_EQ(result.status, 1) << out << result.out;
    EXPECT_THAT(result.err, HasSubstr("hint: "));
    EXPECT_THAT(result.err, Not(HasSubstr("images/s"))) << out;
  }
  EXPECT_TRUE(fs::is_fifo(folder_ / "pipe"));
  EXPECT_TRUE(fs::is_character_file("/dev/null"));
  for (const char* fraction : {"nan", "0", "1", "-inf"})
    EXPECT_EQ(run(score("good", at("s.csv"), {"--prevalence", fraction})).status, 2) << fraction;
}

TEST_F(ScoreOut, TwoTablesKeepTheirOwnFiles) {
  ASSERT_EQ(run(score("good", at("s.csv"), {"--top", "1"})).status, 0);
  const std::string rejected = text_of(folder_ / "s.rejected.csv"), page = text_of(folder_ / "s.top.html");
  fs::remove(folder_ / "good/b.npy");
  ASSERT_EQ(run(score("good", at("s.fits"), {"--top", "1"})).status, 0);
  EXPECT_EQ(text_of(folder_ / "s.rejected.csv"), rejected);
  EXPECT_EQ(text_of(folder_ / "s.top.html"), page);
  for (const char* name : {"s.fits.rejected.csv", "s.fits.top.csv", "s.fits.top.html", "s.fits.run.json"})
    EXPECT_TRUE(fs::exists(folder_ / name)) << name;
}

TEST_F(ScoreOut, ASecondRunIsRefusedWithTheFirstOnesProcess) {
  stack("stack.npy", 30'000);
  Result second;
  const Result first = program::run_and_kill(score("stack.npy", at("s.csv")), [&] {
    if (!fs::exists(folder_ / "s.csv.parts/000000.chunk")) return false;
    second = run(score("good", at("s.csv"), {"--overwrite"}));
    return true;
  });
  EXPECT_EQ(second.status, 1);
  EXPECT_THAT(second.err, ::testing::ContainsRegex("another lensfind \\(process [0-9]+ on host .*\\) is writing .*s.csv"));
  EXPECT_EQ(run(score("stack.npy", at("s.csv"), {"--resume"})).status, 0);  // the lock of the one that was killed is taken over
  EXPECT_EQ(lines_of(folder_ / "s.csv").size(), 30'001u);
  EXPECT_FALSE(fs::exists(folder_ / "s.csv.lock"));
}

TEST_F(ScoreOut, LateShardsAreNoFailure) {
  EXPECT_EQ(run(score("good", at("s.csv"), {"--shard", "0/3"})).status, 0);
  const Result late = run(score("good", at("s.csv"), {"--shard", "2/3"}));
  EXPECT_EQ(late.status, 0) << late.err;
  EXPECT_THAT(late.out, HasSubstr("finished already"));
}

TEST_F(ScoreOut, ThreadsBeyondAllCoresAreNotStarted) {
  const Result result = run(score("good", at("s.csv"), {"--threads", "1000000"}));
  EXPECT_EQ(result.status, 0) << result.err;
  EXPECT_THAT(result.err, HasSubstr("--threads 1000000"));
  EXPECT_EQ(lines_of(folder_ / "s.csv").size(), 2u);
}

TEST_F(ScoreOut, SaysWhatWasTakenOnTrust) {
  const Result result = run(score("good", at("t.csv"), {"--pixel-scale", "0.2"}));
  EXPECT_THAT(result.out, HasSubstr("1 of 1 do not say their pixel scale, which was taken as the model's 0.2 arcsec"));
  const Result json = run(score("good", at("u.csv"), {"--pixel-scale", "0.2", "--json"}));
  EXPECT_EQ(lensfind::parse_json(json.out, "stdout").at("readings").at("no_scale").as_integer(), 1);
}

}  // namespace
