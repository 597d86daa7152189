#include "lensfind/evaluate/whole_way.h"

#include <cmath>

#include <gtest/gtest.h>

#include "lensfind/base/random.h"

namespace lensfind::evaluate {
namespace {

TEST(WholeWay, IsTheFindersShareTimesThePeoples) {
  Scores scores;
  Truth truth{.columns = {"theta_e_arcsec"}, .values = {{}}};
  std::unordered_map<std::string, bool> accepted;
  for (int i = 0; i < 200; ++i) {
    const std::string id = std::to_string(i);
    scores.push_back({.id = id, .label = i < 100 ? Label::lens : Label::non_lens, .logit = i % 4 == 0 ? -1. : 1.});
    truth.values[0].push_back(i < 100 ? i * .01 : NAN);
    if (i % 2 == 1) accepted[id] = i >= 50;  // people saw half of what was found, and take those of large radius
  }
  const auto rows = whole_way(scores, truth, 0, accepted);
  ASSERT_EQ(rows.size(), 5u);
  EXPECT_EQ(rows[0].property, "all");
  EXPECT_EQ(rows[0].lenses, 100) << "no non-lenses";
  EXPECT_EQ(rows[0].found, 75);
  EXPECT_EQ(rows[0].graded, 50);
  EXPECT_EQ(rows[0].accepted, 25);
  EXPECT_NEAR(rows[0].together.value, .375, 1e-12);
  EXPECT_LT(rows[0].together.low, .3);
  EXPECT_GT(rows[0].together.high, .45);
  EXPECT_EQ(rows[1].accepted, 0) << "small radii";
  EXPECT_EQ(rows[1].together.low, 0);
  EXPECT_EQ(rows[4].accepted, rows[4].graded);
}

// Of 400 surveys of 60 lenses of which a finder finds .7 and people take .6 of the half that they see, the 95% interval holds .42 in at
// least 91% (Jeffreys' own least coverage).
TEST(WholeWay, TheIntervalCovers) {
  int held = 0;
  constexpr int surveys = 400;
  for (int survey = 0; survey < surveys; ++survey) {
    RandomStream random{static_cast<std::uint64_t>(survey), Purpose::test, 21};
    Scores scores;
    std::unordered_map<std::string, bool> accepted;
    for (int i = 0; i < 60; ++i) {
      scores.push_back({.id = std::to_string(i), .label = Label::lens, .logit = random.chance(.7) ? 1. : -1.});
      if (random.chance(.5)) accepted[scores.back().id] = random.chance(.6);
    }
    const auto rows = whole_way(scores, {}, 0, accepted);
    held += rows[0].together.low <= .42 && rows[0].together.high >= .42;
  }
  EXPECT_GE(held, surveys * .91);
}

// Twice the same lenses say no more than once: each galaxy carries two painted lenses that fare alike.
TEST(WholeWay, LensesOfOneGalaxyCountAsOne) {
  std::unordered_map<std::string, bool> accepted;
  const auto survey = [&](int copies) {
    Scores scores;
    for (int i = 0; i < 60 * copies; ++i) {
      const int galaxy = i / copies;
      scores.push_back(
          {.id = std::to_string(i), .label = Label::lens, .logit = galaxy % 3 == 0 ? -1. : 1., .group = std::to_string(galaxy)});
      accepted[scores.back().id] = galaxy % 2 == 0;
    }
    return whole_way(scores, {}, 0, accepted)[0];
  };
  const WholeWay once = survey(1), twice = survey(2);
  EXPECT_EQ(twice.together.value, once.together.value);
  EXPECT_NEAR(twice.finder.low, once.finder.low, .005);
  EXPECT_NEAR(twice.people.high, once.people.high, .005);
  EXPECT_NEAR(twice.together.low, once.together.low, .005);
}

TEST(WholeWay, WithoutGradesOnlyTheUpperEndIsKnown) {
  Scores scores(10, {.id = "x", .label = Label::lens, .logit = 1});
  const auto rows = whole_way(scores, {}, 0, {});
  EXPECT_TRUE(std::isnan(rows[0].together.value));
  EXPECT_EQ(rows[0].together.low, 0);
}

}  // namespace
}  // namespace lensfind::evaluate
