#include "lensfind/image/npz.h"

#include <filesystem>
#include <fstream>
#include <string_view>

#include <gmock/gmock.h>

#include "lensfind/base/error.h"
#include "lensfind/image/test_bytes.h"

namespace lensfind {
namespace {

using testing::ElementsAre;

NpzCutouts parse(const std::string& bytes, const std::vector<std::string>& bands = {}) {
  return parse_npz(std::as_bytes(std::span{bytes}), "test.npz", bands);
}

// Written by numpy 2 from: savez(arange(6, float32).reshape(2, 3)), savez_compressed(arange(12, uint8).reshape(3, 1, 2, 2)) and
// savez_compressed(r=full((1, 2), 7, float32), g=ones((1, 2), float32)).
constexpr std::string_view cutout_digits =
    "504b03042d0000000000000021004fe9002affffffffffffffff090014006172725f302e6e7079010010009800000000000000980000000000000093"
    "4e554d5059010076007b276465736372273a20273c6634272c2027666f727472616e5f6f72646572273a2046616c73652c20277368617065273a2028"
    "322c2033292c207d20202020202020202020202020202020202020202020202020202020202020202020202020202020202020202020202020202020"
    "2020202020200a000000000000803f0000004000004040000080400000a040504b01022d032d0000000000000021004fe9002a980000009800000009"
    "00000000000000000000008001000000006172725f302e6e7079504b0506000000000100010037000000d30000000000";
constexpr std::string_view stack_digits =
    "504b03042d000000080000002100a5555e57ffffffffffffffff090014006172725f302e6e7079010010008c0000000000000057000000000000009b"
    "ec17ea1b10c9c850c650ad9e925a9c5ca46ea5a05e536aa8aea3a09e965f54529498179f5f94920a12774bcc294e058a17672416a402f91ac63a0a86"
    "3a0a4640a4a9a350ab4006e06260646266616563e7e0e4e20600504b01022d032d000000080000002100a5555e57570000008c000000090000000000"
    "0000000000008001000000006172725f302e6e7079504b0506000000000100010037000000920000000000";
constexpr std::string_view bands_digits =
    "504b03042d00000008000000210019cd4dc7ffffffffffffffff05001400722e6e70790100100088000000000000004c000000000000009bec17ea1b"
    "10c9c850c650ad9e925a9c5ca46ea5a06e9366a2aea3a09e965f54529498179f5f94920a12774bcc294e058a17672416a402f91a863a0a469a3a0ab5"
    "0a64032e0686070e200c00504b03042d00000008000000210057b27c11ffffffffffffffff05001400672e6e70790100100088000000000000004c00"
    "0000000000009bec17ea1b10c9c850c650ad9e925a9c5ca46ea5a06e9366a2aea3a09e965f54529498179f5f94920a12774bcc294e058a17672416a4"
    "02f91a863a0a469a3a0ab50a64032e0686067b100600504b01022d032d00000008000000210019cd4dc74c0000008800000005000000000000000000"
    "0000800100000000722e6e7079504b01022d032d00000008000000210057b27c114c0000008800000005000000000000000000000080018300000067"
    "2e6e7079504b0506000000000200020066000000060100000000";

TEST(Npz, ACutoutIsItsOneArray) {
  const NpzCutouts cutouts = parse(bytes_of(cutout_digits));
  EXPECT_FALSE(cutouts.stack);
  ASSERT_EQ(cutouts.images.size(), 1u);
  EXPECT_EQ(cutouts.images[0].shape(), (ImageShape{1, 2, 3}));
  EXPECT_THAT(cutouts.images[0].values(), ElementsAre(0, 1, 2, 3, 4, 5));
}

TEST(Npz, AStackMayBeCompressed) {
  const NpzCutouts cutouts = parse(bytes_of(stack_digits));
  EXPECT_TRUE(cutouts.stack);
  ASSERT_EQ(cutouts.images.size(), 3u);
  EXPECT_THAT(cutouts.images[2].values(), ElementsAre(8, 9, 10, 11));
}

TEST(Npz, BandsAreFoundByName) {
  const NpzCutouts cutouts = parse(bytes_of(bands_digits), {"g", "r"});
  ASSERT_EQ(cutouts.images.size(), 1u);
  EXPECT_THAT(cutouts.images[0].values(), ElementsAre(1, 1, 7, 7));
  EXPECT_THROW(parse(bytes_of(bands_digits), {"g", "i"}), Error);
  EXPECT_THROW(parse(bytes_of(bands_digits)), Error);
}

TEST(Npz, DamageIsAnError) {
  const std::string good = bytes_of(stack_digits);
  for (std::size_t length = 0; length < good.size(); ++length) EXPECT_THROW(parse(good.substr(0, length)), Error) << length;
  std::string flipped = good;
  flipped[60] = static_cast<char>(flipped[60] ^ 0x7f);  // in the compressed bytes
  EXPECT_THROW(parse(flipped), Error);
}

}  // namespace
}  // namespace lensfind
