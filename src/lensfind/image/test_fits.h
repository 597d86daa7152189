#pragma once

#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

#include <fitsio.h>
#include <gtest/gtest.h>

namespace lensfind::image {

/// A header card as it stands in a file.
inline std::string card(std::string text) {
  text.resize(80, ' ');
  return text;
}

/// Cards, or pixels, with their padding.
inline std::string to_blocks(std::string text, char padding = ' ') {
  text.resize((text.size() + 2879) / 2880 * 2880, padding);
  return text;
}

/// A FITS file made with CFITSIO, image by image. It is removed with the test.
class TestFits {
 public:
  TestFits() {
    std::filesystem::remove(path_);
    fits_create_diskfile(&file_, path_.c_str(), &status_);
  }
  ~TestFits() { std::filesystem::remove(path_); }
  TestFits(const TestFits&) = delete;
  TestFits& operator=(const TestFits&) = delete;

  /// Writes a 2-D image two pixels a side, or one with the axes given. All pixels are `value` but the first, which is 1 more.
  void image(const std::string& name, float value, int type = FLOAT_IMG, std::vector<long> axes = {2, 2}) {
    long count = 1;
    for (const long axis : axes) count *= axis;
    std::vector<float> pixels(static_cast<std::size_t>(count), value);
    pixels[0] += 1;
    fits_create_img(file_, type, static_cast<int>(axes.size()), axes.data(), &status_);
    if (!name.empty()) key("EXTNAME", name);
    fits_write_img(file_, TFLOAT, 1, count, pixels.data(), &status_);
  }
  void empty_primary() { fits_create_img(file_, BYTE_IMG, 0, nullptr, &status_); }
  void key(const char* name, const std::string& value) { fits_update_key_longstr(file_, name, value.c_str(), nullptr, &status_); }
  void key(const char* name, double value) { fits_update_key_dbl(file_, name, value, -15, nullptr, &status_); }
  /// The whole file.
  const std::filesystem::path& done() {
    if (file_ != nullptr) fits_close_file(file_, &status_);
    file_ = nullptr;
    EXPECT_EQ(status_, 0);
    return path_;
  }

 private:
  std::filesystem::path path_ = std::filesystem::path{::testing::TempDir()} /
                                (std::string{"lensfind-"} + ::testing::UnitTest::GetInstance()->current_test_info()->name() + ".fits");
  fitsfile* file_ = nullptr;
  int status_ = 0;
};

}  // namespace lensfind::image
