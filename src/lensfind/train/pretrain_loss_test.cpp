#include "lensfind/train/pretrain_loss.h"

#include <filesystem>
#include <set>

#include <ATen/ATen.h>
#include <gtest/gtest.h>

#include "lensfind/base/value.h"

namespace lensfind::train {
namespace {

/// torch's and numpy's numbers (tests/reference/pretraining.py).
const Value& reference() {
  static const Value read = read_json(std::filesystem::path{LENSFIND_SOURCE_DIR} / "tests/reference/pretraining.json");
  return read;
}

at::Tensor tensor_of(const Value& list, const std::vector<std::int64_t>& shape) {
  std::vector<double> values;
  const auto gather = [&](const auto& self, const Value& at) -> void {
    if (!at.is_array()) return values.push_back(at.as_number());
    for (const Value& one : at.as_array()) self(self, one);
  };
  gather(gather, list);
  return at::tensor(values, at::kDouble).reshape(shape);
}

at::Tensor rows_of(const Value& rows) {
  const auto count = static_cast<std::int64_t>(rows.as_array().size());
  return tensor_of(rows, {count, -1});
}

double furthest(const at::Tensor& a, const at::Tensor& b) { return (a - b).abs().max().item<double>(); }

TEST(ViewLoss, AgreesWithTorchWithItsGradient) {
  for (const Value& known : reference().at("views").as_array()) {
    const at::Tensor predicted = rows_of(known.at("predicted")).set_requires_grad(true);
    const at::Tensor target = rows_of(known.at("target")).set_requires_grad(true);
    const at::Tensor loss = view_loss(predicted, target);
    EXPECT_NEAR(loss.item<double>(), known.at("loss").as_number(), 1e-12);
    loss.backward();
    EXPECT_LT(furthest(predicted.grad(), rows_of(known.at("gradient"))), 1e-12);
    EXPECT_FALSE(target.grad().defined()) << "no gradient goes into the target";
  }
}

TEST(ViewLoss, GoesFromNoughtToFour) {
  const at::Tensor rows = at::tensor({3., 4., -1., 0.}, at::kDouble).reshape({2, 2});
  EXPECT_NEAR(view_loss(rows, 7 * rows).item<double>(), 0, 1e-15);
  EXPECT_NEAR(view_loss(rows, -rows).item<double>(), 4, 1e-15);
}

TEST(HiddenPixelLoss, AgreesWithTorchAndSeesHiddenPixelsAlone) {
  const Value& known = reference().at("hidden");
  const at::Tensor pixels = tensor_of(known.at("pixels"), {2, 3, 4, 4}), hidden = tensor_of(known.at("hidden"), {2, 1, 4, 4});
  const at::Tensor predicted = tensor_of(known.at("predicted"), {2, 3, 4, 4}).set_requires_grad(true);
  const at::Tensor loss = hidden_pixel_loss(predicted, pixels, hidden);
  EXPECT_NEAR(loss.item<double>(), known.at("loss").as_number(), 1e-12);
  loss.backward();
  EXPECT_LT(furthest(predicted.grad(), tensor_of(known.at("gradient"), {2, 3, 4, 4})), 1e-12);
  const at::Tensor elsewhere = predicted.detach() + 100 * (1 - hidden);
  EXPECT_NEAR(hidden_pixel_loss(elsewhere, pixels, hidden).item<double>(), known.at("loss").as_number(), 1e-12);
}

TEST(FeatureSpread, AgreesWithNumpy) {
  for (const Value& known : reference().at("spreads").as_array())
    EXPECT_NEAR(feature_spread(rows_of(known.at("features"))), known.at("spread").as_number(), 1e-12);
}

TEST(FeatureSpread, IsNoughtWhereAllPointOneWayAndOneWhereTheyPointEvenly) {
  EXPECT_NEAR(feature_spread(at::tensor({1., 2., 3., 6., .5, 1.}, at::kDouble).reshape({3, 2})), 0, 1e-12);
  EXPECT_NEAR(feature_spread(at::cat({at::eye(4, at::kDouble), -at::eye(4, at::kDouble)})), 1, 1e-12);
}

TEST(HiddenPixels, AreWholeBlocksOfTheFractionAskedFor) {
  const BlockGrid grid{.size = 32, .block = 8, .fraction = .6};
  ASSERT_EQ(grid.hidden(), 10) << "of 16";
  constexpr std::size_t count = 40;
  const std::vector<float> hidden = hidden_pixels(grid, 3, 2, 100, count);
  std::set<std::vector<float>> different;
  std::vector<int> times(16, 0);
  for (std::size_t i = 0; i < count; ++i) {
    const std::vector<float> one(hidden.begin() + static_cast<std::ptrdiff_t>(i * 1024),
                                 hidden.begin() + static_cast<std::ptrdiff_t>((i + 1) * 1024));
    int blocks = 0;
    for (std::size_t block = 0; block < 16; ++block) {
      float sum = 0;
      for (std::size_t row = 0; row < 8; ++row)
        for (std::size_t column = 0; column < 8; ++column) sum += one[(block / 4 * 8 + row) * 32 + block % 4 * 8 + column];
      EXPECT_TRUE(sum == 0 || sum == 64) << sum;
      blocks += sum == 64 ? 1 : 0;
      times[block] += sum == 64 ? 1 : 0;
    }
    EXPECT_EQ(blocks, 10);
    different.insert(one);
  }
  EXPECT_GT(different.size(), count / 2);
  // Binomial with n = 40, p = 5/8: 25 +- 3.1.
  for (const int block : times) EXPECT_NEAR(block, 25, 4 * 3.1);
  EXPECT_EQ(hidden_pixels(grid, 3, 2, 101, 1), std::vector<float>(hidden.begin() + 1024, hidden.begin() + 2048))
      << "a place's blocks hang on nothing else";
  EXPECT_NE(hidden_pixels(grid, 3, 3, 100, 1), hidden_pixels(grid, 3, 2, 100, 1));
  EXPECT_NE(hidden_pixels(grid, 4, 2, 100, 1), hidden_pixels(grid, 3, 2, 100, 1));
}

TEST(HiddenPixels, LeaveSomeAndHideSome) {
  EXPECT_EQ((BlockGrid{.size = 32, .block = 16, .fraction = .01}.hidden()), 1);
  EXPECT_EQ((BlockGrid{.size = 32, .block = 16, .fraction = .99}.hidden()), 3);
}

TEST(TargetMomentum, RisesToOneAlongHalfACosine) {
  EXPECT_NEAR(target_momentum(.96, 0, 100), .96, 1e-15);
  EXPECT_NEAR(target_momentum(.96, 50, 100), .98, 1e-15);
  // cos(pi / 3) = 1/2
  EXPECT_NEAR(target_momentum(.96, 20, 60), .97, 1e-15);
  EXPECT_NEAR(target_momentum(.96, 100, 100), 1, 1e-15);
}

}  // namespace
}  // namespace lensfind::train
