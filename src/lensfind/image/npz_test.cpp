#include "lensfind/image/npz.h"

#include <optional>
#include <string_view>

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <zlib.h>

#include "lensfind/base/error.h"
#include "lensfind/image/test_bytes.h"

namespace lensfind::image {
namespace {

using ::testing::ElementsAre;

NpzCutouts parse_npz_bytes(const std::string& bytes, const std::vector<std::string>& bands = {}) {
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

// Written by Python's zipfile where everything counts as too long for 32 bits (ZIP64_LIMIT = 10): arange(6, float32).reshape(2, 3).
constexpr std::string_view zip64_digits =
    "504b03042d0000000800000021004fe9002affffffffffffffff090014006172725f302e6e707901001000980000000000000055000000000000009b"
    "ec17ea1b10c9c850c650ad9e925a9c5ca46ea5a06e9366a2aea3a09e965f54529498179f5f94920a12774bcc294e058a17672416a402f91a463a0ac6"
    "9a3a0ab50a64032e063068b007120e4004c40d40bcc00100504b01022d032d0000000800000021004fe9002affffffffffffffff0900140000000000"
    "000000008001000000006172725f302e6e70790100100098000000000000005500000000000000504b06062c000000000000002d002d000000000000"
    "000000010000000000000001000000000000004b000000000000009000000000000000504b060700000000db0000000000000001000000504b050600"
    "000000010001004b000000900000000000";

TEST(Npz, ReadsZip64) {
  const std::string whole = bytes_of(zip64_digits);
  EXPECT_THAT(parse_npz_bytes(whole).images.at(0).values(), ElementsAre(0, 1, 2, 3, 4, 5));
  for (std::size_t length = 0; length < whole.size(); ++length) EXPECT_THROW(parse_npz_bytes(whole.substr(0, length)), Error) << length;
  // Every byte of the records that tell where things are, damaged: refused, or it did not matter.
  for (std::size_t at = whole.find("PK\x01\x02"); at < whole.size(); ++at) {
    std::string damaged = whole;
    damaged[at] = static_cast<char>(damaged[at] ^ 0x55);
    try {
      EXPECT_THAT(parse_npz_bytes(damaged).images.at(0).values(), ElementsAre(0, 1, 2, 3, 4, 5)) << at;
    } catch (const Error&) {
    }
  }
}

TEST(Npz, ACutoutIsItsOneArray) {
  const NpzCutouts cutouts = parse_npz_bytes(bytes_of(cutout_digits));
  EXPECT_FALSE(cutouts.stack);
  ASSERT_EQ(cutouts.images.size(), 1u);
  EXPECT_EQ(cutouts.images[0].shape(), (ImageShape{1, 2, 3}));
  EXPECT_THAT(cutouts.images[0].values(), ElementsAre(0, 1, 2, 3, 4, 5));
}

TEST(Npz, AStackMayBeCompressed) {
  const NpzCutouts cutouts = parse_npz_bytes(bytes_of(stack_digits));
  EXPECT_TRUE(cutouts.stack);
  ASSERT_EQ(cutouts.images.size(), 3u);
  EXPECT_THAT(cutouts.images[2].values(), ElementsAre(8, 9, 10, 11));
}

TEST(Npz, BandsAreFoundByName) {
  const NpzCutouts cutouts = parse_npz_bytes(bytes_of(bands_digits), {"g", "r"});
  ASSERT_EQ(cutouts.images.size(), 1u);
  EXPECT_THAT(cutouts.images[0].values(), ElementsAre(1, 1, 7, 7));
  EXPECT_THROW(parse_npz_bytes(bytes_of(bands_digits), {"g", "i"}), Error);
  EXPECT_THROW(parse_npz_bytes(bytes_of(bands_digits)), Error);
}

// What zip writes: a record and the bytes of each file, the directory, its end (APPNOTE.TXT, section 4.3). `length` of the file itself,
// where it is not that of the bytes.
struct Member {
  std::string name, bytes;
  std::optional<std::size_t> length = {};
  bool deflated = false;
  std::uint32_t crc = 0;
};
std::string number(std::size_t value, int bytes) {
  std::string out;
  for (; bytes > 0; --bytes, value >>= 8) out += static_cast<char>(value & 0xff);
  return out;
}
std::string zip_of(const std::vector<Member>& members, const std::string& comment = {}) {
  std::string files, directory;
  for (const Member& m : members) {
    const std::size_t length = m.length.value_or(m.bytes.size());
    const std::string sizes = number(m.crc, 4) + number(m.bytes.size(), 4) + number(length, 4) + number(m.name.size(), 2) + number(0, 2);
    const std::string common = number(20, 2) + number(0, 2) + number(m.deflated ? 8 : 0, 2) + number(0, 4) + sizes;
    directory += "PK\x01\x02" + number(20, 2) + common + number(0, 10) + number(files.size(), 4) + m.name;
    files += "PK\x03\x04" + common + m.name + m.bytes;
  }
  return files + directory + "PK\x05\x06" + number(0, 4) + number(members.size(), 2) + number(members.size(), 2) +
         number(directory.size(), 4) + number(files.size(), 4) + number(comment.size(), 2) + comment;
}

/// An array of bytes 0, 1, 2 ... as numpy.save leaves it, stored.
Member array(const std::string& name, const std::string& shape, std::size_t values, bool fortran = false, const char* type = "|u1") {
  std::string text = fmt::format("{{'descr': '{}', 'fortran_order': {}, 'shape': {}}}\n", type, fortran ? "True" : "False", shape);
  std::string bytes = std::string{"\x93NUMPY\x01\x00", 8} + number(text.size(), 2) + text;
  for (std::size_t i = 0; i < values; ++i) bytes += static_cast<char>(i);
  const auto crc = static_cast<std::uint32_t>(crc32(0, reinterpret_cast<const Bytef*>(bytes.data()), static_cast<uInt>(bytes.size())));
  return {name + ".npy", bytes, {}, false, crc};
}

// Image 1 of numpy's reshape((3, 1, 2, 2), order='F') of 0..11: value (1, 0, r, c) is 1 + 3 (r + 2 c).
TEST(Npz, AStackMayBeInFortranOrder) {
  const NpzCutouts cutouts = parse_npz_bytes(zip_of({array("arr_0", "(3, 1, 2, 2)", 12, true)}));
  EXPECT_TRUE(cutouts.stack);
  ASSERT_EQ(cutouts.images.size(), 3u);
  EXPECT_THAT(cutouts.images[1].values(), ElementsAre(1, 7, 4, 10));
}

TEST(Npz, LabelsAndIdsBesideAPictureArePassedOver) {
  const Member label = array("label", "()", 8, false, "<i8");
  const Member id = array("id", "()", 20, false, "<U5");
  const Member position = array("position", "(2,)", 16, false, "<f8");
  EXPECT_EQ(parse_npz_bytes(zip_of({id, array("z", "(2, 2, 3)", 12), label, position})).images[0].shape(), (ImageShape{2, 2, 3}));
  const NpzCutouts stack = parse_npz_bytes(zip_of({array("x_test", "(3, 2, 2, 2)", 24), array("labels", "(3, 2)", 6)}), {"g", "r"});
  EXPECT_EQ(stack.images.size(), 3u);
  EXPECT_THROW(parse_npz_bytes(zip_of({label, id})), Error);
}

TEST(Npz, OfSeveralPicturesTheOneOfThatNameIsTaken) {
  const Member noise = array("a_noise", "(2, 2)", 4), mask = array("mask", "(2, 2)", 4);
  EXPECT_EQ(parse_npz_bytes(zip_of({noise, array("Image", "(3, 2)", 6), mask})).images[0].shape(), (ImageShape{1, 3, 2}));
  EXPECT_EQ(parse_npz_bytes(zip_of({noise, array("cube", "(2, 3, 2)", 12)})).images[0].shape(), (ImageShape{2, 3, 2}));
  try {
    parse_npz_bytes(zip_of({noise, mask}));
    FAIL() << "took one of two";
  } catch (const Error& error) {
    EXPECT_THAT(error.what(), ::testing::HasSubstr("which of a_noise, mask is the picture?"));
  }
  EXPECT_THROW(parse_npz_bytes(zip_of({array("image", "(2, 2)", 4), array("data", "(2, 2)", 4)})), Error);
}

TEST(Npz, TheOutlineSaysWhatWillBeRead) {
  const auto outline = [](const std::string& bytes, const std::vector<std::string>& bands = {}) {
    return parse_npz_outline(std::as_bytes(std::span{bytes}), "test.npz", bands);
  };
  const NpzOutline stack = outline(bytes_of(stack_digits));
  EXPECT_TRUE(stack.stack && stack.count == 3);
  EXPECT_EQ(stack.shape, (ImageShape{1, 2, 2}));
  const NpzOutline bands = outline(bytes_of(bands_digits), {"g", "r"});
  EXPECT_TRUE(!bands.stack && bands.count == 1);
  EXPECT_EQ(bands.shape, (ImageShape{2, 1, 2}));
}

TEST(Npz, PixelsWhoseCrcIsNotTheArchivesAreDamaged) {
  Member member = array("arr_0", "(2, 2)", 4);
  member.bytes.back() ^= 1;  // the last pixel, stored as it is: nothing else can tell
  try {
    parse_npz_bytes(zip_of({member}));
    FAIL() << "took a damaged pixel";
  } catch (const Error& error) {
    EXPECT_THAT(error.what(), ::testing::HasSubstr("checksum"));
  }
  Member text = array("id", "()", 20, false, "<U5");
  text.bytes[3] ^= 1;
  EXPECT_THROW(parse_npz_bytes(zip_of({array("image", "(2, 2)", 4), text})), Error);
}

TEST(Npz, ACommentThatLooksLikeTheArchivesEndIsNone) {
  const std::string end_of_none = "PK\x05\x06" + number(0, 18), array_of_four = zip_of({array("arr_0", "(2, 2)", 4)}, end_of_none);
  EXPECT_THAT(parse_npz_bytes(array_of_four).images.at(0).values(), ElementsAre(0, 1, 2, 3));
  EXPECT_THAT(parse_npz_bytes(array_of_four + "behind it").images.at(0).values().size(), 4u) << "what follows the archive is passed over";
}

// 800 kB that claim 768 MB, and as float32 four times as much.
TEST(Npz, ABombIsRefusedBeforeItTakesMemory) {
  Member bomb = array("arr_0", "(3, 1, 16000, 16000)", 1 << 16);
  std::string packed(1 << 16, '\0');
  z_stream stream{};
  ASSERT_EQ(deflateInit2(&stream, 9, Z_DEFLATED, -MAX_WBITS, 8, Z_DEFAULT_STRATEGY), Z_OK);
  stream.next_in = reinterpret_cast<Bytef*>(bomb.bytes.data());
  stream.avail_in = static_cast<uInt>(bomb.bytes.size());
  stream.next_out = reinterpret_cast<Bytef*>(packed.data());
  stream.avail_out = static_cast<uInt>(packed.size());
  ASSERT_EQ(deflate(&stream, Z_SYNC_FLUSH), Z_OK);
  deflateEnd(&stream);
  packed.resize(800'000);  // as long as the real one would be
  bomb = {"arr_0.npy", packed, bomb.bytes.size() - (1 << 16) + std::size_t{3} * 16000 * 16000, true};
  try {
    parse_npz_bytes(zip_of({bomb}));
    FAIL() << "unpacked it";
  } catch (const Error& error) {
    EXPECT_THAT(error.what(), ::testing::HasSubstr("unpacks to more than the 2048 MiB"));
  }
}

TEST(Npz, DamageIsAnError) {
  const std::string good = bytes_of(stack_digits);
  for (std::size_t length = 0; length < good.size(); ++length) EXPECT_THROW(parse_npz_bytes(good.substr(0, length)), Error) << length;
  std::string flipped = good;
  flipped[60] = static_cast<char>(flipped[60] ^ 0x7f);  // in the compressed bytes
  EXPECT_THROW(parse_npz_bytes(flipped), Error);
}

}  // namespace
}  // namespace lensfind::image
