#include "lensfind/score/network_memory.h"

#include <gtest/gtest.h>
#include <openvino/openvino.hpp>
#include <openvino/opsets/opset13.hpp>

namespace lensfind::score {
namespace {

namespace opset = ov::opset13;

TEST(NetworkMemory, CountsWhatIsKeptAtOnce) {
  // 100 numbers of 4 bytes -> 1,000 -> 1,000 -> their sum, 1. While the sum is taken the pixels and the first 1,000 are gone; most is held
  // when the second 1,000 are made of the first.
  const auto pixels = std::make_shared<opset::Parameter>(ov::element::f32, ov::PartialShape{1, 100});
  const auto repeats = opset::Constant::create(ov::element::i64, {2}, {1, 10});
  const auto tiled = std::make_shared<opset::Tile>(pixels, repeats);
  const auto rectified = std::make_shared<opset::Relu>(tiled);
  const auto sum = std::make_shared<opset::ReduceSum>(rectified, opset::Constant::create(ov::element::i64, {1}, {1}), true);
  const ov::Model chain{ov::OutputVector{sum}, ov::ParameterVector{pixels}};
  EXPECT_EQ(max_bytes_at_once(chain), 8000);
  // Where the sum is added to the pixels, these are kept too.
  const ov::Model kept{ov::OutputVector{std::make_shared<opset::Add>(sum, pixels)}, ov::ParameterVector{pixels}};
  EXPECT_EQ(max_bytes_at_once(kept), 8400);
}

TEST(NetworkMemory, IsNotKnownWhereAShapeIsNot) {
  const auto pixels = std::make_shared<opset::Parameter>(ov::element::f32, ov::PartialShape{1, 100});
  const auto bright = std::make_shared<opset::NonZero>(pixels);
  EXPECT_EQ(max_bytes_at_once(ov::Model{ov::OutputVector{bright}, ov::ParameterVector{pixels}}), 2 * 100 * 8 + 400);
  const auto free = std::make_shared<opset::Parameter>(ov::element::f32, ov::PartialShape{-1, 100});
  EXPECT_FALSE(max_bytes_at_once(ov::Model{ov::OutputVector{std::make_shared<opset::Relu>(free)}, ov::ParameterVector{free}}).has_value());
}

}  // namespace
}  // namespace lensfind::score
