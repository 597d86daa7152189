#pragma once

#include <filesystem>
#include <fstream>
#include <span>
#include <string>

#include <gtest/gtest.h>

#include "lensfind/image/npy.h"

namespace lensfind::cutouts {

/// A test with a folder of its own and ways to fill it.
class TestFolder : public ::testing::Test {
 protected:
  void SetUp() override {
    const auto* test = ::testing::UnitTest::GetInstance()->current_test_info();
    folder_ = std::filesystem::path{::testing::TempDir()} / (std::string{"lensfind-"} + test->test_suite_name() + "-" + test->name());
    std::filesystem::remove_all(folder_);
    std::filesystem::create_directories(folder_);
  }
  void TearDown() override { std::filesystem::remove_all(folder_); }

  /// A cutout all of whose pixels are `value`.
  void cutout(const std::string& name, float value, image::ImageShape shape = {1, 2, 2}) const {
    std::filesystem::create_directories((folder_ / name).parent_path());
    image::write_npy(folder_ / name, image::Image{shape, value}.view());
  }
  /// A stack whose image i has pixels `first` + i.
  void stack(const std::string& name, int count, float first, image::ImageShape shape = {1, 2, 2}) const {
    std::filesystem::create_directories((folder_ / name).parent_path());
    std::ofstream file{folder_ / name, std::ios::binary};
    const std::int64_t sizes[] = {count, shape.bands, shape.height, shape.width};
    file << image::npy_header_text(sizes);
    for (int i = 0; i < count; ++i) {
      const image::Image image{shape, first + static_cast<float>(i)};
      file.write(reinterpret_cast<const char*>(image.values().data()), static_cast<std::streamsize>(image.values().size_bytes()));
    }
  }
  void text(const std::string& name, const std::string& content) const {
    std::filesystem::create_directories((folder_ / name).parent_path());
    std::ofstream{folder_ / name, std::ios::binary} << content;
  }

  std::filesystem::path folder_;
};

}  // namespace lensfind::cutouts
