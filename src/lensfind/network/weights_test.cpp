#include <cstring>
#include <filesystem>
#include <fstream>
#include <limits>

#include <gmock/gmock.h>

#include "lensfind/base/error.h"
#include "lensfind/base/value.h"
#include "lensfind/network/networks.h"
#include "lensfind/network/stored_numbers.h"
#include "lensfind/network/weight_file.h"
#include "tests/reference_fill.h"
#include "tests/scratch_folder.h"

namespace lensfind::network {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

/// A safetensors file with this header and data.
std::string file_of(const std::string& header, const std::string& data) {
  const std::uint64_t length = header.size();
  std::string bytes(sizeof length, '\0');
  std::memcpy(bytes.data(), &length, sizeof length);
  return bytes + header + data;
}

Weights parse(const std::string& bytes) { return parse_safetensors(std::as_bytes(std::span{bytes}), "w.safetensors"); }

std::string message_of(const auto& act) {
  try {
    act();
  } catch (const Error& error) {
    return error.what() + std::string{" | "} + error.hint();
  }
  return "nothing was thrown";
}

TEST(Safetensors, ReadsEveryFloatTypeAndLeavesIntegersOut) {
  // 1.5 and -2 in F32, F64, F16 and BF16, their bit patterns from IEEE 754 by hand.
  const std::string f32{"\x00\x00\xC0\x3F\x00\x00\x00\xC0", 8};
  const std::string f64{"\x00\x00\x00\x00\x00\x00\xF8\x3F\x00\x00\x00\x00\x00\x00\x00\xC0", 16};
  const std::string f16{"\x00\x3E\x00\xC0", 4};
  const std::string bf16{"\xC0\x3F\x00\xC0", 4};
  const std::string i64(8, '\x07');
  const Weights weights = parse(file_of(R"({"__metadata__":{"format":"pt"},
      "a":{"dtype":"F32","shape":[2],"data_offsets":[0,8]},"b":{"dtype":"F64","shape":[1,2],"data_offsets":[8,24]},
      "c":{"dtype":"F16","shape":[2,1],"data_offsets":[24,28]},"d":{"dtype":"BF16","shape":[2],"data_offsets":[28,32]},
      "n":{"dtype":"I64","shape":[],"data_offsets":[32,40]}})",
                                        f32 + f64 + f16 + bf16 + i64));
  EXPECT_EQ(weights.size(), 4);
  for (const char* name : {"a", "b", "c", "d"}) EXPECT_THAT(weights.at(name).values, ElementsAre(1.5F, -2.0F)) << name;
  EXPECT_THAT(weights.at("b").shape, ElementsAre(1, 2));
}

TEST(Safetensors, ReadsTheEdgesOfHalfPrecision) {
  // Smallest subnormal 2^-24, largest 65504, smallest normal 2^-14, infinity.
  const Weights weights =
      parse(file_of(R"({"h":{"dtype":"F16","shape":[4],"data_offsets":[0,8]}})", std::string{"\x01\x00\xFF\x7B\x00\x04\x00\x7C", 8}));
  EXPECT_THAT(weights.at("h").values, ElementsAre(0x1p-24F, 65504.0F, 0x1p-14F, std::numeric_limits<float>::infinity()));
}

TEST(HalfPrecision, RoundsAsNumpyDoes) {
  // numpy 2: np.float32(x).astype(np.float16).view(np.uint16).
  for (const auto& [value, bits] : std::vector<std::pair<float, int>>{{0.1F, 0x2E66},
                                                                      {-2.7182817459106445F, 0xC170},
                                                                      {65504.0F, 0x7BFF},
                                                                      {65519.99609375F, 0x7BFF},
                                                                      {65520.0F, 0x7C00},
                                                                      {6.103515625e-05F, 0x0400},
                                                                      {6.0999998822808266e-05F, 0x03FF},
                                                                      {2.9802322387695312e-08F, 0x0000},
                                                                      {3.010034532735517e-08F, 0x0001},
                                                                      {5.960464477539063e-08F, 0x0001},
                                                                      {1.00048828125F, 0x3C00},
                                                                      {1.00146484375F, 0x3C02},
                                                                      {0.0001221699931193143F, 0x0801},
                                                                      {-0.0F, 0x8000}})
    EXPECT_EQ(to_half(value), bits) << value;
}

