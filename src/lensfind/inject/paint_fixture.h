#pragma once

#include <cmath>
#include <filesystem>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "lensfind/base/random.h"
#include "lensfind/image/fits.h"
#include "lensfind/inject/paint.h"

namespace lensfind::inject {

/// A survey of the source tree.
inline simulate::Survey survey(const std::string& name, const std::vector<std::string>& overrides = {}) {
  return simulate::find_survey(name, {std::filesystem::path{LENSFIND_SOURCE_DIR} / "surveys"}, overrides);
}

/// A folder with real-looking cutouts: a red elliptical of i about 19 in units of zero point 30 on the des survey's pixels, noise of rms 3.
class PaintTest : public ::testing::Test {
 protected:
  void SetUp() override {
    std::filesystem::remove_all(folder_);
    std::filesystem::create_directories(folder_ / "cutouts");
  }
  void TearDown() override { std::filesystem::remove_all(folder_); }

  static image::Image galaxy(double peak = 100) {
    image::Image out{image::ImageShape{3, 48, 48}};
    RandomStream random{9, Purpose::test};
    for (int b = 0; b < 3; ++b) {
      for (int row = 0; row < 48; ++row) {
        for (int column = 0; column < 48; ++column) {
          const double x = column - 23.5, y = (row - 23.5) / 0.7;
          out.at(b, row, column) = static_cast<float>(peak *
                                                          (b == 0   ? 0.12
                                                           : b == 1 ? 0.5
                                                                    : 1) *
                                                          std::exp(-std::hypot(x, y) / 3) +
                                                      random.normal(0, 3));
        }
      }
    }
    return out;
  }
  void write(const std::string& name, const image::Image& image,
             const std::vector<image::FitsCard>& cards = {{"MAGZERO", 30.0, ""}}) const {
    image::write_fits(folder_ / "cutouts" / name, image.view(), cards);
  }
  [[nodiscard]] simulate::PaintOptions options() const { return {.folder = folder_ / "cutouts"}; }
  [[nodiscard]] static simulate::CutoutRequest lens(std::int64_t number = 0) {
    return {.split = simulate::Split::train, .number = number, .size = 48, .seed = 3};
  }

  std::filesystem::path folder_ = std::filesystem::path{::testing::TempDir()} /
                                  ("lensfind-paint-" + std::string{::testing::UnitTest::GetInstance()->current_test_info()->name()});
  render::Renderer renderer_;
};

}  // namespace lensfind::inject
