#include <filesystem>
#include <string>

#include <gmock/gmock.h>

#include "lensfind/base/error.h"
#include "lensfind/base/value.h"
#include "lensfind/network/weight_file.h"

namespace lensfind::network {
namespace {

using ::testing::AllOf;
using ::testing::ElementsAre;
using ::testing::HasSubstr;

/// What make_torch_file.py beside them made with torch 2.13.0.
const std::filesystem::path references = std::filesystem::path{LENSFIND_SOURCE_DIR} / "tests" / "reference";
const std::filesystem::path small_state = references / "small_state.pt";
const std::filesystem::path legacy_state = references / "legacy_state.pt";

Weights parse_torch(const std::string& bytes) { return parse_torch_file(std::as_bytes(std::span{bytes}), "w.pt"); }

std::string refusal_of(const std::string& bytes) {
  try {
    (void)parse_torch(bytes);
  } catch (const Error& error) {
    return error.what();
  }
  return "nothing was thrown";
}

class TorchFormats : public ::testing::TestWithParam<std::filesystem::path> {};

TEST_P(TorchFormats, ReadTheStateDictionaryOfACheckpointAndRunNothing) {
  ::testing::internal::CaptureStdout();
  const Weights weights = read_weights(GetParam());
  EXPECT_EQ(::testing::internal::GetCapturedStdout(), "");
  ASSERT_EQ(weights.size(), 4);  // the integer is left out
  EXPECT_THAT(weights.at("model.view").shape, ElementsAre(3, 3));
  EXPECT_THAT(weights.at("model.view").values, ElementsAre(13, 17, 21, 14, 18, 22, 15, 19, 23));
  EXPECT_THAT(weights.at("model.double").values, ElementsAre(2.5F));
  EXPECT_TRUE(weights.at("model.double").shape.empty());
  EXPECT_THAT(weights.at("model.brain").values, ElementsAre(1.5F, -2));
  EXPECT_THAT(weights.at("model.half").values, ElementsAre(.25F));
}

TEST_P(TorchFormats, RefuseDamage) {
  const std::string whole = read_text(GetParam());
  for (std::size_t length = 0; length < whole.size(); length += 7)
    EXPECT_THAT(refusal_of(whole.substr(0, length)), HasSubstr("w.pt")) << length;
}

INSTANTIATE_TEST_SUITE_P(Torch, TorchFormats, ::testing::Values(small_state, legacy_state),
                         [](const auto& file) { return file.param.stem().string(); });

TEST(TorchFile, TakesTheAveragedWeightsUnderPlainNamesAsTimmDoes) {
  // timm 1.0.31's load_state_dict, printed by make_torch_file.py.
  const StoredWeights stored = read_weight_file(references / "averaged_state.pt");
  const Weights weights = without_wrappers(stored.weights, "averaged_state.pt");
  ASSERT_EQ(weights.size(), 4);
  EXPECT_THAT(weights.at("parallel").values, ElementsAre(20, 20));
  EXPECT_THAT(weights.at("compiled").values, ElementsAre(21, 21));
  EXPECT_THAT(weights.at("both").values, ElementsAre(22, 22));
  EXPECT_THAT(weights.at("plain").values, ElementsAre(23, 23));
  EXPECT_THAT(stored.notes, ElementsAre(AllOf(HasSubstr("took `state_dict_ema`"), HasSubstr("`state_dict` holds others"))));
}

TEST(TorchFile, ChecksTheBytesAgainstTheirChecksum) {
  // 13.0 of the view becomes 13.5: no reader could tell but by the checksum.
  std::string damaged = read_text(small_state);
  const std::size_t number = damaged.find(std::string{"\0\0\x50\x41", 4});
  ASSERT_NE(number, std::string::npos);
  damaged[number + 2] = '\x58';
  EXPECT_THAT(refusal_of(damaged), AllOf(HasSubstr("data/"), HasSubstr("checksum")));
  // torch leaves checksums out after set_crc32_options(False): the directory then holds 0 (at byte 16 of an entry).
  for (std::size_t entry = damaged.find("PK\x01\x02"); entry != std::string::npos; entry = damaged.find("PK\x01\x02", entry + 4))
    damaged.replace(entry + 16, 4, 4, '\0');
  EXPECT_THAT(parse_torch(damaged).at("model.view").values, ElementsAre(13.5F, 17, 21, 14, 18, 22, 15, 19, 23));
}

std::string little_endian(auto number) { return {reinterpret_cast<const char*>(&number), sizeof number}; }

/// A file of the format before torch 1.6 with one storage of `held` numbers and `tensors` tensors that each show all of it.
std::string shared_storage(std::int32_t held, int tensors) {
  std::string bytes{"\x80\x02\x8a\x0a\x6c\xfc\x9c\x46\xf9\x20\x6a\xa8\x50\x19.\x80\x02M\xe9\x03.\x80\x02}.", 25};
  bytes += "\x80\x02}(";
  for (int i = 0; i < tensors; ++i) {
    bytes += "\x8c\x04" + std::to_string(1000 + i) + "ctorch._utils\n_rebuild_tensor_v2\n(";
    bytes +=
        "(\x8c\x07storagectorch\nFloatStorage\n\x8c\x01"
        "0\x8c\x03"
        "cpuJ" +
        little_endian(held) + "tQ";
    bytes += std::string{"K\0J", 3} + little_endian(held) + "\x85K\x01\x85\x89}tR";
  }
  bytes +=
      "u.\x80\x02](\x8c\x01"
      "0e." +
      little_endian(std::int64_t{held});
  return bytes + std::string(static_cast<std::size_t>(held) * sizeof(float), '\0');
}

TEST(TorchFile, LetsManyTensorsShareAStorageWithinWhatOneInputMayTake) {
  EXPECT_EQ(parse_torch(shared_storage(100, 20)).size(), 20);
  // 600 times 4 MiB, out of a file of 4 MiB.
  EXPECT_THAT(refusal_of(shared_storage(1 << 20, 600)), HasSubstr("w.pt: unpacks to more than the 2048 MiB"));
}

TEST(TorchFile, RefusesAShapeThatItsStorageCannotHold) {
  // The view's offset 13 becomes 0x1d = 29, beyond the 24 numbers of its storage: K 0x0d is BININT1 13.
  std::string lying = read_text(legacy_state);
  const std::size_t offset = lying.find("K\x0D");
  ASSERT_NE(offset, std::string::npos);
  lying[offset + 1] = '\x1D';
  EXPECT_THAT(refusal_of(lying), HasSubstr("beyond its storage"));
}

}  // namespace
}  // namespace lensfind::network
