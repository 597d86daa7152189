#include "lensfind/image/fits.h"

#include <cmath>
#include <fstream>
#include <numeric>

#include <fitsio.h>
#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "lensfind/base/error.h"
#include "lensfind/base/value.h"
#include "lensfind/testing/shared_files.h"

namespace lensfind::image {
namespace {

namespace fs = std::filesystem;
using ::testing::HasSubstr;

class Fits : public ::testing::Test {
 protected:
  void SetUp() override {
    fs::remove_all(folder_);
    fs::create_directories(folder_);
  }
  void TearDown() override { fs::remove_all(folder_); }

  static Image counted(ImageShape shape) {
    Image image{shape};
    std::iota(image.values().begin(), image.values().end(), .5F);
    return image;
  }
  /// A file made by CFITSIO as its extended syntax says ("x.fits.gz", "x.fits[compress]"): an image HDU for each name.
  void make(const std::string& name, const std::vector<std::string>& hdus, int type = FLOAT_IMG, long side = 20) const {
    fitsfile* file = nullptr;
    int status = 0;
    std::array<long, 2> sizes{side, side};
    fits_create_file(&file, (folder_ / name).c_str(), &status);
    for (std::size_t hdu = 0; hdu < hdus.size(); ++hdu) {
      std::vector<float> pixels(static_cast<std::size_t>(side * side));
      std::iota(pixels.begin(), pixels.end(), static_cast<float>(1000 * hdu));
      fits_create_img(file, type, 2, sizes.data(), &status);
      fits_update_key_str(file, "EXTNAME", hdus[hdu].c_str(), nullptr, &status);
      fits_write_img(file, TFLOAT, 1, side * side, pixels.data(), &status);
    }
    fits_close_file(file, &status);
    ASSERT_EQ(status, 0);
  }
  std::string error_of(const std::string& name) const {
    try {
      read_fits(folder_ / name);
    } catch (const Error& error) {
      EXPECT_FALSE(error.hint().empty());
      return error.what();
    }
    return "no error";
  }

