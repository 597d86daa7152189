#include "lensfind/train/depthwise_convolution.h"

#include <ATen/ATen.h>
#include <gtest/gtest.h>
#include <torch/csrc/autograd/variable.h>

namespace lensfind::train {
namespace {

struct Case {
  std::string name;
  std::int64_t channels, height, width;
  std::vector<std::int64_t> kernel, stride, padding;
};

network::Node node_of(const Case& c) {
  network::Node node{.operation = network::Operation::conv2d, .groups = c.channels};
  node.parameters = {{"weight", {c.channels, 1, c.kernel[0], c.kernel[1]}}};
  node.shape = {c.channels, (c.height + c.padding[0] + c.padding[2] - c.kernel[0]) / c.stride[0] + 1,
                (c.width + c.padding[1] + c.padding[3] - c.kernel[1]) / c.stride[1] + 1};
  node.kernel = c.kernel;
  node.stride = c.stride;
  node.padding = c.padding;
  return node;
}

/// The result, and the gradients of image and weight under `upstream`.
std::vector<at::Tensor> result_and_gradients(const at::Tensor& image, const at::Tensor& weight, const at::Tensor& upstream,
                                             auto convolution) {
  const at::Tensor x = image.detach().clone().set_requires_grad(true);
  const at::Tensor w = weight.detach().clone().set_requires_grad(true);
  const at::Tensor y = convolution(x, w);
  y.backward(upstream.to(y.scalar_type()));
  return {y.detach(), x.grad(), w.grad()};
}

class DepthwiseConvolution : public ::testing::TestWithParam<Case> {
 protected:
  DepthwiseConvolution() {
    at::manual_seed(1);
    const Case& c = GetParam();
    image_ = at::randn({3, c.channels, c.height, c.width}).contiguous(at::MemoryFormat::ChannelsLast);
    weight_ = at::randn({c.channels, 1, c.kernel[0], c.kernel[1]});
    upstream_ = at::randn({3, c.channels, node_.shape[1], node_.shape[2]});
  }

  /// libtorch's own, in double precision.
  std::vector<at::Tensor> expected(const at::Tensor& image) const {
    const auto& p = node_.padding;
    return result_and_gradients(image.to(at::kDouble), weight_.to(at::kDouble), upstream_, [&](const at::Tensor& x, const at::Tensor& w) {
      return at::conv2d(at::constant_pad_nd(x, {p[1], p[3], p[0], p[2]}), w, at::Tensor{}, node_.stride, at::IntArrayRef{0, 0},
                        at::IntArrayRef{1, 1}, node_.groups);
    });
  }

  std::vector<at::Tensor> found(const at::Tensor& image) const {
    return result_and_gradients(image, weight_, upstream_,
                                [&](const at::Tensor& x, const at::Tensor& w) { return depthwise_convolution(x, node_, w); });
  }

  network::Node node_ = node_of(GetParam());
  at::Tensor image_, weight_, upstream_;
};

double greatest_difference(const at::Tensor& a, const at::Tensor& b) { return (a.to(at::kDouble) - b).abs().max().item<double>(); }

TEST_P(DepthwiseConvolution, AgreesWithTheConvolutionAndItsGradients) {
  const std::vector<at::Tensor> reference = expected(image_), own = found(image_);
  EXPECT_TRUE(own[0].is_contiguous(at::MemoryFormat::ChannelsLast));
  for (std::size_t i = 0; i < reference.size(); ++i) EXPECT_LT(greatest_difference(own[i], reference[i]), 1e-4) << i;
}

TEST_P(DepthwiseConvolution, RoundsToTheNearestBfloat16) {
  const at::Tensor image = image_.to(at::kBFloat16);
  upstream_ = upstream_.to(at::kBFloat16).to(at::kFloat);
  const std::vector<at::Tensor> reference = expected(image), own = found(image);
  EXPECT_EQ(own[0].scalar_type(), at::kBFloat16);
  EXPECT_EQ(own[1].scalar_type(), at::kBFloat16);
  for (const std::size_t i : {0U, 1U}) {
    // Half a unit in the last of 8 places, and what single precision leaves.
    const at::Tensor max = reference[i].abs() * 0x1p-8 + 1e-5;
    EXPECT_TRUE(((own[i].to(at::kDouble) - reference[i]).abs() <= max).all().item<bool>()) << i;
  }
  EXPECT_EQ(own[2].scalar_type(), at::kFloat);
  EXPECT_LT(greatest_difference(own[2], reference[2]), 1e-4);
}

INSTANTIATE_TEST_SUITE_P(Shapes, DepthwiseConvolution,
                         ::testing::Values(Case{"same", 16, 5, 7, {3, 3}, {1, 1}, {1, 1, 1, 1}},
                                           Case{"kernel_wider_than_image", 48, 2, 2, {5, 5}, {1, 1}, {2, 2, 2, 2}},
                                           Case{"strided", 32, 8, 8, {3, 3}, {2, 2}, {1, 1, 1, 1}},
                                           Case{"padded_below_and_right", 32, 8, 9, {3, 5}, {2, 2}, {0, 1, 1, 2}},
                                           Case{"strides_beyond_the_kernel", 16, 9, 10, {2, 1}, {3, 2}, {0, 0, 0, 0}},
                                           Case{"not_padded", 16, 6, 6, {5, 3}, {1, 2}, {0, 0, 0, 0}}),
                         [](const auto& shape) { return shape.param.name; });

TEST(DepthwiseConvolution, IsForOneFilterAChannelInSteps) {
  network::Node node = node_of({"", 32, 4, 4, {3, 3}, {1, 1}, {1, 1, 1, 1}});
  EXPECT_TRUE(is_depthwise(node));
  node.groups = 16;
  node.parameters[0].shape[1] = 2;
  EXPECT_FALSE(is_depthwise(node));
  EXPECT_FALSE(is_depthwise(node_of({"", 24, 4, 4, {3, 3}, {1, 1}, {1, 1, 1, 1}})));
}

}  // namespace
}  // namespace lensfind::train
