#include <filesystem>
#include <string>

#include <gmock/gmock.h>

#include "lensfind/base/error.h"
#include "lensfind/base/value.h"
#include "lensfind/network/weights.h"

namespace lensfind::network {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

/// What make_torch_file.py beside it made with torch 2.13.0.
const std::filesystem::path small_state = std::filesystem::path{LENSFIND_SOURCE_DIR} / "tests" / "reference" / "small_state.pt";

Weights parse(const std::string& bytes) { return parse_torch_file(std::as_bytes(std::span{bytes}), "w.pt"); }

std::string refusal(const std::string& bytes) {
  try {
    (void)parse(bytes);
  } catch (const Error& error) {
    return error.what();
  }
  return "nothing was thrown";
}

TEST(TorchFile, ReadsTheStateDictionaryOfACheckpointAndRunsNothing) {
  ::testing::internal::CaptureStdout();
  const Weights weights = read_weights(small_state);
  EXPECT_EQ(::testing::internal::GetCapturedStdout(), "");
  ASSERT_EQ(weights.size(), 4);  // the integer is left out
  EXPECT_THAT(weights.at("model.view").shape, ElementsAre(3, 3));
  EXPECT_THAT(weights.at("model.view").values, ElementsAre(13, 17, 21, 14, 18, 22, 15, 19, 23));
  EXPECT_THAT(weights.at("model.double").values, ElementsAre(2.5F));
  EXPECT_TRUE(weights.at("model.double").shape.empty());
  EXPECT_THAT(weights.at("model.brain").values, ElementsAre(1.5F, -2));
  EXPECT_THAT(weights.at("model.half").values, ElementsAre(.25F));
}

TEST(TorchFile, RefusesDamage) {
  const std::string whole = read_text(small_state);
  EXPECT_THAT(refusal(""), HasSubstr("w.pt: a damaged archive"));
  for (std::size_t length = 0; length < whole.size(); length += 7)
    EXPECT_THAT(refusal(whole.substr(0, length)), HasSubstr("w.pt")) << length;
}

TEST(TorchFile, RefusesAShapeThatItsStorageCannotHold) {
  // The view's offset 13 becomes 0x1d = 29, beyond the 24 numbers of its storage: K 0x0d is BININT1 13.
  std::string lying = read_text(small_state);
  const std::size_t offset = lying.find("K\x0D");
  ASSERT_NE(offset, std::string::npos);
  lying[offset + 1] = '\x1D';
  EXPECT_THAT(refusal(lying), HasSubstr("beyond its storage"));
}

}  // namespace
}  // namespace lensfind::network