TEST(Safetensors, RefusesEveryLieInTheHeader) {
  const std::string eight(8, '\0');
  const auto refusal = [](const std::string& bytes) { return message_of([&] { (void)parse(bytes); }); };
  EXPECT_THAT(refusal("short"), HasSubstr("5 bytes are too few"));
  EXPECT_THAT(refusal(std::string(8, '\xFF')), HasSubstr("the header claims 18446744073709551615 bytes"));
  EXPECT_THAT(refusal(file_of("{", "")), HasSubstr("no valid JSON"));
  EXPECT_THAT(refusal(file_of("[]", "")), HasSubstr("w.safetensors"));
  EXPECT_THAT(refusal(file_of(R"({"a":{"dtype":"F32","shape":[2],"data_offsets":[0,16]}})", eight)), HasSubstr("bytes 0 to 16 of 8"));
  EXPECT_THAT(refusal(file_of(R"({"a":{"dtype":"F32","shape":[3],"data_offsets":[0,8]}})", eight)), HasSubstr("need 12"));
  EXPECT_THAT(refusal(file_of(R"({"a":{"dtype":"F32","shape":[4611686018427387904,4],"data_offsets":[0,0]}})", "")),
              HasSubstr("impossible shape"));
  EXPECT_THAT(refusal(file_of(R"({"a":{"dtype":"F32","shape":[-2],"data_offsets":[0,8]}})", eight)), HasSubstr("negative"));
  EXPECT_THAT(refusal(file_of(
                  R"({"a":{"dtype":"F32","shape":[1],"data_offsets":[0,4]},"b":{"dtype":"F32","shape":[1],"data_offsets":[0,4]}})", eight)),
              HasSubstr("`b` overlaps another"));
  EXPECT_THAT(refusal(file_of(R"({"a":{"dtype":"F32","shape":[1],"data_offsets":[4,8]}})", eight)), HasSubstr("leaves a gap"));
  EXPECT_THAT(refusal(file_of(R"({"a":{"dtype":"F32","shape":[1],"data_offsets":[0,4]}})", eight)),
              HasSubstr("4 bytes belong to no tensor"));
  EXPECT_THAT(refusal(file_of(R"({"a":{"dtype":"F8_E4M3","shape":[8],"data_offsets":[0,8]}})", eight)), HasSubstr("type F8_E4M3"));
  EXPECT_THAT(refusal(file_of(
                  R"({"a":{"dtype":"F32","shape":[0],"data_offsets":[0,0]},"a":{"dtype":"F32","shape":[0],"data_offsets":[0,0]}})", "")),
              HasSubstr("twice"));
}

TEST(Safetensors, ReadsBackWhatItWrote) {
  const lensfind::testing::ScratchFolder folder;
  const std::filesystem::path path = folder / "written.safetensors";
  const Weights weights{{"b", {{2, 1}, {1, -0.0F}}}, {"a", {{3}, {1e-40F, 2, 3}}}};
  write_safetensors(path, weights, {{"format", "pt"}});
  const Weights back = read_safetensors(path);
  ASSERT_EQ(back.size(), 2);
  EXPECT_EQ(back.at("a").values, weights.at("a").values);
  EXPECT_EQ(back.at("b").shape, weights.at("b").shape);
  EXPECT_TRUE(std::signbit(back.at("b").values[1]));
  const std::string bytes = read_text(path);
  std::uint64_t header = 0;
  std::memcpy(&header, bytes.data(), sizeof header);
  EXPECT_EQ(header % 8, 0);
  EXPECT_EQ(bytes.size(), 8 + header + 5 * sizeof(float));
  EXPECT_THAT(message_of([&] { (void)read_safetensors(folder / "absent.safetensors"); }), HasSubstr("absent.safetensors"));
}

TEST(CheckWeights, NamesWhatIsMissingExtraMisshapenOrNotFinite) {
  const Graph graph = build_network("resnet18", 3, 64, 2);
  const Weights good = lensfind::testing::reference_weights(graph);
  const auto refusal = [&](const Weights& weights) { return message_of([&] { check_weights(graph, weights, "w.safetensors"); }); };
  EXPECT_EQ(refusal(good), "nothing was thrown");

  Weights renamed = good;
  renamed["layer1.0.conv1.wieght"] = std::move(renamed["layer1.0.conv1.weight"]);
  renamed.erase("layer1.0.conv1.weight");
  EXPECT_THAT(refusal(renamed),
              HasSubstr("`layer1.0.conv1.weight` (64, 64, 3, 3) of resnet18 is missing | the nearest name is `layer1.0.conv1.wieght`"));

  Weights extra = good;
  extra["fc.wight"] = {{1}, {0}};
  EXPECT_THAT(refusal(extra), HasSubstr("resnet18 has no `fc.wight` | the nearest name is `fc.weight`"));

  Weights misshapen = good;
  misshapen["bn1.bias"].shape = {32, 2};
  EXPECT_THAT(refusal(misshapen), HasSubstr("`bn1.bias` is (32, 2), resnet18 wants (64)"));

  Weights diverged = good;
  diverged["bn1.bias"].values[3] = std::numeric_limits<float>::quiet_NaN();
  EXPECT_THAT(refusal(diverged), HasSubstr("`bn1.bias` holds values that are not finite"));
}

TEST(WithoutWrappers, StripsWrappersFromEveryNameAndLightningsWhereAllShareIt) {
  const Array one{{1}, {1}};
  const auto names = [&](std::initializer_list<const char*> given) {
    Weights weights;
    for (const char* name : given) weights.emplace(name, one);
    std::vector<std::string> left;
    for (const auto& [name, array] : without_wrappers(std::move(weights), "w.pt")) left.push_back(name);
    return left;
  };
  EXPECT_THAT(names({"model.module.a", "model.module.b"}), ElementsAre("a", "b"));
  EXPECT_THAT(names({"module.a", "_orig_mod.b", "module._orig_mod.c", "_orig_mod.module.d", "e"}), ElementsAre("a", "b", "c", "d", "e"));
  EXPECT_THAT(names({"model.a", "loss.b"}), ElementsAre("loss.b", "model.a"));
  EXPECT_THAT(names({"model._orig_mod.a", "model.b"}), ElementsAre("a", "b"));
  EXPECT_THAT(message_of([&] { (void)without_wrappers({{"a", one}, {"module.a", one}}, "w.pt"); }), HasSubstr("w.pt: two arrays are `a`"));
}

}  // namespace
}  // namespace lensfind::network
