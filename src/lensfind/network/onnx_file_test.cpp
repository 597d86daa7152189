#include "lensfind/network/onnx_file.h"

#include <filesystem>

#include <gmock/gmock.h>

#include "lensfind/base/error.h"
#include "lensfind/base/value.h"
#include "tests/scratch_folder.h"

namespace lensfind::network {
namespace {

using ::testing::AllOf;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
namespace fs = std::filesystem;

/// What make_onnx_files.py beside them made with onnx 1.23.2; score/foreign_onnx_test.cpp runs them.
const fs::path files = fs::path{LENSFIND_SOURCE_DIR} / "tests" / "reference" / "onnx";

std::string refusal(const fs::path& path, const OnnxChoice& choice = {}) {
  try {
    (void)read_onnx(path, choice);
  } catch (const Error& error) {
    return error.what() + std::string{" | "} + error.hint();
  }
  return "nothing was thrown";
}

TEST(OnnxFile, LeavesAFileOfItsOwnFormAsItIs) {
  const OnnxNetwork read = read_onnx(files / "plain.onnx");
  EXPECT_EQ(read.bytes, read_text(files / "plain.onnx"));
  EXPECT_EQ(read.shape.bands, 2);
  EXPECT_EQ(read.shape.size, 4);
  EXPECT_EQ(read.shape.outputs, 1);
  EXPECT_THAT(read.notes, IsEmpty());
}

TEST(OnnxFile, HoldsItsWeightsWhereverTheyLay) {
  const OnnxNetwork read = read_onnx(files / "external.onnx");
  EXPECT_THAT(read.bytes, HasSubstr(read_text(files / "external.onnx.data")));
  EXPECT_EQ(parse_onnx(read.bytes, "/nowhere", "copy.onnx").bytes, read.bytes);
}

TEST(OnnxFile, ReadsWeightsOnlyInTheFoldersOfTheFile) {
  EXPECT_THAT(refusal(files / "weights_outside.onnx"), HasSubstr("said to lie in `../small_state.pt`, outside its folder"));
  EXPECT_THAT(refusal(files / "weights_absolute.onnx"), HasSubstr("outside its folder"));
  EXPECT_THAT(refusal(files / "weights_missing.onnx"), AllOf(HasSubstr("gone.data"), HasSubstr("is not there")));

  const lensfind::testing::ScratchFolder folder;
  fs::copy_file(files / "external.onnx", folder / "external.onnx");
  fs::create_symlink(files / "external.onnx.data", folder / "external.onnx.data");
  EXPECT_THAT(refusal(folder / "external.onnx"), HasSubstr("is a link to"));
  // A cache of downloads holds both as links into one folder.
  fs::create_directory(folder / "cache");
  for (const char* name : {"external.onnx", "external.onnx.data"}) fs::create_symlink(files / name, folder / "cache" / name);
  EXPECT_EQ(refusal(folder / "cache" / "external.onnx"), "nothing was thrown");
}

TEST(OnnxFile, RefusesWeightsThatAreTooShort) {
  const lensfind::testing::ScratchFolder folder;
  for (const char* name : {"external.onnx", "external.onnx.data"}) fs::copy_file(files / name, folder / name);
  fs::resize_file(folder / "external.onnx.data", 127);
  EXPECT_THAT(refusal(folder / "external.onnx"), AllOf(HasSubstr("external.onnx.data"), HasSubstr("too short for `w`")));
}

TEST(OnnxFile, TakesTheOnlyOutputThatCanBeLogitsOrTheOneThatIsNamed) {
  EXPECT_THAT(read_onnx(files / "features.onnx").notes, ElementsAre(HasSubstr("`y` is taken")));
  EXPECT_THAT(refusal(files / "two_logits.onnx"), AllOf(HasSubstr("`p` float32 (n, 1), `y` float32 (n, 1)"), HasSubstr("--onnx-output")));
  EXPECT_EQ(read_onnx(files / "two_logits.onnx", {.output = "y"}).shape.outputs, 1);
  EXPECT_THAT(refusal(files / "two_logits.onnx", {.output = "z"}), AllOf(HasSubstr("no output `z`"), HasSubstr("`p`")));
  EXPECT_THAT(refusal(files / "features.onnx", {.output = "features"}), HasSubstr("none of its outputs"));
}

TEST(OnnxFile, HasTheSizeThatIsChosenOnlyWhereItIsFree) {
  EXPECT_EQ(read_onnx(files / "any_size.onnx").shape.size, 0);
  EXPECT_EQ(read_onnx(files / "any_size.onnx", {.size = 4}).shape.size, 4);
  EXPECT_THAT(refusal(files / "plain.onnx", {.size = 8}), HasSubstr("takes 4 x 4 pixels, not 8"));
}

TEST(OnnxFile, RefusesSparseTensors) { EXPECT_THAT(refusal(files / "big_sparse.onnx"), HasSubstr("sparse")); }

}  // namespace
}  // namespace lensfind::network
