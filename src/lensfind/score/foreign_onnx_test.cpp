#include <filesystem>
#include <numeric>

#include <gmock/gmock.h>

#include "lensfind/base/error.h"
#include "lensfind/score/engine.h"

/// Networks as other programs write them, made by tests/reference/make_onnx_files.py.
namespace lensfind::score {
namespace {

using ::testing::HasSubstr;
namespace fs = std::filesystem;

const fs::path files = fs::path{LENSFIND_SOURCE_DIR} / "tests" / "reference" / "onnx";

/// One of the two cutouts counts from 0 in quarters, the other holds 1 everywhere: their logits are sums of squares and of whole numbers.
std::vector<float> cutouts() {
  std::vector<float> pixels(64, 1.0F);
  for (std::size_t i = 0; i < 32; ++i) pixels[i] = static_cast<float>(i) / 4;
  return pixels;
}
constexpr float counting = 10912.0F / 256;  // the sum of i (i + 1) from 0 to 31, over 4 and over 64
constexpr float flat = 528.0F / 64;

struct Form {
  const char* file;
  network::OnnxChoice choice = {};
};

class ForeignOnnx : public ::testing::TestWithParam<Form> {};

TEST_P(ForeignOnnx, GivesTheLogitsOfThePlainForm) {
  const auto engine = open_engine(files / GetParam().file, {.threads = 1, .choice = GetParam().choice});
  EXPECT_EQ(engine->shape(), (image::ImageShape{2, 4, 4}));
  EXPECT_EQ(engine->outputs(), 1);
  EXPECT_THAT(engine->run(cutouts(), 2), ::testing::ElementsAre(counting, flat));
}

INSTANTIATE_TEST_SUITE_P(Forms, ForeignOnnx,
                         ::testing::Values(Form{"plain.onnx"}, Form{"external.onnx"}, Form{"half.onnx"}, Form{"double_out.onnx"},
                                           Form{"channels_last.onnx"}, Form{"channels_last_half.onnx"}, Form{"any_size.onnx", {.size = 4}},
                                           Form{"features.onnx"}, Form{"two_logits.onnx", {.output = "y"}}, Form{"four_axes.onnx"}),
                         [](const auto& form) { return fs::path{form.param.file}.stem().string(); });

std::string refusal(const std::string& file) {
  try {
    (void)open_engine(files / file, {.threads = 1});
  } catch (const Error& error) {
    return error.what() + std::string{" | "} + error.hint();
  }
  return "nothing was thrown";
}

TEST(ForeignOnnxFiles, AreRefusedWhereTheirSizeIsNotSaid) { EXPECT_THAT(refusal("any_size.onnx"), HasSubstr("--onnx-size")); }

TEST(ForeignOnnxFiles, AreRefusedBeforeTheyTakeTheMemoryThatTheyAskFor) {
  for (const char* node : {"constant_of_shape", "expand", "tile", "pad", "doubling"})
    EXPECT_THAT(refusal(std::string{"big_"} + node + ".onnx"), HasSubstr("takes more than the 2048 MiB that one input may")) << node;
  EXPECT_THAT(refusal("big_pixels_decide.onnx"), HasSubstr("depends on the pixels"));
}

TEST(ForeignOnnxFiles, MayNotBePipesOrDevices) {
  EXPECT_THAT(refusal("/dev/zero"), HasSubstr("/dev/zero: is no regular file"));
  EXPECT_THAT(refusal("gone.onnx"), HasSubstr("No such file"));
}

}  // namespace
}  // namespace lensfind::score
