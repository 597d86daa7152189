#include <fstream>

#include <fmt/format.h>

#include "lensfind/image/npy.h"
#include "lensfind/network/initialise.h"
#include "lensfind/network/networks.h"
#include "lensfind/network/weights.h"
#include "program.h"

namespace {

using program::lines_of;
using program::Program;
using program::run;
using program::text_of;
using ::testing::AllOf;
using ::testing::HasSubstr;
namespace fs = std::filesystem;

const fs::path references = fs::path{LENSFIND_SOURCE_DIR} / "tests" / "reference" / "onnx";

/// A network of somebody's for one band of 32 x 32 pixels (make_onnx_files.py) whose weights lie beside it, and 20 cutouts for it.
class ForeignModels : public Program {
 protected:
  void SetUp() override {
    Program::SetUp();
    fs::create_directory(folder_ / "theirs");
    for (const char* name : {"external_any_size.onnx", "external_any_size.onnx.data"})
      fs::copy_file(references / name, folder_ / "theirs" / name);
    for (int i = 0; i < 20; ++i) {
      const fs::path path = folder_ / "set" / (i < 8 ? "test_lenses" : "test_nonlenses") / fmt::format("{}.npy", i);
      fs::create_directories(path.parent_path());
      lensfind::image::write_npy(path, cutout(i).view());
    }
  }

  /// Pixel k of cutout i: whole numbers, so that all logits are whole 64ths and exact. Lenses hold the network's own pattern besides.
  static float pixel(int i, int k) { return static_cast<float>(k % (i + 2) + (i < 8 ? k % 7 : 0)); }
  static lensfind::image::Image cutout(int i) {
    lensfind::image::Image image{lensfind::image::ImageShape{1, 32, 32}};
    for (int k = 0; k < 1024; ++k) image.values()[static_cast<std::size_t>(k)] = pixel(i, k);
    return image;
  }
  static float logit(int i) {
    float sum = 0;
    for (int k = 0; k < 1024; ++k) sum += pixel(i, k) * static_cast<float>(k % 7 - 3) / 64;
    return sum;
  }

  void expect_logits(const std::string& model) const {
    const auto scored = run({"score", model, at("set"), "--out", at("s.csv"), "--precision", "f32", "--overwrite", "--threads", "1"});
    ASSERT_EQ(scored.status, 0) << scored.err;
    const std::vector<std::string> lines = lines_of(folder_ / "s.csv");
    ASSERT_EQ(lines.size(), 21u);
    int found = 0;
    for (int i = 0; i < 20; ++i) {
      const std::string row = fmt::format("{}/{},{:.9g},", i < 8 ? "test_lenses" : "test_nonlenses", i, logit(i));
      for (const std::string& line : lines) found += line.starts_with(row) ? 1 : 0;
    }
    EXPECT_EQ(found, 20) << lines[1] << '\n' << lines[2];
  }

  [[nodiscard]] std::string theirs() const { return at("theirs/external_any_size.onnx"); }
};

TEST_F(ForeignModels, AreScoredInTheSizeOfTheCutouts) {
  expect_logits(theirs());
  const auto other = run({"score", theirs(), at("set"), "--out", at("o.csv"), "--onnx-size", "33"});
  EXPECT_EQ(other.status, 1);
}

TEST_F(ForeignModels, KeepTheirWeightsInAFolderOfOurs) {
  const auto made = run({"calibrate", theirs(), "--data", at("set"), "--out", at("run")});
  ASSERT_EQ(made.status, 0) << made.err;
  const auto whole = run({"export", theirs(), "--onnx-size", "32", "--out", at("whole.onnx")});
  ASSERT_EQ(whole.status, 0) << whole.err;
  const std::string weights = text_of(folder_ / "theirs" / "external_any_size.onnx.data");
  fs::remove_all(folder_ / "theirs");
  expect_logits(at("run"));
  expect_logits(at("whole.onnx"));
  ASSERT_EQ(run({"export", at("run"), "--out", at("again.onnx")}).status, 0);
  EXPECT_THAT(text_of(folder_ / "again.onnx"), HasSubstr(weights));
}

TEST_F(ForeignModels, AreMissedByNameWhereTheirWeightsAreGone) {
  ASSERT_EQ(run({"calibrate", theirs(), "--data", at("set"), "--out", at("run")}).status, 0);
  fs::copy_file(theirs(), folder_ / "run" / "model.onnx", fs::copy_options::overwrite_existing);
  fs::remove(folder_ / "theirs" / "external_any_size.onnx.data");
  for (const std::vector<std::string>& words : {std::vector<std::string>{"score", at("run"), at("set"), "--out", at("s.csv")},
                                                {"score", theirs(), at("set"), "--out", at("s.csv")},
                                                {"export", at("run"), "--out", at("e.onnx")},
                                                {"calibrate", theirs(), "--data", at("set"), "--out", at("again")}}) {
    const auto refused = run(words);
    EXPECT_EQ(refused.status, 1) << words[0];
    EXPECT_THAT(refused.err, AllOf(HasSubstr("external_any_size.onnx.data"), HasSubstr("not there"))) << words[0];
  }
  EXPECT_FALSE(fs::exists(folder_ / "e.onnx"));
  EXPECT_FALSE(fs::exists(folder_ / "again"));
}

TEST_F(ForeignModels, GetNoFolderWhereTheyGiveNoLogit) {
  // Every weight is finite, but the sums are not.
  lensfind::network::Weights weights = lensfind::network::initialise(lensfind::network::build_network("resnet18", 1, 32, 1), 1);
  for (float& value : weights.at("conv1.weight").values) value *= 1e37F;
  for (float& value : weights.at("fc.weight").values) value *= 1e20F;
  lensfind::network::write_safetensors(folder_ / "w.safetensors", weights);
  const auto made =
      run({"import", "--network", "resnet18", "--bands", "1", "--size", "32", "--weights", at("w.safetensors"), "--out", at("m")});
  EXPECT_EQ(made.status, 1);
  EXPECT_THAT(made.err, HasSubstr("no finite logit"));
  EXPECT_FALSE(fs::exists(folder_ / "m"));
}

}  // namespace
