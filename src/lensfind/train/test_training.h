#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

#include <gmock/gmock.h>

#include "lensfind/base/atomic_file.h"
#include "lensfind/base/error.h"
#include "lensfind/base/fields.h"
#include "lensfind/base/random.h"
#include "lensfind/image/npy.h"
#include "lensfind/train/train.h"

namespace lensfind::train {

namespace fs = std::filesystem;

/// Of a student all but the last layer, statistics too: at a rate that is small enough the loss never falls.
constexpr const char* all_but_the_classifier = R"(freeze=["stem", "stage1", "stage2", "stage3"])";

/// A set of 32x32 cutouts of two bands of noise, lenses with a bright square: easy to learn.
class Training : public ::testing::Test {
 protected:
  void SetUp() override {
    fs::remove_all(root_);
    write("set/train_lenses", 12, true, 1);
    write("set/train_nonlenses", 20, false, 100);
  }
  void TearDown() override { fs::remove_all(root_); }

  void write(const std::string& folder, int count, bool lens, std::uint64_t seed) const {
    fs::create_directories(root_ / folder);
    for (int i = 1; i <= count; ++i) {
      image::Image image{image::ImageShape{2, 32, 32}};
      RandomStream random{seed + static_cast<std::uint64_t>(i), Purpose::test};
      for (float& value : image.values()) value = static_cast<float>(random.uniform());
      for (int row = 8; lens && row < 20; ++row) {
        for (int column = 8; column < 20; ++column) image.at(0, row, column) += 2;
      }
      image::write_npy(root_ / folder / (std::to_string(i) + ".npy"), image.view());
    }
  }

  [[nodiscard]] TrainOptions options(const std::string& out, const std::vector<std::string>& set = {}) const {
    TrainOptions options;
    options.recipe.network = "student";
    options.recipe.imbalance = {};
    options.recipe.batch = 8;
    options.recipe.epochs = 2;
    options.recipe.rate = 1e-3;
    options.recipe.validation_fraction = .25;
    options.recipe.augmentation = {{.name = "d4"}};
    for (const std::string& assignment : set) set_field(options.recipe, assignment);
    options.data = root_ / "set";
    options.out = root_ / out;
    options.threads = 1;
    return options;
  }

  /// Trains with these settings; the bytes of the weights.
  [[nodiscard]] std::string weights(const std::string& out, const std::vector<std::string>& set = {}) const {
    train(options(out, set));
    return bytes(out);
  }
  [[nodiscard]] std::string bytes(const std::string& out) const { return read_text(root_ / out / "model.safetensors"); }

  static std::string what(const TrainOptions& options) {
    try {
      train(options);
    } catch (const Error& error) {
      return error.what();
    }
    return "no error";
  }

  fs::path root_ =
      fs::path{::testing::TempDir()} / (std::string{"train-"} + ::testing::UnitTest::GetInstance()->current_test_info()->name());
};

}  // namespace lensfind::train