  fs::path folder_ =
      fs::path{::testing::TempDir()} / ("fits-" + std::string{::testing::UnitTest::GetInstance()->current_test_info()->name()});
};

TEST_F(Fits, IsReadBackAsWritten) {
  for (const ImageShape shape : {ImageShape{1, 5, 7}, ImageShape{3, 64, 64}}) {
    const Image image = counted(shape);
    write_fits(folder_ / "x.fits", image.view(),
               {{"ZPT", 27.0, "mag"}, {"FILTER", std::string{"gri"}, ""}, {"NUMBER", std::int64_t{1} << 40, ""}, {"LENS", true, ""}});
    EXPECT_EQ(read_fits_shape(folder_ / "x.fits"), shape);
    const Image read = read_fits(folder_ / "x.fits");
    EXPECT_EQ(read.shape(), shape);
    EXPECT_TRUE(std::ranges::equal(read.values(), image.values()));
  }
  const std::string bytes = read_text(folder_ / "x.fits");
  EXPECT_EQ(bytes.size() % 2880, 0u);
  EXPECT_THAT(bytes, ::testing::StartsWith("SIMPLE  =                    T"));
  EXPECT_THAT(bytes, HasSubstr("ZPT     =                  27. / mag"));
  EXPECT_THAT(bytes, HasSubstr("NUMBER  =        1099511627776"));
}

TEST_F(Fits, TakesOneBandAnHdu) {
  make("bands.fits", {"G", "R", "I"});
  const Image image = read_fits(folder_ / "bands.fits");
  EXPECT_EQ(image.shape(), (ImageShape{3, 20, 20}));
  EXPECT_EQ(image.at(2, 1, 3), 2023);  // 1000 x HDU + 20 x row + column
}

TEST_F(Fits, LeavesMaskAndVarianceOut) {
  make("hsc.fits", {"IMAGE", "MASK", "VARIANCE"});
  EXPECT_EQ(read_fits(folder_ / "hsc.fits").shape(), (ImageShape{1, 20, 20}));
}

TEST_F(Fits, ReadsGzippedAndTileCompressedFiles) {
  make("x.fits.gz", {"G", "R"});
  EXPECT_EQ(read_fits(folder_ / "x.fits.gz").at(1, 19, 19), 1399);
  make("t.fits[compress R]", {"G", "R"}, LONG_IMG);
  const Image tiles = read_fits(folder_ / "t.fits");
  EXPECT_EQ(tiles.shape(), (ImageShape{2, 20, 20}));
  EXPECT_EQ(tiles.at(1, 19, 19), 1399);
}

TEST_F(Fits, TurnsBlankPixelsToNan) {
  make("blank.fits", {"G"}, SHORT_IMG);
  fitsfile* file = nullptr;
  int status = 0;
  fits_open_diskfile(&file, (folder_ / "blank.fits").c_str(), READWRITE, &status);
  fits_write_key_lng(file, "BLANK", 7, nullptr, &status);
  fits_close_file(file, &status);
  const Image image = read_fits(folder_ / "blank.fits");
  EXPECT_TRUE(std::isnan(image.at(0, 0, 7)));
  EXPECT_EQ(image.at(0, 0, 8), 8);
}

TEST_F(Fits, RefusesWhatIsNoCutout) {
  std::ofstream{folder_ / "text.fits"} << "this is no FITS file";
  EXPECT_THAT(error_of("text.fits"), HasSubstr("text.fits: "));
  std::ofstream{folder_ / "empty.fits"}.close();
  EXPECT_THAT(error_of("empty.fits"), HasSubstr("empty.fits: "));
  EXPECT_THAT(error_of("absent.fits"), HasSubstr("there is no such file"));
  EXPECT_THAT(error_of("."), HasSubstr("there is no such file"));
  write_fits(folder_ / "cut.fits", counted({3, 64, 64}).view());
  fs::resize_file(folder_ / "cut.fits", 20000);
  EXPECT_THAT(error_of("cut.fits"), HasSubstr("cut.fits: "));
}

TEST_F(Fits, NeverTrustsAHeadersSize) {
  write_fits(folder_ / "x.fits", counted({1, 8, 8}).view());
  std::string bytes = read_text(folder_ / "x.fits");
  for (const char* key : {"NAXIS1  =                    8", "NAXIS2  =                    8"}) {
    const std::size_t at = bytes.find(key);
    ASSERT_NE(at, std::string::npos);
    bytes.replace(at, 30, std::string{key}.substr(0, 10) + "               16000");
  }
  std::ofstream{folder_ / "x.fits", std::ios::binary} << bytes;
  EXPECT_THAT(error_of("x.fits"), HasSubstr("the header promises 16000 x 16000 x 1 pixels, the file holds"));
}

TEST_F(Fits, NeverTrustsTheLengthBehindAGzippedFile) {
  make("x.fits.gz", {"G"});
  std::string bytes = read_text(folder_ / "x.fits.gz");
  bytes.replace(bytes.size() - 4, 4, "\xff\xff\xff\xff");
  std::ofstream{folder_ / "x.fits.gz", std::ios::binary} << bytes;
  EXPECT_THAT(error_of("x.fits.gz"), HasSubstr("its end promises 4294967295 bytes unpacked"));
}

TEST_F(Fits, OpensNoOtherArchives) {
  for (const std::string begin : {"PK\x03\x04", "\x1f\x9d\x90", "BZh9", "\x1f"}) {
    std::ofstream{folder_ / "x.fits", std::ios::binary} << begin << std::string(begin.size() > 1 ? 100 : 0, ' ');
    EXPECT_THAT(error_of("x.fits"), HasSubstr("does not begin as FITS or gzip do"));
  }
}

// CFITSIO 4.2 divides by the noughts, reads beyond the tile with blocks of 7, allocates by the others.
TEST_F(Fits, NeverTrustsTheTilesOfACompressedImage) {
  const auto compressed_with = [&](const std::string& keyword, const std::string& value) {
    fs::remove(folder_ / "t.fits");
    make("t.fits[compress R]", {"G"}, LONG_IMG);
    std::string bytes = read_text(folder_ / "t.fits");
    std::size_t at = bytes.find(fmt::format("{:<8}= ", keyword));
    if (at == std::string::npos) at = bytes.find("EXTNAME = ");
    bytes.replace(at, 80, fmt::format("{:<8}= {:>20}{:50}", keyword, value, ""));
    std::ofstream{folder_ / "t.fits", std::ios::binary} << bytes;
    return error_of("t.fits");
  };
  const std::array<std::pair<std::string, std::string>, 11> wrong{{{"ZGCOUNT", "-2147483648"},
                                                                   {"ZGCOUNT", "2"},
                                                                   {"ZPCOUNT", "-2147483648"},
                                                                   {"ZTILE1", "0"},
                                                                   {"ZTILE2", "0"},
                                                                   {"ZTILE1", "0.5"},
                                                                   {"ZVAL1", "0"},
                                                                   {"ZVAL1", "7"},
                                                                   {"ZTILE1", "2147483647"},
                                                                   {"ZTILE1", "9223372036854775807"},
                                                                   {"ZPCOUNT", "4294967297"}}};
  for (const auto& [keyword, value] : wrong)
    EXPECT_THAT(compressed_with(keyword, value), HasSubstr(fmt::format("whose {} is {}", keyword, value)));
}

// CFITSIO 4.2 asks zlib for ever for the rest of a tile that does not end.
TEST_F(Fits, RefusesGzippedTilesThatDoNotEnd) {
  make("t.fits[compress G]", {"G"}, LONG_IMG);
  EXPECT_EQ(error_of("t.fits"), "no error");
  std::string bytes = read_text(folder_ / "t.fits");
  const std::size_t tile = bytes.find("\x1f\x8b\x08");
  ASSERT_NE(tile, std::string::npos);
  const std::string whole = bytes;
  for (const std::size_t at : {tile, tile + 3, tile + 10}) {
    bytes = whole;
    bytes[at] = static_cast<char>(bytes[at] ^ 0x55);
    std::ofstream{folder_ / "t.fits", std::ios::binary} << bytes;
    EXPECT_THAT(error_of("t.fits"), HasSubstr("gzipped tile")) << at - tile;
  }
  // The first row's descriptor begins with the tile's length, most significant byte first; without its end CFITSIO waited for ever.
  bytes = whole;
  const std::size_t table = (bytes.rfind("END     ", tile) / 2880 + 1) * 2880;
  ASSERT_GT(bytes[table + 3], 20);
  bytes[table + 3] = static_cast<char>(bytes[table + 3] - 12);
  std::ofstream{folder_ / "t.fits", std::ios::binary} << bytes;
  EXPECT_THAT(error_of("t.fits"), HasSubstr("gzipped tile"));
}

// CFITSIO 4.2 reads beyond its memory where a tile's code does not end.
TEST_F(Fits, RefusesRiceTilesThatDoNotEnd) {
  make("t.fits[compress R]", {"G"}, LONG_IMG);
  EXPECT_EQ(error_of("t.fits"), "no error");
  std::string bytes = read_text(folder_ / "t.fits");
  const std::size_t heap = bytes.find_last_not_of('\0');
  ASSERT_NE(heap, std::string::npos);
  std::fill(bytes.begin() + static_cast<std::ptrdiff_t>(heap - 3), bytes.begin() + static_cast<std::ptrdiff_t>(heap + 1), '\0');
  std::ofstream{folder_ / "t.fits", std::ios::binary} << bytes;
  EXPECT_THAT(error_of("t.fits"), HasSubstr("RICE tile"));
}

// CFITSIO 4.2 writes as many pixels as an HCOMPRESS stream tells it to, wherever that is.
TEST_F(Fits, RefusesHcompress) {
  make("t.fits[compress HS]", {"G"}, LONG_IMG);
  EXPECT_THAT(error_of("t.fits"), HasSubstr("is compressed with HCOMPRESS"));
}

TEST_F(Fits, TakesOddNamesAsTheyAre) {
  const Image image = counted({1, 4, 4});
  for (const char* name : {"with space.fits", "a[1].fits", "b(c).fits", "\xc3\xa4.fits"}) {
    write_fits(folder_ / name, image.view());
    EXPECT_TRUE(std::ranges::equal(read_fits(folder_ / name).values(), image.values())) << name;
  }
}

TEST(IsFitsName, KnowsTheUsualSuffixes) {
  for (const char* name : {"a.fits", "a.fit", "a.fits.gz", "b/a.fits.fz"}) EXPECT_TRUE(is_fits_name(name)) << name;
  for (const char* name : {"a.npy", "a.gz", "fits", "a.fits.txt"}) EXPECT_FALSE(is_fits_name(name)) << name;
}

// Files that astropy wrote, and what it reads from them (tests/reference/files.py).
TEST_F(Fits, ReadsWhatAstropyWritesAsAstropyDoes) {
  const Value files = read_json(test::reference_file("files.json")).at("fits");
  for (const auto& [name, known] : files.as_object()) {
    const Image image = read_fits(test::reference_file("fits/" + name));
    const auto& shape = known.at("shape").as_array();
    ASSERT_EQ(image.shape().bands, shape[0].as_number()) << name;
    ASSERT_EQ(image.shape().height, shape[1].as_number()) << name;
    ASSERT_EQ(image.shape().width, shape[2].as_number()) << name;
    EXPECT_EQ(std::ranges::count_if(image.values(), [](float value) { return std::isnan(value); }), known.at("missing").as_number())
        << name;
    for (int b = 0; b < image.shape().bands; ++b) {
      EXPECT_EQ(image.at(b, 10, 20), known.at("pixels").as_array()[static_cast<std::size_t>(b)].as_number()) << name;
      double sum = 0;
      for (const float value : image.band(b)) sum += std::isnan(value) ? 0 : static_cast<double>(value);
      EXPECT_NEAR(sum, known.at("sums").as_array()[static_cast<std::size_t>(b)].as_number(), 1e-6) << name;
    }
  }
  // Survey files too, where they are.
  struct Known {
    const char* file;
    int band;
    float pixel;  ///< row 10, column 20
  };
  for (const Known& known : {Known{"cfhtls-field/CFHTLS-test_g.fits", 0, -0.1989745944738388F},
                             Known{"ps1-lenses/SDSSJ0955_3014/SDSSJ0955_3014_g.fits", 0, -47.73970413208008F},
                             Known{"des-galaxies/lens/DES_11406730.fits", 1, 3.1906890869140625F}}) {
    const auto path = test::shared_file(std::string{"data/"} + known.file);
    if (path) {
      EXPECT_EQ(read_fits(*path).at(known.band, 10, 20), known.pixel) << known.file;
    }
  }
}

}  // namespace
}  // namespace lensfind::image
