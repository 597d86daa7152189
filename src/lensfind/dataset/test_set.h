#pragma once

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <string>

#include <gtest/gtest.h>

#include "lensfind/base/random.h"
#include "lensfind/image/npy.h"

namespace lensfind::dataset {

/// A folder of its own for each test, with cutouts written as the test wants them. It is removed afterwards.
class TestSet : public ::testing::Test {
 protected:
  void SetUp() override {
    std::filesystem::remove_all(root_);
    std::filesystem::create_directories(root_);
  }
  void TearDown() override { std::filesystem::remove_all(root_); }

  /// Noise that differs with the seed.
  static image::Image noise(std::uint64_t seed, image::ImageShape shape = {2, 8, 8}) {
    image::Image image{shape};
    RandomStream random{seed, Purpose::test};
    for (float& value : image.values()) value = static_cast<float>(random.uniform());
    return image;
  }
  void write(const std::string& name, const image::Image& image) const {
    std::filesystem::create_directories((root_ / name).parent_path());
    image::write_npy(root_ / name, image.view());
  }
  /// A cutout of noise whose seed is the name's hash, so that files of different names differ.
  void write(const std::string& name, image::ImageShape shape = {2, 8, 8}) const {
    write(name, noise(std::hash<std::string>{}(name), shape));
  }
  void write_text(const std::string& name, const std::string& text) const {
    std::filesystem::create_directories((root_ / name).parent_path());
    std::ofstream{root_ / name, std::ios::binary} << text;
  }
  void write_stack(const std::string& name, std::int64_t count, image::ImageShape shape = {2, 8, 8}) const {
    std::string bytes = image::npy_header_text(std::vector<std::int64_t>{count, shape.bands, shape.height, shape.width});
    for (std::int64_t i = 0; i < count; ++i) {
      const image::Image image = noise(1000 + static_cast<std::uint64_t>(i), shape);
      bytes.append(reinterpret_cast<const char*>(image.values().data()), image.values().size_bytes());
    }
    write_text(name, bytes);
  }

  std::filesystem::path root_ = std::filesystem::path{::testing::TempDir()} /
                                ("set-" + std::string{::testing::UnitTest::GetInstance()->current_test_info()->test_suite_name()} + "-" +
                                 ::testing::UnitTest::GetInstance()->current_test_info()->name());
};

}  // namespace lensfind::dataset
