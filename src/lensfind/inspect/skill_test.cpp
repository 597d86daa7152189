#include "lensfind/inspect/skill.h"

#include <algorithm>
#include <cmath>
#include <limits>

#include <gtest/gtest.h>

#include "lensfind/base/random.h"

namespace lensfind::inspect {
namespace {

constexpr double none = std::numeric_limits<double>::quiet_NaN();

/// People who say 1 or 0, by their chances of saying 1 to a lens and to another object.
struct Crowd {
  Ballots ballots;
  std::vector<Label> truths, known;
};

Crowd crowd_of(const std::vector<std::pair<double, double>>& people, std::size_t objects, double fraction, double shown, double controls,
               std::uint64_t seed) {
  RandomStream random{seed, Purpose::test};
  Crowd crowd;
  for (std::size_t i = 0; i < objects; ++i) {
    crowd.ballots.objects.push_back(std::to_string(i));
    const bool control = random.chance(controls);
    const Label truth = random.chance(control ? .5 : fraction) ? Label::lens : Label::non_lens;
    crowd.truths.push_back(truth);
    crowd.known.push_back(control ? truth : Label::unknown);
  }
  for (const auto& [of_lenses, of_others] : people) {
    crowd.ballots.graders.push_back(std::to_string(crowd.ballots.graders.size()));
    for (const Label truth : crowd.truths) {
      const double says = random.chance(truth == Label::lens ? of_lenses : of_others) ? 1 : 0;
      crowd.ballots.values.push_back(random.chance(shown) ? says : none);
    }
  }
  return crowd;
}

/// Fraction of pairs of a lens and another object, both no controls, that are in order; ties count half.
double area_under_curve(const Crowd& crowd, const std::vector<double>& scores) {
  double right = 0, pairs = 0;
  for (std::size_t a = 0; a < scores.size(); ++a) {
    for (std::size_t b = 0; b < scores.size(); ++b) {
      if (crowd.known[a] != Label::unknown || crowd.known[b] != Label::unknown) continue;
      if (crowd.truths[a] != Label::lens || crowd.truths[b] != Label::non_lens) continue;
      ++pairs;
      right += scores[a] > scores[b] ? 1 : scores[a] == scores[b] ? .5 : 0;
    }
  }
  return right / pairs;
}

std::vector<double> values_of(const std::vector<evaluate::Estimate>& figures) {
  std::vector<double> out;
  for (const auto& figure : figures) out.push_back(figure.value);
  return out;
}

std::vector<double> means_of(const Ballots& ballots) {
  std::vector<double> out;
  for (std::size_t object = 0; object < ballots.objects.size(); ++object) {
    double total = 0, count = 0;
    for (const double value : ballots.of_object(object)) {
      total += value;
      ++count;
    }
    out.push_back(count > 0 ? total / count : 0);
  }
  return out;
}

const Levels two{{0, 1}};

// By hand: of 8 lenses the grader calls 6 one, of 8 others 2, and one object is called a lens. 17 grades, 9 of them "lens": the usual share
// of "lens" is (9 + .5) / 18. P("lens" | lens) = (6 + 2 x .52778) / 10 = .70556, P("lens" | other) = (2 + 1.05556) / 10 = .30556; at a
// fraction of .1 the odds are .1 / .9 x .70556 / .30556 = .25657, the probability .20418.
TEST(Swap, IsBayesRuleWithTheSkillOnControls) {
  Crowd crowd;
  crowd.ballots.graders = {"g"};
  for (int i = 0; i < 17; ++i) crowd.ballots.objects.push_back(std::to_string(i));
  crowd.ballots.values = {1, 1, 1, 1, 1, 1, 0, 0, 1, 1, 0, 0, 0, 0, 0, 0, 1};
  crowd.known.assign(8, Label::lens);
  crowd.known.resize(16, Label::non_lens);
  crowd.known.push_back(Label::unknown);
  const Consensus consensus = swap_consensus(crowd.ballots, crowd.known, two, {.fraction = .1});
  EXPECT_NEAR(consensus.lens[16].value, .20418, 2e-5);
  EXPECT_LT(consensus.lens[16].low, .20418);
  EXPECT_GT(consensus.lens[16].high, .20418);
  EXPECT_EQ(consensus.skills[0].of_lenses, (std::vector<double>{2, 6}));
  EXPECT_EQ(consensus.skills[0].of_nonlenses, (std::vector<double>{6, 2}));
}

TEST(Swap, APersonWhoWasNeverTestedMovesNothing) {
  Crowd crowd;
  crowd.ballots.graders = {"tested", "untested"};
  crowd.ballots.objects = {"lens", "other", "x", "y"};
  crowd.ballots.values = {1, 0, 1, none, none, none, none, 1};
  const std::vector<Label> known{Label::lens, Label::non_lens, Label::unknown, Label::unknown};
  const Consensus consensus = swap_consensus(crowd.ballots, known, two, {.fraction = .2});
  EXPECT_NEAR(consensus.lens[3].value, .2, 1e-12);
  EXPECT_GT(consensus.lens[2].value, .2);
  EXPECT_GT(consensus.lens[3].high - consensus.lens[3].low, .3) << "but not that it is known so";
}

// Four people of known skill on 2,000 objects, a quarter of them controls.
TEST(Swap, RecoversSkillsAndBeatsTheMeanGrade) {
  const std::vector<std::pair<double, double>> people{{.95, .05}, {.85, .2}, {.7, .4}, {.55, .5}, {.6, .6}};
  const Crowd crowd = crowd_of(people, 2000, .1, .8, .25, 3);
  const Consensus consensus = swap_consensus(crowd.ballots, crowd.known, two);
  int held = 0;
  const auto holds = [](const std::vector<double>& counts, double truth) {
    const evaluate::Estimate known = evaluate::jeffreys({counts[1], counts[0] + counts[1]});
    return known.low <= truth && truth <= known.high;
  };
  for (std::size_t i = 0; i < people.size(); ++i)
    held += holds(consensus.skills[i].of_lenses, people[i].first) + holds(consensus.skills[i].of_nonlenses, people[i].second);
  EXPECT_GE(held, 9) << "of ten intervals of 95%";
  EXPECT_NEAR(consensus.fraction, .1, .02);
  const double by_skill = area_under_curve(crowd, values_of(consensus.lens)), by_mean = area_under_curve(crowd, means_of(crowd.ballots));
  EXPECT_GT(by_skill, by_mean + .02) << by_skill << " and " << by_mean;
}

// Probabilities say how often it is so: in each part of the scale the lenses among the candidates are as many as were said.
TEST(Swap, IsCalibrated) {
  const Crowd crowd = crowd_of({{.9, .1}, {.8, .2}, {.7, .3}, {.75, .1}}, 20000, .2, .7, .1, 11);
  const Consensus consensus = swap_consensus(crowd.ballots, crowd.known, two, {.draws = 0});
  for (double low = 0; low < 1; low += .2) {
    double said = 0, were = 0, count = 0;
    for (std::size_t i = 0; i < crowd.truths.size(); ++i) {
      const double p = consensus.lens[i].value;
      if (crowd.known[i] != Label::unknown || p < low || p >= low + .2) continue;
      said += p;
      were += crowd.truths[i] == Label::lens;
      ++count;
    }
    if (count < 100) continue;
    const double error = std::sqrt(said / count * (1 - said / count) / count);
    EXPECT_NEAR(were / count, said / count, 4 * error + .02) << "from " << low << ", " << count << " objects";
  }
}

// Of 200 repetitions of 40 controls the interval of a candidate's probability holds the one of the true skills nearly always.
TEST(Swap, TheIntervalHoldsTheProbabilityOfTheTrueSkill) {
  int held = 0;
  constexpr int tries = 200;
  for (int i = 0; i < tries; ++i) {
    RandomStream random{static_cast<std::uint64_t>(i), Purpose::test, 9};
    Ballots ballots{.graders = {"g"}};
    std::vector<Label> known;
    for (int k = 0; k < 41; ++k) {
      known.push_back(k == 40 ? Label::unknown : k % 2 == 0 ? Label::lens : Label::non_lens);
      ballots.objects.push_back(std::to_string(k));
      ballots.values.push_back(k == 40 || random.chance(k % 2 == 0 ? .8 : .3) ? 1 : 0);
    }
    const evaluate::Estimate said = swap_consensus(ballots, known, two, {.fraction = .5}).lens[40];
    held += said.low <= .8 / 1.1 && said.high >= .8 / 1.1;
  }
  EXPECT_GE(held, tries * .9);
}

// The probabilities, the fraction and the skills that PyPI's crowd-kit 1.4.2 (DawidSkene, 5,000 rounds) finds for the same grades; ours has
// a hundredth of a grade as doubt.
TEST(DawidSkene, IsThatOfCrowdKit) {
  Ballots ballots{.graders = {"0", "1", "2", "3"}};
  for (const std::string& said : {std::string{"000111011001000000010101001011000001011100110001101110100100"},
                                  std::string{"000111011111001010010100001000010011111010110001101010100101"},
                                  std::string{"110111111001100101111001111000010010001001000001001011110111"},
                                  std::string{"010011011001000010010001000001110010001000010000101000010000"}})
    for (const char digit : said) ballots.values.push_back(digit - '0');
  for (int i = 0; i < 60; ++i) ballots.objects.push_back(std::to_string(i));
  const std::vector<Label> unknown(60, Label::unknown);
  const Consensus consensus = dawid_skene(ballots, unknown, two, {.draws = 0});
  EXPECT_NEAR(consensus.fraction, .40344710732785555, 2e-3);
  const double expected[12] = {.008822358291606486, .07541356609203387, .003106349825282745, .9499891948789277,
                               .9942879945962998,   .9942879945962998,  .008822358291606486, .9942879945962998,
                               .9942879945962998,   .12261763758848553, .12261763758848553,  .9942879945962998};
  for (std::size_t i = 0; i < 12; ++i) EXPECT_NEAR(consensus.lens[i].value, expected[i], 2e-3) << i;
  const double of_lenses[4] = {.861642, .914190, .684188, .561988};
  for (std::size_t i = 0; i < 4; ++i) {
    const std::vector<double>& counts = consensus.skills[i].of_lenses;
    EXPECT_NEAR(counts[1] / (counts[0] + counts[1]), of_lenses[i], 2e-3) << i;
  }
}

TEST(DawidSkene, BeatsTheMeanGradeWithoutControls) {
  const Crowd crowd = crowd_of({{.95, .05}, {.85, .15}, {.8, .3}, {.55, .5}, {.5, .5}}, 1500, .3, .9, 0, 7);
  const Consensus consensus = dawid_skene(crowd.ballots, crowd.known, two, {.draws = 0});
  EXPECT_GT(area_under_curve(crowd, values_of(consensus.lens)), area_under_curve(crowd, means_of(crowd.ballots)) + .02);
  EXPECT_NEAR(consensus.fraction, .3, .04);
}

}  // namespace
}  // namespace lensfind::inspect
