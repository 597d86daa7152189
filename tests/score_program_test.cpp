#include <algorithm>
#include <cmath>
#include <csignal>
#include <fstream>

#include "lensfind/base/atomic_file.h"
#include "lensfind/base/csv.h"
#include "lensfind/base/fields.h"
#include "lensfind/base/value.h"
#include "lensfind/image/npy.h"
#include "lensfind/model/cascade.h"
#include "lensfind/network/initialise.h"
#include "lensfind/network/networks.h"
#include "lensfind/network/weights.h"
#include "program.h"

namespace {

using program::lines_of;
using program::Program;
using program::run;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
namespace fs = std::filesystem;

/// A small network with first weights, imported from a safetensors file.
class Score : public Program {
 protected:
  void SetUp() override {
    Program::SetUp();
    const lensfind::network::Graph graph = lensfind::network::build_network("student", 3, 64, 2);
    lensfind::network::write_safetensors(at("w.safetensors"), lensfind::network::initialise(graph, 1));
    const auto made = run({"import", "--network", "student", "--weights", at("w.safetensors"), "--out", at("model")});
    ASSERT_EQ(made.status, 0) << made.err;
  }

  void write_cutout(const std::string& name, int size = 64, float value = .5F) const {
    lensfind::image::Image image{{3, size, size}, value};
    for (std::size_t i = 0; i < image.values().size(); ++i) image.values()[i] *= static_cast<float>(1 + i % 7) / 7;
    fs::create_directories((folder_ / name).parent_path());
    lensfind::image::write_npy(folder_ / name, image.view());
  }
};

TEST_F(Score, SetsBadInputsAsideAndNamesThem) {
  write_cutout("in/a.npy");
  write_cutout("in/sub/b c.npy");
  write_cutout("in/larger.npy", 80);
  write_cutout("in/nan.npy", 64, std::nanf(""));
  write_cutout("in/small.npy", 8);
  std::ofstream{folder_ / "in/text.npy"} << "not an array";
  std::ofstream{folder_ / "in/empty.npy"}.close();
  const std::vector<std::int64_t> galaxies{100'000'000'000, 3, 64, 64};
  std::ofstream{folder_ / "in/huge.npy"} << lensfind::image::npy_header_text(galaxies);
  const auto result = run({"score", at("model"), at("in"), "--out", at("s.csv"), "--precision", "f32", "--top", "2"});
  ASSERT_EQ(result.status, 0) << result.err;
  const auto rows = lines_of(folder_ / "s.csv");
  ASSERT_EQ(rows.size(), 4u);
  EXPECT_EQ(rows[0], "id,logit,probability");
  EXPECT_THAT(rows[1], ::testing::StartsWith("a,"));
  const std::string rejected = program::text_of(folder_ / "s.rejected.csv");
  EXPECT_THAT(rejected, ::testing::StartsWith("input,reason\n"));
  for (const char* name : {"nan.npy", "small.npy", "text.npy", "empty.npy", "huge.npy"}) EXPECT_THAT(rejected, HasSubstr(name));
  EXPECT_EQ(lines_of(folder_ / "s.rejected.csv").size(), 6u);
  EXPECT_EQ(lines_of(folder_ / "s.top.csv").size(), 3u);
  EXPECT_TRUE(fs::exists(folder_ / "s.top.html"));
  EXPECT_THAT(program::temporaries_in(folder_), ::testing::IsEmpty());
}

TEST_F(Score, PrintsOneJsonObjectWhenAsked) {
  write_cutout("in/a.npy");
  const auto result = run({"score", at("model"), at("in"), "--out", at("s.csv"), "--json"});
  const lensfind::Value json = lensfind::parse_json(result.out, "stdout");
  EXPECT_EQ(json.at("scored").as_integer(), 1);
  EXPECT_EQ(json.at("rejected").as_integer(), 0);
}

TEST_F(Score, ExplainsWhatCannotBeScored) {
  fs::create_directories(folder_ / "hollow");
  std::ofstream{folder_ / "bad.onnx"} << std::string(100, '\0');
  write_cutout("in/a.npy");
  for (const auto& [words, said] : std::vector<std::pair<std::vector<std::string>, std::string>>{
           {{"score", at("model"), at("nowhere"), "--out", at("x.csv")}, "nowhere"},
           {{"score", at("model"), at("hollow"), "--out", at("x.csv")}, "hollow"},
           {{"score", at("nowhere"), at("in"), "--out", at("x.csv")}, "nowhere"},
           {{"score", at("bad.onnx"), at("in"), "--out", at("x.csv")}, "bad.onnx"}}) {
    const auto result = run(words);
    EXPECT_EQ(result.status, 1) << result.out;
    EXPECT_THAT(result.err, HasSubstr("error: "));
    EXPECT_THAT(result.err, HasSubstr("hint: "));
    EXPECT_THAT(result.err, HasSubstr(said));
    EXPECT_FALSE(fs::exists(folder_ / "x.csv"));
  }
}

/// A cascade of two small networks with first weights, and a stack of which its student passes on about half.
class ScoreByCascade : public Program {
 protected:
  static constexpr int count = 26'000;  // six chunks of 4,096 and a part
  static constexpr int different = 707;

  void SetUp() override {
    Program::SetUp();
    write_stack("stack.npy", count);
    write_stack("part.npy", different);
    import("cascade", 1);
    import("cascade/student", 2);
    ASSERT_EQ(run({"score", at("cascade/student"), at("part.npy"), "--out", at("student.csv"), "--precision", "f32"}).status, 0);
    std::vector<double> logits;
    for (const std::string& row : lines_of(folder_ / "student.csv")) {
      if (const auto logit = lensfind::parse_number(row.substr(row.find(',') + 1, row.rfind(',') - row.find(',') - 1)))
        logits.push_back(*logit);
    }
    ASSERT_EQ(logits.size(), static_cast<std::size_t>(different));
    std::ranges::nth_element(logits, logits.begin() + different / 2);
    const lensfind::model::Cascade cascade{.cut = logits[different / 2], .floor = -5};
    lensfind::Value model = lensfind::read_json(folder_ / "cascade/model.json");
    lensfind::write_file(folder_ / "cascade/model.json", lensfind::to_json(model.set("cascade", lensfind::write_fields(cascade))));
  }

  void import(const std::string& folder, std::uint64_t seed) const {
    const lensfind::network::Graph graph = lensfind::network::build_network("student", 1, 64, 2);
    lensfind::network::write_safetensors(at("w.safetensors"), lensfind::network::initialise(graph, seed));
    const auto made = run({"import", "--network", "student", "--weights", at("w.safetensors"), "--bands", "1", "--out", at(folder)});
    ASSERT_EQ(made.status, 0) << made.err;
  }
  /// The first of cutouts that repeat after `different` of them.
  void write_stack(const std::string& name, int cutouts) const {
    std::ofstream stack{folder_ / name, std::ios::binary};
    const std::vector<std::int64_t> shape{cutouts, 1, 64, 64};
    stack << lensfind::image::npy_header_text(shape, "|u1");
    std::string pixels(64 * 64, '\0');
    for (std::size_t i = 0; i < static_cast<std::size_t>(cutouts); ++i) {
      for (std::size_t k = 0; k < pixels.size(); ++k) pixels[k] = static_cast<char>((k * (31 + i % 7) + i * 17) % 101);
      stack << pixels;
    }
  }
  std::ptrdiff_t finished_chunks() const {
    std::error_code none;
    const fs::directory_iterator parts{folder_ / "k.csv.parts", none};
    return std::count_if(begin(parts), end(parts), [](const fs::directory_entry& part) { return part.path().extension() == ".chunk"; });
  }
};

TEST_F(ScoreByCascade, FiveTimesKilledAndResumedGivesTheSameTable) {
  std::vector<std::string> words{"score", at("cascade"), at("stack.npy"), "--out", at("whole.csv"), "--precision", "f32"};
  ASSERT_EQ(run(words).status, 0);
  words[4] = at("k.csv");
  words.emplace_back("--resume");
  for (int kill = 0; kill < 5; ++kill) {
    const std::ptrdiff_t before = finished_chunks();
    EXPECT_EQ(program::run_and_kill(words, [&] { return finished_chunks() > before; }).status, 128 + SIGKILL);
    EXPECT_FALSE(fs::exists(folder_ / "k.csv"));
  }
  words.insert(words.end(), {"--threads", "1"});
  ASSERT_EQ(run(words).status, 0);
  const std::string table = program::text_of(folder_ / "k.csv");
  EXPECT_EQ(table, program::text_of(folder_ / "whole.csv"));
  for (const char* stage : {",teacher\n", ",student\n"}) EXPECT_THAT(table, HasSubstr(stage));
}

TEST_F(Score, KilledAndResumedGivesTheSameTable) {
  const int count = 13'000;  // more than three chunks of 4,096
  std::ofstream stack{folder_ / "stack.npy", std::ios::binary};
  const std::vector<std::int64_t> shape{count, 3, 64, 64};
  stack << lensfind::image::npy_header_text(shape, "|u1");
  std::string pixels(3 * 64 * 64, '\0');
  for (std::size_t i = 0; i < count; ++i) {
    for (std::size_t k = 0; k < pixels.size(); ++k) pixels[k] = static_cast<char>((k * (31 + i % 89) + i * 17) % 101);
    stack << pixels;
  }
  stack.close();
  const std::vector<std::string> words{"score", at("model"), at("stack.npy"), "--out", at("k.csv"), "--precision", "f32"};
  const auto a_chunk_is_done = [&] {
    std::error_code status;
    const auto parts = fs::directory_iterator{folder_ / "k.csv.parts", status};
    return std::distance(begin(parts), end(parts)) > 2;
  };
  EXPECT_EQ(program::run_and_kill(words, a_chunk_is_done).status, 128 + SIGKILL);
  EXPECT_FALSE(fs::exists(folder_ / "k.csv"));
  auto resumed = words;
  resumed.insert(resumed.end(), {"--resume", "--threads", "1"});
  ASSERT_EQ(run(resumed).status, 0);
  auto whole = words;
  whole[4] = at("w.csv");
  ASSERT_EQ(run(whole).status, 0);
  EXPECT_EQ(program::text_of(folder_ / "k.csv"), program::text_of(folder_ / "w.csv"));
  EXPECT_EQ(lines_of(folder_ / "k.csv").size(), static_cast<std::size_t>(count) + 1);
  EXPECT_THAT(program::temporaries_in(folder_), ::testing::IsEmpty());
}

}  // namespace
