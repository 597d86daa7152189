#include "lensfind/network/graph_builder.h"

#include <gmock/gmock.h>

#include "lensfind/base/error.h"

namespace lensfind::network {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

std::string message(const auto& act) {
  try {
    act();
  } catch (const Error& error) {
    return error.what();
  }
  return "nothing was thrown";
}

TEST(GraphBuilder, WorksOutShapesOfConvolutionsAndPools) {
  // floor((length + padding - kernel) / stride) + 1, by hand.
  GraphBuilder net;
  const Tensor x = net.input({3, 64, 64});
  const Tensor stem = net.conv(x, 64, {.kernel = 7, .stride = 2}, "stem");
  EXPECT_THAT(net.shape(stem), ElementsAre(64, 32, 32));
  EXPECT_THAT(net.shape(net.max_pool(stem, {.kernel = 3, .stride = 2, .padding = 1})), ElementsAre(64, 16, 16));
  EXPECT_THAT(net.shape(net.average_pool(stem, {.kernel = 3, .stride = 3})), ElementsAre(64, 10, 10));
  EXPECT_THAT(net.shape(net.global_average(stem)), ElementsAre(64, 1, 1));
}

TEST(GraphBuilder, PadsSameAsTensorFlowDoes) {
  // 64 pixels, kernel 3, stride 2: 32 positions reach over 65 pixels, so one pixel is padded, at the right and bottom.
  GraphBuilder net;
  const Tensor even = net.conv(net.input({1, 64, 64}), 1, {.kernel = 3, .stride = 2, .same = true}, "even");
  EXPECT_THAT(net.shape(even), ElementsAre(1, 32, 32));
  // 32 pixels, kernel 5, stride 2: 16 positions reach over 35 pixels: 1 before, 2 behind.
  const Tensor five = net.conv(even, 1, {.kernel = 5, .stride = 2, .same = true}, "five");
  const Tensor one = net.conv(five, 1, {.kernel = 5, .same = true}, "one");
  const Tensor flat = net.flatten(one);
  const Graph graph = std::move(net).finish(flat);
  EXPECT_THAT(graph.nodes[1].padding, ElementsAre(0, 0, 1, 1));
  EXPECT_THAT(graph.nodes[2].padding, ElementsAre(1, 1, 2, 2));
  EXPECT_THAT(graph.nodes[3].padding, ElementsAre(2, 2, 2, 2));
}

TEST(GraphBuilder, ReshapesSlicesAndTransposes) {
  GraphBuilder net;
  const Tensor x = net.input({6, 4, 8});
  EXPECT_THAT(net.shape(net.reshape(x, {6, 2, 2, -1})), ElementsAre(6, 2, 2, 8));
  EXPECT_THAT(net.shape(net.transpose(x, {0, 2, 3, 1})), ElementsAre(4, 8, 6));
  EXPECT_THAT(net.shape(net.slice(x, 1, 1, 6)), ElementsAre(5, 4, 8));
  EXPECT_THAT(net.shape(net.sum(x, -1)), ElementsAre(6, 4, 1));
  EXPECT_THAT(net.shape(net.concat(std::array{x, x}, 2)), ElementsAre(6, 8, 8));
  EXPECT_THAT(net.shape(net.multiply(x, net.sum(x, 3))), ElementsAre(6, 4, 8));
  EXPECT_THAT(net.shape(net.mean(x, 1)), ElementsAre(1, 4, 8));
  EXPECT_THAT(net.shape(net.maximum(x, 2)), ElementsAre(6, 1, 8));
  EXPECT_THAT(net.shape(net.matmul(x, net.transpose(x, {0, 1, 3, 2}))), ElementsAre(6, 4, 4));
}

TEST(GraphBuilder, NamesTheNodeThatDoesNotFit) {
  GraphBuilder net;
  const Tensor x = net.input({3, 8, 8});
  EXPECT_THAT(message([&] { (void)net.conv(x, 4, {.kernel = 3, .groups = 2}, "blocks.0.conv_dw"); }),
              HasSubstr("conv2d blocks.0.conv_dw: 3 channels"));
  EXPECT_THAT(message([&] { (void)net.linear(x, 2, "fc"); }), HasSubstr("linear fc: wants (features), not (3, 8, 8)"));
  EXPECT_THAT(message([&] { (void)net.add(x, net.flatten(x)); }), HasSubstr("add: (3, 8, 8) and (192) do not fit"));
  EXPECT_THAT(message([&] { (void)net.matmul(x, net.reshape(x, {3, 4, 16})); }), HasSubstr("matmul: (3, 8, 8) and (3, 4, 16) do not fit"));
  EXPECT_THAT(message([&] { (void)net.conv(x, 12, {.sharing = Sharing::lifting}, "lift"); }), HasSubstr("3 channels to 12"));
  EXPECT_THAT(message([&] { (void)net.conv(x, 8, {.sharing = Sharing::regular}, "group"); }), HasSubstr("3 channels to 8"));
  EXPECT_THAT(message([&] { (void)net.batch_norm(x, "bn", {.shared = true}); }), HasSubstr("3 channels are no fields of 8"));
  EXPECT_THAT(message([&] { (void)net.reshape(x, {5, -1}); }), HasSubstr("reshape: (3, 8, 8) to (5, 38)"));
  EXPECT_THAT(message([&] { (void)net.transpose(x, {1, 0, 2, 3}); }), HasSubstr("batch first"));
  EXPECT_THAT(message([&] { (void)net.softmax(x, 0); }), HasSubstr("axis 0"));
  EXPECT_THAT(message([&] { (void)net.max_pool(x, {.kernel = 9, .stride = 1}); }), HasSubstr("9x9 does not fit into 8x8"));
}

TEST(GraphBuilder, RefusesWhatNobodyReadsAndNamesTwice) {
  GraphBuilder unread;
  const Tensor x = unread.input({3, 8, 8});
  (void)unread.conv(x, 4, {}, "idle");
  const Tensor y = unread.flatten(x);
  EXPECT_THAT(message([&] { (void)std::move(unread).finish(y); }), HasSubstr("conv2d idle: nobody reads"));

  GraphBuilder twice;
  const Tensor a = twice.conv(twice.conv(twice.input({3, 8, 8}), 3, {}, "same"), 3, {}, "same");
  const Tensor flat = twice.flatten(a);
  EXPECT_THAT(message([&] { (void)std::move(twice).finish(flat); }), HasSubstr("two parameters have one name"));
}

TEST(GraphBuilder, LeavesOutDropoutOfProbabilityZero) {
  GraphBuilder net;
  const Tensor x = net.input({3, 8, 8});
  EXPECT_EQ(net.dropout(x, 0).node, x.node);
  EXPECT_NE(net.drop_path(x, .1).node, x.node);
}

TEST(Graph, CountsMultiplyAddsByHand) {
  // 3x3 convolution of 2 to 4 channels on 8x8: 4 x 2 x 9 x 64 = 4608; depthwise 3x3 of 4: 4 x 9 x 64 = 2304; linear 256 to 2: 512.
  GraphBuilder net;
  Tensor x = net.conv(net.input({2, 8, 8}), 4, {.kernel = 3, .bias = true}, "a");
  x = net.conv(x, 4, {.kernel = 3, .groups = 4}, "b");
  const Tensor logits = net.linear(net.flatten(x), 2, "c");
  const Graph graph = std::move(net).finish(logits);
  EXPECT_EQ(graph.multiply_adds(), 4608 + 2304 + 512);
  EXPECT_EQ(graph.parameter_count(), 72 + 4 + 36 + 512 + 2);
}

}  // namespace
}  // namespace lensfind::network
