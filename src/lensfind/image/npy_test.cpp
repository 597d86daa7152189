#include "lensfind/image/npy.h"

#include <cmath>
#include <fstream>
#include <limits>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>

#include "lensfind/base/error.h"
#include "lensfind/base/value.h"
#include "lensfind/testing/shared_files.h"

namespace lensfind::image {
namespace {

namespace fs = std::filesystem;
using namespace std::string_literals;
using ::testing::ElementsAre;
using ::testing::HasSubstr;

/// A file of format version `major` with this dictionary and these bytes behind it.
std::string npy_bytes(const std::string& dictionary, const std::string& values, int major = 1) {
  const auto length = static_cast<unsigned>(dictionary.size());
  std::string bytes = "\x93NUMPY"s + static_cast<char>(major) + '\0' + static_cast<char>(length & 0xff) + static_cast<char>(length >> 8);
  if (major > 1) bytes += "\0\0"s;
  return bytes + dictionary + values;
}

std::string dictionary(const std::string& type, const std::string& shape, bool fortran = false) {
  return "{'descr': '" + type + "', 'fortran_order': " + (fortran ? "True" : "False") + ", 'shape': " + shape + ", }\n";
}

Image parse(const std::string& bytes) { return parse_npy(std::as_bytes(std::span{bytes}), "x.npy"); }

std::string error_of(const std::string& bytes) {
  try {
    parse(bytes);
  } catch (const Error& error) {
    EXPECT_FALSE(error.hint().empty());
    return error.what();
  }
  return "no error";
}

fs::path temporary_file(const std::string& name, const std::string& bytes) {
  const fs::path path =
      fs::path{::testing::TempDir()} / (std::string{::testing::UnitTest::GetInstance()->current_test_info()->name()} + "-" + name);
  std::ofstream{path, std::ios::binary} << bytes;
  return path;
}

// 1, -2.5 and 65504 (half's largest) as IEEE 754 says, written by hand.
TEST(ParseNpy, ReadsEveryFloatTypeInBothEndiannesses) {
  const std::string shape = "(1, 1, 3)";
  const std::vector<float> expected{1, -2.5F, 65504};
  const std::vector<std::pair<std::string, std::string>> files{
      {"<f2", "\x00\x3c\x00\xc1\xff\x7b"s},
      {">f2", "\x3c\x00\xc1\x00\x7b\xff"s},
      {"<f4", "\x00\x00\x80\x3f\x00\x00\x20\xc0\x00\xe0\x7f\x47"s},
      {">f4", "\x3f\x80\x00\x00\xc0\x20\x00\x00\x47\x7f\xe0\x00"s},
      {"<f8", "\x00\x00\x00\x00\x00\x00\xf0\x3f\x00\x00\x00\x00\x00\x00\x04\xc0\x00\x00\x00\x00\x00\xfc\xef\x40"s},
      {">f8", "\x3f\xf0\x00\x00\x00\x00\x00\x00\xc0\x04\x00\x00\x00\x00\x00\x00\x40\xef\xfc\x00\x00\x00\x00\x00"s}};
  for (const auto& [type, values] : files) {
    const Image image = parse(npy_bytes(dictionary(type, shape), values));
    EXPECT_EQ(image.shape(), (ImageShape{1, 1, 3})) << type;
    EXPECT_EQ(std::vector<float>(image.values().begin(), image.values().end()), expected) << type;
  }
}

TEST(ParseNpy, ReadsIntegersWithoutRescaling) {
  EXPECT_THAT(parse(npy_bytes(dictionary("|u1", "(1, 2)"), "\x01\xff"s)).values(), ElementsAre(1, 255));
  EXPECT_THAT(parse(npy_bytes(dictionary("<u2", "(1, 2)"), "\x01\x00\x00\xff"s)).values(), ElementsAre(1, 65280));
  EXPECT_THAT(parse(npy_bytes(dictionary(">u2", "(1, 2)"), "\x01\x00\x00\xff"s)).values(), ElementsAre(256, 255));
}

// -2 (or 2 without sign) and the largest number of each type, as two's complement and IEEE 754 say, written by hand.
TEST(ParseNpy, ReadsIntegersOf8To64BitsInBothEndiannesses) {
  const auto values = [](const std::string& type, const std::string& bytes) {
    const Image image = parse(npy_bytes(dictionary(type, "(1, 2)"), bytes));
    return std::vector<float>(image.values().begin(), image.values().end());
  };
  EXPECT_THAT(values("|i1", "\xfe\x7f"s), ElementsAre(-2, 127));
  EXPECT_THAT(values("<i2", "\xfe\xff\xff\x7f"s), ElementsAre(-2, 32767));
  EXPECT_THAT(values(">i2", "\xff\xfe\x7f\xff"s), ElementsAre(-2, 32767));
  EXPECT_THAT(values("<i4", "\xfe\xff\xff\xff\x00\x00\x00\x7f"s), ElementsAre(-2, 2130706432));
  EXPECT_THAT(values(">i4", "\xff\xff\xff\xfe\x7f\x00\x00\x00"s), ElementsAre(-2, 2130706432));
  EXPECT_THAT(values("<u4", "\x02\x00\x00\x00\x00\x00\x00\xff"s), ElementsAre(2, 4278190080));
  EXPECT_THAT(values(">u4", "\x00\x00\x00\x02\xff\x00\x00\x00"s), ElementsAre(2, 4278190080));
  EXPECT_THAT(values("<i8", "\xfe\xff\xff\xff\xff\xff\xff\xff\x00\x00\x00\x00\x00\x00\x00\x40"s), ElementsAre(-2, 0x1p62F));
  EXPECT_THAT(values(">i8", "\xff\xff\xff\xff\xff\xff\xff\xfe\x40\x00\x00\x00\x00\x00\x00\x00"s), ElementsAre(-2, 0x1p62F));
  EXPECT_THAT(values("<u8", "\x02\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x80"s), ElementsAre(2, 0x1p63F));
  EXPECT_THAT(values(">u8", "\x00\x00\x00\x00\x00\x00\x00\x02\x80\x00\x00\x00\x00\x00\x00\x00"s), ElementsAre(2, 0x1p63F));
  EXPECT_THAT(values("|b1", "\x00\x01"s), ElementsAre(0, 1));
}

// 1 and -2.5 as x86's 80 bits in 16 bytes.
TEST(ParseNpy, ReadsLongDoublesOfThisMachine) {
  if (std::numeric_limits<long double>::digits != 64 || sizeof(long double) != 16) GTEST_SKIP() << "long double is no x87 number here";
  const std::string gap(6, '\0');
  const std::string values = "\0\0\0\0\0\0\0\x80\xff\x3f"s + gap + "\0\0\0\0\0\0\0\xa0\x00\xc0"s + gap;
  EXPECT_THAT(parse(npy_bytes(dictionary("<f16", "(1, 2)"), values)).values(), ElementsAre(1, -2.5F));
  EXPECT_THAT(error_of(npy_bytes(dictionary(">f16", "(1, 2)"), values)), HasSubstr("type '>f16'"));
}

TEST(ParseNpy, TakesTypesWithoutAnOrderOfBytesForThisMachines) {
  for (const char* type : {"=u2", "|u2", "u2"})
    EXPECT_EQ(parse(npy_bytes(dictionary(type, "(1, 1)"), "\x01\x02"s)).values()[0], 513) << type;
}

TEST(ParseNpy, LeavesDegenerateAxesOut) {
  const std::string values = "\x00\x01\x02\x03\x04\x05\x06\x07\x08\x09\x0a\x0b"s;
  const auto shape = [&](const std::string& sizes) { return parse(npy_bytes(dictionary("|u1", sizes), values)).shape(); };
  for (const char* sizes : {"(1, 2, 3, 2)", "(1, 1, 2, 3, 2)", "(1, 2, 3, 2, 1)"}) EXPECT_EQ(shape(sizes), (ImageShape{2, 3, 2})) << sizes;
  EXPECT_EQ(shape("(4, 3, 1)"), (ImageShape{1, 4, 3}));
  EXPECT_EQ(shape("(1, 4, 3)"), (ImageShape{1, 4, 3}));
  EXPECT_EQ(shape("(3, 2, 2)"), (ImageShape{3, 2, 2}));
  const Image fortran = parse(npy_bytes(dictionary("|u1", "(1, 2, 3, 2)", true), values));
  EXPECT_THAT(fortran.values(), ElementsAre(0, 6, 2, 8, 4, 10, 1, 7, 3, 9, 5, 11));
  EXPECT_THAT(error_of(npy_bytes(dictionary("|u1", "(2, 1, 2, 1, 3)"), values)), HasSubstr("stack"));
  EXPECT_THAT(error_of(npy_bytes(dictionary("|u1", "(1, 3, 1, 2, 2, 2)"), values + values)), HasSubstr("stack"));
}

TEST(ParseNpy, ReadsSubnormalInfiniteAndNanHalves) {
  const Image image = parse(npy_bytes(dictionary("<f2", "(1, 5)"), "\x01\x00\x00\x7c\x00\xfc\x01\x7e\xff\x83"s));
  EXPECT_EQ(image.values()[0], std::ldexp(1.0F, -24));
  EXPECT_EQ(image.values()[1], std::numeric_limits<float>::infinity());
  EXPECT_EQ(image.values()[2], -std::numeric_limits<float>::infinity());
  EXPECT_TRUE(std::isnan(image.values()[3]));
  EXPECT_EQ(image.values()[4], std::ldexp(-1023.0F, -24));
}

// Values 0..11 in the order in which they lie in the file; numpy's reshape((2, 3, 2), order='F')[1, 2, 0] is 5, [0, 1, 1] is 8.
TEST(ParseNpy, TurnsFortranOrderIntoCOrder) {
  const std::string values = "\x00\x01\x02\x03\x04\x05\x06\x07\x08\x09\x0a\x0b"s;
  const Image fortran = parse(npy_bytes(dictionary("|u1", "(2, 3, 2)", true), values));
  EXPECT_EQ(fortran.at(1, 2, 0), 5);
  EXPECT_EQ(fortran.at(0, 1, 1), 8);
  EXPECT_THAT(fortran.values(), ElementsAre(0, 6, 2, 8, 4, 10, 1, 7, 3, 9, 5, 11));
  EXPECT_EQ(parse(npy_bytes(dictionary("|u1", "(2, 3, 2)"), values)).at(1, 2, 0), 10);
}

TEST(ParseNpy, ReadsFormatVersions1To3) {
  for (const int major : {1, 2, 3}) EXPECT_EQ(parse(npy_bytes(dictionary("|u1", "(1, 1)"), "\x07", major)).values()[0], 7) << major;
  EXPECT_THAT(error_of(npy_bytes(dictionary("|u1", "(1, 1)"), "\x07", 4)), HasSubstr("version 4.0"));
}

TEST(ParseNpy, TakesKeysInAnyOrder) {
  EXPECT_EQ(parse(npy_bytes("{\"shape\": (1, 1), 'fortran_order': False, 'descr': '|u1'}", "\x07")).values()[0], 7);
}

TEST(ParseNpy, RefusesWhatIsNoCutout) {
  EXPECT_THAT(error_of(""), HasSubstr("x.npy: is empty"));
  EXPECT_THAT(error_of("this is a text, named .npy by mistake\n"), HasSubstr("is no .npy file"));
  EXPECT_THAT(error_of(npy_bytes(dictionary("<c8", "(1, 1)"), "\x07\0\0\0\0\0\0\0"s)), HasSubstr("type '<c8'"));
  EXPECT_THAT(error_of(npy_bytes(dictionary("|V2", "(1, 1)"), "\x80\x3f"s)), HasSubstr("type '|V2'"));
  EXPECT_THAT(error_of(npy_bytes(dictionary("<U1", "(1, 1)"), "a\0\0\0"s)), HasSubstr("type '<U1'"));
  for (const char* type : {"", "<", "f", "<f", "<f12", "<i16", "<f44", "<<f4"})
    EXPECT_THAT(error_of(npy_bytes(dictionary(type, "(1, 1)"), std::string(64, '\0'))), HasSubstr("holds values of type")) << type;
  EXPECT_THAT(error_of(npy_bytes(dictionary("|O", "(1, 1)"), "\x07\0\0\0"s)), HasSubstr("type '|O'"));
  EXPECT_THAT(error_of(npy_bytes("{'descr': [('x', '<f4')], 'fortran_order': False, 'shape': (1,), }", "\0\0\0\0"s)),
              HasSubstr("named fields"));
  EXPECT_THAT(error_of(npy_bytes(dictionary("|u1", "(3,)"), "abc")), HasSubstr("(3) is no cutout"));
  EXPECT_THAT(error_of(npy_bytes(dictionary("|u1", "()"), "a")), HasSubstr("is no cutout"));
  EXPECT_THAT(error_of(npy_bytes(dictionary("|u1", "(2, 1, 1, 3)"), "abcdef")), HasSubstr("stack"));
  EXPECT_THAT(error_of(npy_bytes(dictionary("|u1", "(3, 0, 4)"), "")), HasSubstr("holds no pixels"));
}

TEST(ParseNpy, NeverTrustsAHeadersSize) {
  EXPECT_THAT(error_of(npy_bytes(dictionary("<f4", "(100000000000, 3, 64, 64)"), "abcd")),
              HasSubstr("(100000000000, 3, 64, 64), the file holds 1 values"));
  // 2^32 * 2^32 = 2^64, which is 0 in 64 bits.
  EXPECT_THAT(error_of(npy_bytes(dictionary("<f4", "(4294967296, 4294967296)"), "abcd")), HasSubstr("the file holds 1 values"));
  EXPECT_THAT(error_of(npy_bytes(dictionary("<f4", "(0, 4294967296, 4294967296)"), "abcd")), HasSubstr("holds no pixels"));
  EXPECT_THAT(error_of(npy_bytes(dictionary("<f4", "(99999999999999999999, 1)"), "abcd")), HasSubstr("header cannot be understood"));
  EXPECT_THAT(error_of(npy_bytes(dictionary("<f4", "(-1, 1)"), "abcd")), HasSubstr("header cannot be understood"));
  EXPECT_THAT(error_of(npy_bytes(dictionary("<f4", "(1, 2)"), "abcdefg")), HasSubstr("the file holds 1 values"));
  EXPECT_THAT(error_of("\x93NUMPY\x02\0\xff\xff\xff\xff{'descr'"s), HasSubstr("its header should be 4294967295 bytes long"));
}

TEST(ParseNpy, RefusesDamagedHeaders) {
  for (const std::string damaged :
       {"{", "{}", "{'descr': '<f4'}", "{'descr': '<f4', 'descr': '<f4', 'fortran_order': False, 'shape': (1, 1)}",
        "{'descr': '<f4', 'fortran_order': Maybe, 'shape': (1, 1)}", "{'descr': '<f4 'fortran_order': False, 'shape': (1, 1)}",
        "{'descr': '<f4', 'fortran_order': False, 'shape': (1, 1)} more", "{'descr': '<f4', 'fortran_order': False, 'shape': (1"}) {
    EXPECT_THAT(error_of(npy_bytes(damaged, "abcd")), HasSubstr("header cannot be understood")) << damaged;
  }
}

TEST(ReadNpy, ReadsFilesLongerThanItsFirstRead) {
  // 3 x 100 x 100 values: value i is i % 251, once as float64 and once as '<f4'.
  const ImageShape shape{3, 100, 100};
  std::vector<double> doubles(shape.values());
  std::vector<float> floats(shape.values());
  for (std::size_t i = 0; i < floats.size(); ++i) doubles[i] = floats[i] = static_cast<float>(i % 251);
  const auto text = [](const auto& values) {
    return std::string{reinterpret_cast<const char*>(values.data()), values.size() * sizeof values[0]};
  };
  const fs::path wide = temporary_file("f8.npy", npy_bytes(dictionary("<f8", "(3, 100, 100)"), text(doubles)));
  const fs::path narrow = temporary_file("f4.npy", npy_bytes(dictionary("<f4", "(3, 100, 100)"), text(floats)));
  for (const fs::path& path : {wide, narrow}) {
    const Image image = read_npy(path);
    EXPECT_EQ(image.shape(), shape);
    EXPECT_TRUE(std::ranges::equal(image.values(), floats)) << path;
  }
}

TEST(ReadNpy, RefusesFoldersAndPipesWithoutWaiting) {
  EXPECT_THROW(read_npy(::testing::TempDir()), Error);
  EXPECT_THROW(read_npy(fs::path{::testing::TempDir()} / "no-such.npy"), Error);
  const fs::path pipe = fs::path{::testing::TempDir()} / "pipe.npy";
  fs::remove(pipe);
  ASSERT_EQ(::mkfifo(pipe.c_str(), 0600), 0);
  EXPECT_THROW(read_npy(pipe), Error);
  fs::remove(pipe);
}

TEST(ReadNpy, RefusesALargeClaimInASparseFileWithoutAllocating) {
  // The file's size fits its header, so only the limit on cutouts can refuse it.
  const fs::path path = temporary_file("sparse.npy", npy_bytes(dictionary("|u1", "(64, 100000, 100000)"), ""));
  fs::resize_file(path, 650'000'000'000);
  EXPECT_THROW(read_npy(path), Error);
  fs::remove(path);
}

TEST(WriteNpy, IsReadBackAndLooksAsNumpyWritesIt) {
  Image image{ImageShape{2, 3, 4}};
  for (std::size_t i = 0; i < image.values().size(); ++i) image.values()[i] = static_cast<float>(i) / 7;
  const fs::path path = temporary_file("w.npy", "");
  write_npy(path, image.view());
  EXPECT_TRUE(std::ranges::equal(read_npy(path).values(), image.values()));
  const std::string bytes = read_text(path);
  EXPECT_EQ(bytes.size(), 128 + 24 * 4);
  EXPECT_EQ(bytes.substr(0, 10), "\x93NUMPY\x01\x00v\x00"s);  // as numpy 2.2 wrote np.zeros((2, 3, 4), '<f4')
  EXPECT_EQ(bytes.substr(10, 61), "{'descr': '<f4', 'fortran_order': False, 'shape': (2, 3, 4), ");
  EXPECT_EQ(bytes[127], '\n');
}

TEST(ReadNpy, FillsAnImageOfTheCutoutsShapeAndNoOther) {
  Image image{ImageShape{2, 3, 4}};
  for (std::size_t i = 0; i < image.values().size(); ++i) image.values()[i] = static_cast<float>(i);
  const fs::path path = temporary_file("into.npy", "");
  write_npy(path, image.view());
  Image same{image.shape(), -1};
  EXPECT_TRUE(read_npy(path, same.view()));
  EXPECT_TRUE(std::ranges::equal(same.values(), image.values()));
  for (const ImageShape shape : {ImageShape{2, 4, 3}, {1, 3, 4}, {2, 3, 5}}) {
    Image other{shape};
    EXPECT_FALSE(read_npy(path, other.view())) << shape.width;
  }
}

TEST(ReadNpy, FillsAnImageFromOtherHeadersAndTypes) {
  // Of 24 bytes of values each: as long as the image, but for those of two bytes.
  const std::string values = "\x00\x00\x80\x3f\x00\x00\x00\x40\x00\x00\x40\x40\x00\x00\x80\x40\x00\x00\xa0\x40\x00\x00\xc0\x40"s;
  const auto filled = [&](const std::string& bytes) {
    Image image{ImageShape{1, 2, 3}};
    EXPECT_TRUE(read_npy(temporary_file("other.npy", bytes), image.view()));
    return std::vector<float>(image.values().begin(), image.values().end());
  };
  EXPECT_THAT(filled(npy_bytes(dictionary("<f4", "(2, 3)"), values)), ElementsAre(1, 2, 3, 4, 5, 6));
  EXPECT_THAT(filled(npy_bytes(dictionary("<f4", "(1, 2, 3)") + std::string(3000, ' '), values)), ElementsAre(1, 2, 3, 4, 5, 6));
  EXPECT_THAT(filled(npy_bytes(dictionary("<f4", "(1, 2, 3)"), values + "behind")), ElementsAre(1, 2, 3, 4, 5, 6));
  EXPECT_THAT(filled(npy_bytes(dictionary("<f4", "(2, 3)", true), values)), ElementsAre(1, 3, 5, 2, 4, 6));
  EXPECT_THAT(filled(npy_bytes(dictionary("<u2", "(2, 3)"), "\1\0\2\0\3\0\4\0\5\0\6\0"s)), ElementsAre(1, 2, 3, 4, 5, 6));
  std::string swapped = values;
  for (std::size_t i = 0; i < swapped.size(); i += 4)
    std::reverse(swapped.begin() + static_cast<int>(i), swapped.begin() + static_cast<int>(i) + 4);
  EXPECT_THAT(filled(npy_bytes(dictionary(">f4", "(2, 3)"), swapped)), ElementsAre(1, 2, 3, 4, 5, 6));
}

TEST(ReadNpy, SaysWhatIsWrongWithAFileCutShortWhereverThatIs) {
  const std::string whole = npy_bytes(dictionary("<f4", "(1, 2, 3)"), std::string(24, '\0'));
  for (std::size_t size = 0; size < whole.size(); ++size) {
    Image image{ImageShape{1, 2, 3}};
    EXPECT_THROW(read_npy(temporary_file("short.npy", whole.substr(0, size)), image.view()), Error) << size;
  }
}

TEST(NpyStack, ReadsSingleImagesInBothOrders) {
  // arange(24) as (3, 1, 2, 4): image 1 is 8..15 in C order; in Fortran order value (1, 0, r, c) is 1 + 3 (r + 2 c).
  std::string values;
  for (char i = 0; i < 24; ++i) values += i;
  const NpyStack c_order{temporary_file("c.npy", npy_bytes(dictionary("|u1", "(3, 1, 2, 4)"), values))};
  NpyStack fortran{temporary_file("f.npy", npy_bytes(dictionary("|u1", "(3, 1, 2, 4)", true), values))};
  const NpyStack moved{std::move(fortran)};
  EXPECT_EQ(c_order.size(), 3);
  EXPECT_EQ(c_order.shape(), (ImageShape{1, 2, 4}));
  std::vector<float> image(8);
  c_order.read(1, image);
  EXPECT_THAT(image, ElementsAre(8, 9, 10, 11, 12, 13, 14, 15));
  moved.read(1, image);
  EXPECT_THAT(image, ElementsAre(1, 7, 13, 19, 4, 10, 16, 22));
  EXPECT_THROW(c_order.read(3, image), Error);
  EXPECT_THROW(c_order.read(-1, image), Error);
}

TEST(NpyStack, SaysWhenTheFileBecameShorter) {
  const std::string values(4 * 3 * 4, 'a');
  const fs::path path = temporary_file("cut.npy", npy_bytes(dictionary("<f4", "(3, 1, 2, 2)"), values));
  const NpyStack stack{path};
  fs::resize_file(path, fs::file_size(path) - 4);
  std::vector<float> image(4);
  EXPECT_NO_THROW(stack.read(1, image));
  EXPECT_THROW(stack.read(2, image), Error);
}

TEST(NpyStack, SaysWhenAFileInFortranOrderBecameShorter) {
  const fs::path path = temporary_file("cut-f.npy", npy_bytes(dictionary("<f4", "(3, 1, 64, 64)", true), std::string(4 * 3 * 4096, 'a')));
  const NpyStack stack{path};
  fs::resize_file(path, 200);  // shorter than the page in which it was mapped once
  std::vector<float> image(4096);
  EXPECT_THROW(stack.read(0, image), Error);
}

// Value (i, 0, r, c) of (n, 1, 2, 2) is i + n (r + 2 c): images of which several blocks are made, read out of turn.
TEST(NpyStack, ReadsFortranOrderLongerThanABlock) {
  const std::int64_t count = 2'500'000;  // of 16 bytes each: 40 MB
  std::vector<float> values(static_cast<std::size_t>(4 * count));
  for (std::size_t i = 0; i < values.size(); ++i) values[i] = static_cast<float>(i);
  const fs::path path = temporary_file("long-f.npy", npy_bytes(dictionary("<f4", "(2500000, 1, 2, 2)", true), ""));
  std::ofstream{path, std::ios::binary | std::ios::app}.write(reinterpret_cast<const char*>(values.data()), 16 * count);
  const NpyStack stack{path};
  std::vector<float> image(4);
  for (const std::int64_t i : {std::int64_t{0}, count - 1, std::int64_t{7}, count / 2, count - 2}) {
    stack.read(i, image);
    const auto first = static_cast<float>(i), step = static_cast<float>(count);
    EXPECT_THAT(image, ElementsAre(first, first + 2 * step, first + step, first + 3 * step)) << i;
  }
  fs::remove(path);
}

TEST(IsNpyStack, TellsStacksFromCutouts) {
  EXPECT_TRUE(is_npy_stack(temporary_file("4.npy", npy_bytes(dictionary("|u1", "(1, 1, 1, 1)"), "a"))));
  EXPECT_FALSE(is_npy_stack(temporary_file("3.npy", npy_bytes(dictionary("|u1", "(1, 1, 1)"), "a"))));
}

// Cutouts that numpy wrote, each band from 0 to 1 (tests/reference/files.py), and genuine ones where they are.
TEST(ReadNpy, ReadsCutoutsAsNumpyWritesThem) {
  std::vector<std::pair<fs::path, int>> folders{{test::reference_file("cutouts/train_lenses"), 24}};
  if (const auto genuine = test::shared_file("data/deeplense-sample/train_lenses")) folders.emplace_back(*genuine, 64);
  for (const auto& [folder, side] : folders) {
    for (const auto& entry : fs::directory_iterator{folder}) {
      const Image image = read_npy(entry.path());
      EXPECT_EQ(image.shape(), (ImageShape{3, side, side}));
      for (int b = 0; b < 3; ++b) {
        EXPECT_EQ(*std::ranges::min_element(image.band(b)), 0) << entry.path();
        EXPECT_EQ(*std::ranges::max_element(image.band(b)), 1) << entry.path();
      }
    }
  }
}

}  // namespace
}  // namespace lensfind::image
