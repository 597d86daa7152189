#include "lensfind/score/engine.h"

#include <gtest/gtest.h>

#include "lensfind/base/error.h"
#include "lensfind/score/fake_engine.h"
#include "lensfind/score/precision.h"

namespace lensfind::score {
namespace {

TEST(AveragingEngine, SeesEachCornerTwice) {
  // The fake's logit is the first pixel: over the eight symmetries each of the four corners comes there twice.
  const auto engine = average_over_symmetries(std::make_unique<FakeEngine>(image::ImageShape{1, 3, 3}));
  const std::vector<float> cutouts = {1, 50, 2, 50, 50, 50, 3, 50, 4, 10, 50, 20, 50, 50, 50, 30, 50, 40};
  EXPECT_EQ(engine->run(cutouts, 2), (std::vector<float>{2.5F, 25}));
  EXPECT_THROW(average_over_symmetries(std::make_unique<FakeEngine>(image::ImageShape{1, 3, 4})), Error);
}

TEST(Precision, HasNames) {
  for (const char* name : {"auto", "f32", "bf16"}) EXPECT_STREQ(name_of(value_named<Precision>(name)), name);
  EXPECT_THROW(value_named<Precision>("f64"), Error);
}

TEST(LargestProbabilityChange, IsThatOfTheCalibratedProbability) {
  FakeEngine exact{{1, 1, 1}};
  FakeEngine rounded{{1, 1, 1}};
  rounded.offset = 1;
  const std::vector<float> logits = {0, 9, -9};
  Scorer scorer;
  // sigmoid(1) - 1/2 and sigmoid(2) - 1/2, by Python's math module.
  EXPECT_NEAR(largest_probability_change(exact, rounded, scorer, logits, 3), .2310585786300049, 1e-15);
  scorer.calibration = evaluate::Calibration{.slope = 2, .intercept = 0};
  EXPECT_NEAR(largest_probability_change(exact, rounded, scorer, logits, 3), .3807970779778824, 1e-15);
}

TEST(LargestProbabilityChange, OfSomethingThatIsNoNumberIsOne) {
  FakeEngine exact{{1, 1, 1}};
  FakeEngine rounded{{1, 1, 1}};
  rounded.offset = std::nanf("");
  const std::vector<float> logits = {0, 1};
  EXPECT_EQ(largest_probability_change(exact, rounded, {}, logits, 2), 1);
}

}  // namespace
}  // namespace lensfind::score
