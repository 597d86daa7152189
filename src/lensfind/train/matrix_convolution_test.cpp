#include "lensfind/train/matrix_convolution.h"

#include <ATen/ATen.h>
#include <gtest/gtest.h>
#include <torch/csrc/autograd/variable.h>

namespace lensfind::train {
namespace {

struct Product {
  std::string name;
  std::int64_t channels, filters, height, width;
  std::vector<std::int64_t> kernel, stride, padding;
};

at::Tensor channels_last(at::IntArrayRef shape, bool trained) {
  return at::randn(shape, at::kDouble).contiguous(at::MemoryFormat::ChannelsLast).set_requires_grad(trained);
}

class MatrixConvolution : public ::testing::TestWithParam<Product> {};

/// libtorch's own convolution and its gradients, in double precision.
TEST_P(MatrixConvolution, AgreesWithTheConvolutionAndItsGradients) {
  const Product& c = GetParam();
  at::manual_seed(1);
  const at::Tensor x = channels_last({3, c.channels, c.height, c.width}, true);
  const at::Tensor weight = channels_last({c.filters, c.channels, c.kernel[0], c.kernel[1]}, true);
  const at::Tensor bias = at::randn({c.filters}, at::kDouble).set_requires_grad(true);
  const at::Tensor padded = at::constant_pad_nd(x, {c.padding[1], c.padding[3], c.padding[0], c.padding[2]});
  const at::Tensor expected = at::conv2d(padded, weight, bias, c.stride);
  const at::Tensor upstream = at::randn_like(expected);
  expected.backward(upstream);
  std::vector<at::Tensor> gradients;
  for (const at::Tensor& tensor : {x, weight, bias}) {
    gradients.push_back(tensor.grad().clone());
    tensor.mutable_grad().reset();
  }

  network::Node node;
  node.shape = {c.filters, expected.size(2), expected.size(3)};
  node.kernel = c.kernel;
  node.stride = c.stride;
  node.padding = c.padding;
  const at::Tensor found = matrix_convolution(x, node, weight, bias);
  EXPECT_TRUE(found.is_contiguous(at::MemoryFormat::ChannelsLast));
  ASSERT_EQ(found.sizes(), expected.sizes());
  EXPECT_LT((found - expected).abs().max().item<double>(), 1e-12);
  found.backward(upstream);
  std::size_t i = 0;
  for (const at::Tensor& tensor : {x, weight, bias}) {
    EXPECT_LT((tensor.grad() - gradients[i++]).abs().max().item<double>(), 1e-12) << "gradient " << i;
  }
}

INSTANTIATE_TEST_SUITE_P(Shapes, MatrixConvolution,
                         ::testing::Values(Product{"same", 5, 7, 2, 2, {3, 3}, {1, 1}, {1, 1, 1, 1}},
                                           Product{"strided", 4, 6, 4, 4, {3, 3}, {2, 2}, {1, 1, 1, 1}},
                                           Product{"strides_of_two_kinds", 3, 5, 5, 8, {3, 5}, {2, 3}, {1, 2, 1, 2}},
                                           Product{"padded_on_two_sides", 4, 3, 4, 4, {5, 5}, {2, 2}, {1, 1, 2, 2}},
                                           Product{"one_pixel", 6, 4, 4, 4, {1, 1}, {1, 1}, {0, 0, 0, 0}},
                                           Product{"one_pixel_strided", 6, 4, 4, 4, {1, 1}, {2, 2}, {0, 0, 0, 0}},
                                           Product{"whole_image", 3, 4, 4, 4, {4, 4}, {1, 1}, {0, 0, 0, 0}}),
                         [](const auto& shape) { return shape.param.name; });

TEST(MatrixConvolution, PaysForFewPixelsAndOneGroup) {
  network::Node node;
  node.shape = {512, 4, 4};
  EXPECT_TRUE(pays_as_matrix_product(node));
  node.groups = 512;
  EXPECT_FALSE(pays_as_matrix_product(node));
  node.groups = 1;
  node.shape = {128, 8, 8};
  EXPECT_FALSE(pays_as_matrix_product(node));
}

}  // namespace
}  // namespace lensfind::train
