#include "lensfind/score/insight.h"

#include <cmath>

#include <fmt/format.h>
#include <gmock/gmock.h>

#include "lensfind/base/error.h"
#include "lensfind/cutouts/test_folder.h"
#include "lensfind/network/graph_builder.h"
#include "lensfind/network/networks.h"
#include "lensfind/network/onnx.h"
#include "lensfind/score/scorer.h"
#include "tests/reference_fill.h"

namespace lensfind::score {
namespace {

using lensfind::testing::reference_cutouts;
using lensfind::testing::reference_weights;
using ::testing::FloatNear;
using ::testing::Pointwise;

class Insights : public cutouts::TestFolder {};

// Each network's classifier is linear: its weights, as they were written, times the features must give the logits that scoring gives.
TEST_F(Insights, FeaturesAreWhatTheClassifierReads) {
  struct Case {
    const char *name, *classifier;
    bool average_symmetries = false;
  };
  for (const auto& [name, classifier, average] : {Case{"resnet18", "fc"}, Case{"tf_efficientnet_b0", "classifier"},
                                                  Case{"mobilevitv2_050", "head.fc"}, Case{"student", "fc", true}}) {
    const network::Graph graph = network::build_network(name, 3, 64, 2);
    const network::Weights weights = reference_weights(graph);
    text("m.onnx", network::to_onnx(graph, weights, {}, {}, average));
    const std::vector<float> cutouts = reference_cutouts("input", 5);
    InsightEngine engine{folder_ / "m.onnx"};
    const Insight insight = engine.run(cutouts, 5);
    const network::Array& matrix = weights.at(std::string{classifier} + ".weight");
    const auto width = static_cast<std::size_t>(matrix.shape[1]);
    ASSERT_EQ(engine.features(), width) << name;
    ASSERT_EQ(insight.features.size(), 5 * width) << name;
    std::vector<float> expected;
    for (std::size_t i = 0; i < 5; ++i) {
      for (std::size_t k = 0; k < 2; ++k) {
        double logit = static_cast<double>(weights.at(std::string{classifier} + ".bias").values[k]);
        for (std::size_t j = 0; j < width; ++j)
          logit += static_cast<double>(matrix.values[k * width + j]) * static_cast<double>(insight.features[i * width + j]);
        expected.push_back(static_cast<float>(logit));
      }
    }
    const std::vector<float> scored = open_engine(folder_ / "m.onnx")->run(cutouts, 5);
    EXPECT_THAT(insight.outputs, Pointwise(FloatNear(1e-5F * std::abs(scored[0])), scored)) << name;
    EXPECT_THAT(expected, Pointwise(FloatNear(1e-4F * std::abs(scored[0])), scored)) << name;
    ASSERT_EQ(engine.members(), 1u);
    EXPECT_NEAR(insight.members[2], scored[5] - scored[4], 1e-4 * std::abs(scored[4])) << name;
  }
}

TEST_F(Insights, MembersOfAnEnsembleAreThemselvesAlone) {
  const network::Graph graphs[] = {network::build_network("resnet18", 2, 32, 2), network::build_network("tf_efficientnet_b0", 2, 32, 1)};
  const network::Weights weights[] = {reference_weights(graphs[0]), reference_weights(graphs[1])};
  const network::Preprocessing steps;
  const network::EnsembleMember members[] = {{graphs[0], weights[0], steps, 2., .5, true}, {graphs[1], weights[1], steps, .5, -1.}};
  for (const network::Combine combine : {network::Combine::logit, network::Combine::probability}) {
    text("both.onnx", network::ensemble_to_onnx(members, combine));
    text("0.onnx", network::to_onnx(graphs[0], weights[0], steps, {}, true));
    text("1.onnx", network::to_onnx(graphs[1], weights[1], steps));
    const std::vector<float> cutouts = reference_cutouts("input", 40, 2, 32);
    InsightEngine engine{folder_ / "both.onnx"};
    const Insight insight = engine.run(cutouts, 40);
    ASSERT_EQ(engine.members(), 2u);
    ASSERT_EQ(engine.features(), 512u + 1280u);
    const std::vector<float> first = open_engine(folder_ / "0.onnx")->run(cutouts, 40),
                             second = open_engine(folder_ / "1.onnx")->run(cutouts, 40);
    for (std::size_t i = 0; i < 40; ++i) {
      EXPECT_NEAR(insight.members[2 * i], first[2 * i + 1] - first[2 * i], 1e-4 * std::abs(first[2 * i])) << i;
      EXPECT_NEAR(insight.members[2 * i + 1], second[i], 1e-4 * std::abs(second[i])) << i;
    }
    EXPECT_THAT(insight.outputs, Pointwise(FloatNear(1e-4F), open_engine(folder_ / "both.onnx")->run(cutouts, 40)));
  }
}

}  // namespace
}  // namespace lensfind::score
