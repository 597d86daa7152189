#include "lensfind/combine/monotone.h"

#include <cmath>

#include <gmock/gmock.h>

#include "lensfind/base/random.h"
#include "lensfind/base/value.h"

namespace lensfind::combine {
namespace {

std::vector<double> numbers(const Value& list) {
  std::vector<double> out;
  for (const Value& value : list.as_array()) out.push_back(value.as_number());
  return out;
}

// tests/reference/combine.py, scikit-learn's IsotonicRegression.
TEST(Isotonic, AgreesWithScikitLearn) {
  const Value reference = read_json(std::string{LENSFIND_SOURCE_DIR} + "/tests/reference/combine.json");
  const Value& isotonic_case = reference.at("isotonic");
  const std::vector<double> fitted = isotonic(numbers(isotonic_case.at("values")), numbers(isotonic_case.at("weights")));
  EXPECT_THAT(fitted, ::testing::Pointwise(::testing::DoubleNear(1e-9), numbers(isotonic_case.at("fitted"))));
}

TEST(MonotoneCalibration, FindsALogLikelihoodRatioThatIsNoLine) {
  // Lenses have density 2x on [0, 1], others 1: the ratio is ln(2x).
  RandomStream random{1, Purpose::test};
  std::vector<double> scores;
  std::vector<char> lens;
  for (int i = 0; i < 40000; ++i) {
    lens.push_back(i % 2 == 0 ? 1 : 0);
    scores.push_back(lens.back() ? std::sqrt(random.uniform()) : random.uniform());
  }
  const MonotoneCalibration calibration = fit_monotone(scores, lens);
  for (const double x : {.15, .3, .5, .7, .9}) EXPECT_NEAR(calibration(x), std::log(2 * x), .1) << x;
}

TEST(MonotoneCalibration, NeverFallsAndTiesNothing) {
  RandomStream random{2, Purpose::test};
  std::vector<double> scores;
  std::vector<char> lens;
  for (int i = 0; i < 600; ++i) {
    lens.push_back(i < 60 ? 1 : 0);
    scores.push_back(random.normal(lens.back() ? 1 : 0, 1));
  }
  const MonotoneCalibration calibration = fit_monotone(scores, lens);
  for (double x = -8; x < 8; x += .01) EXPECT_GT(calibration(x + .01), calibration(x)) << x;
}

TEST(MonotoneCalibration, AnUninformativeScoreSaysNothing) {
  RandomStream random{3, Purpose::test};
  std::vector<double> scores;
  std::vector<char> lens;
  for (int i = 0; i < 4000; ++i) {
    lens.push_back(i % 2 == 0 ? 1 : 0);
    scores.push_back(random.normal());
  }
  const MonotoneCalibration calibration = fit_monotone(scores, lens);
  for (const double x : {-.5, 0., .5}) EXPECT_NEAR(calibration(x), 0, .25) << x;
}

}  // namespace
}  // namespace lensfind::combine
