#include "lensfind/evaluate/decisions.h"

#include <gtest/gtest.h>

namespace lensfind::evaluate {
namespace {

TEST(Decisions, SurveyIntervalsAreThoseOfManyDraws) {
  // Purity and candidates by tests/reference/decisions.py.
  const AtPrevalence few = at_prevalence(rates_of({15, 20}, {3, 1000}), "f1", .01);
  EXPECT_NEAR(few.purity.low, .46453, .003);
  EXPECT_NEAR(few.purity.high, .90812, .003);
  EXPECT_NEAR(few.candidates.low / 7300.5, 1, .005);
  EXPECT_NEAR(few.candidates.high / 15724.6, 1, .005);
  const AtPrevalence many = at_prevalence(rates_of({150, 200}, {40, 10000}), "f1", .001);
  EXPECT_NEAR(many.purity.low, .12077, .0005);
  EXPECT_NEAR(many.purity.high, .20685, .0005);
  EXPECT_NEAR(many.candidates.low / 3641.8, 1, .003);
  EXPECT_NEAR(many.candidates.high / 6134.7, 1, .003);
}

TEST(Decisions, PurityWeighsNonLensesByTheirShare) {
  // At half lenses both rates weigh the same.
  const AtPrevalence even = at_prevalence(rates_of({100, 200}, {100, 200}), "f1", .5);
  EXPECT_NEAR(even.purity.value, .5, 1e-9);
  EXPECT_NEAR(even.candidates.value, 5e5, 1);
}

TEST(Decisions, NoFalsePositivePromisesNoPurityOfOne) {
  const AtPrevalence none = at_prevalence(rates_of({10, 20}, {0, 1000}), "f1", .001);
  EXPECT_LT(none.purity.value, .8);
  EXPECT_LT(none.purity.low, .3);
  EXPECT_EQ(none.purity.high, 1);
  // The upper end of the FPR is that of no success: 1 - .025^(1 / 1000).
  EXPECT_NEAR(none.candidates.high, 1e6 * .999 * .003682, 500);
}

}  // namespace
}  // namespace lensfind::evaluate
