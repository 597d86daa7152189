#include <algorithm>
#include <array>
#include <map>
#include <set>

#include <fmt/format.h>
#include <gtest/gtest.h>

#include "lensfind/base/random.h"
#include "lensfind/inspect/merge.h"
#include "lensfind/inspect/next.h"

namespace lensfind::inspect {
namespace {

/// Chances of the grades X, C, B, A.
using Habits = std::array<double, 4>;

/// Someone who grades by chance, with other habits for lenses than for the rest.
struct Person {
  std::string name;
  Habits of_lenses, of_others;
};

const std::vector<Person> staff{{"expert", {.03, .07, .25, .65}, {.8, .15, .04, .01}},
                                {"good", {.08, .17, .35, .4}, {.65, .22, .1, .03}},
                                {"fair", {.2, .25, .3, .25}, {.5, .28, .15, .07}},
                                {"keen", {.02, .08, .3, .6}, {.3, .3, .25, .15}}};

/// The same with two who grade without looking.
std::vector<Person> crowd() {
  std::vector<Person> all = staff;
  all.push_back({"guess", {.25, .25, .25, .25}, {.25, .25, .25, .25}});
  all.push_back({"never", {.6, .2, .1, .1}, {.6, .2, .1, .1}});
  return all;
}

/// Candidates, a tenth of them lenses, and controls of both classes, graded step by step.
class Campaign {
 public:
  Campaign(int candidates, int controls, std::uint64_t seed) : random_{seed, Purpose::test, 77} {
    set_.schemes = {abcx()};
    for (int i = 0; i < candidates + controls; ++i) {
      const bool is_control = i >= candidates, lens = is_control ? i % 2 == 0 : random_.chance(.1);
      GradedObject object{.id = std::to_string(i)};
      if (is_control) object.role = Role::painted, object.truth = lens ? Label::lens : Label::non_lens;
      lenses_[object.id] = lens;
      set_.objects.push_back(object);
    }
  }

  void grade(const Person& person, const std::string& id) {
    const Habits& habits = lenses_.at(id) ? person.of_lenses : person.of_others;
    double rest = random_.uniform();
    std::size_t level = 0;
    while (level < 3 && rest >= habits[level]) rest -= habits[level++];
    ASSERT_TRUE(seen_.insert({person.name, id}).second) << person.name << " was given " << id << " twice";
    set_.rows.push_back({.uid = std::to_string(set_.rows.size()),
                         .time = fmt::format("{:08}", set_.rows.size()),
                         .grader = person.name,
                         .object = id,
                         .scheme = "abcx",
                         .grade = std::string{"XCBA"[level]}});
  }
  /// Everybody grades all controls, and each candidate is graded by one.
  void begin() {
    for (const GradedObject& object : set_.objects) {
      if (object.role == Role::candidate) grade(staff[random_.below(staff.size())], object.id);
      for (const Person& person : staff)
        if (object.role != Role::candidate) grade(person, object.id);
    }
  }
  [[nodiscard]] Merged merged() const { return merge_grades(set_, {.consensus = {.draws = 200}}); }
  [[nodiscard]] bool is_lens(const std::string& id) const { return lenses_.at(id); }
  [[nodiscard]] std::size_t grades() const { return set_.rows.size(); }

 private:
  GradeSet set_;
  std::map<std::string, bool> lenses_;
  std::set<std::pair<std::string, std::string>> seen_;
  RandomStream random_;
};

/// Candidates that are settled, and how many of them wrongly.
struct Settled {
  int lenses = 0, others = 0, wrong = 0;
};

Settled settled(const Campaign& campaign, const Merged& merged) {
  Settled out;
  for (const MergedObject& object : merged.objects) {
    if (object.object.role != Role::candidate || object.settled == Label::unknown) continue;
    ++(object.settled == Label::lens ? out.lenses : out.others);
    out.wrong += campaign.is_lens(object.object.id) != (object.settled == Label::lens);
  }
  return out;
}

/// As people do: each in turn asks for what to grade next, until nothing is left for anybody.
int grade_what_is_open(Campaign& campaign) {
  int rounds = 0;
  for (bool more = true; more; ++rounds) {
    more = false;
    for (const Person& person : staff) {
      const Merged merged = campaign.merged();
      std::map<std::string, Label> known;
      for (const MergedObject& object : merged.objects) known[object.object.id] = object.settled;
      for (const NextObject& next :
           choose_next(merged, {}, {.rule = NextRule::uncertain, .count = 60, .max_grades = 4, .grader = person.name})) {
        EXPECT_EQ(known.at(next.id), Label::unknown) << "settled objects rest";
        campaign.grade(person, next.id);
        more = true;
      }
    }
  }
  return rounds;
}

// A settled lens is one with a chance of .9 and more, a settled non-lens with one of .1 and less: at most a tenth may be wrong.
TEST(Retirement, SettledObjectsAreWhatTheyAreSettledAs) {
  Settled all;
  for (std::uint64_t seed = 0; seed < 8; ++seed) {
    Campaign campaign{300, 80, seed};
    campaign.begin();
    grade_what_is_open(campaign);
    const Settled here = settled(campaign, campaign.merged());
    all.lenses += here.lenses;
    all.others += here.others;
    all.wrong += here.wrong;
  }
  EXPECT_GT(all.lenses, 8 * 300 * .1 * .4) << "of the lenses much is settled";
  EXPECT_GT(all.others, 8 * 300 * .9 * .7);
  EXPECT_LT(all.wrong, .04 * (all.lenses + all.others)) << all.wrong;
}

// What is settled is shown to no more people: most of the work of grading all by all is saved.
TEST(Retirement, SavesMostOfTheGrades) {
  Campaign campaign{300, 80, 5}, everybody{300, 80, 5};
  campaign.begin();
  const int rounds = grade_what_is_open(campaign);
  EXPECT_LE(rounds, 12) << "it ends";
  for (int i = 0; i < 380; ++i)
    for (const Person& person : staff) everybody.grade(person, std::to_string(i));
  const Settled by_rule = settled(campaign, campaign.merged()), by_all = settled(everybody, everybody.merged());
  const double spent = static_cast<double>(campaign.grades() - 320), of_all = 4. * 300;
  EXPECT_LT(spent, .8 * of_all) << spent;
  EXPECT_GT(by_rule.lenses + by_rule.others, .9 * (by_all.lenses + by_all.others));
}

// Grades of four levels: the intervals of each person's completeness and false-positive rate hold the truth, and the consensus ranks
// candidates better than the mean grade, in every one of 20 campaigns.
TEST(Skills, AreRecoveredAndWeighBetterThanTheMean) {
  int held = 0, intervals = 0, better = 0;
  constexpr int campaigns = 20;
  const std::vector<Person> graders = crowd();
  for (std::uint64_t seed = 100; seed < 100 + campaigns; ++seed) {
    Campaign campaign{400, 120, seed};
    for (int i = 0; i < 520; ++i)
      for (const Person& person : graders) campaign.grade(person, std::to_string(i));
    const Merged merged = campaign.merged();
    for (const GraderSummary& summary : merged.graders) {
      const Person person = *std::ranges::find(graders, summary.grader, &Person::name);
      const auto counts_as_lens = [&](const Habits& habits) {
        double chance = 0;
        for (std::size_t level = 0; level < 4; ++level)
          if (merged.scheme.find(std::string{"XCBA"[level]})->label == 1) chance += habits[level];
        return chance;
      };
      const auto holds = [](const evaluate::Estimate& rate, double truth) { return rate.low <= truth && truth <= rate.high; };
      held += holds(summary.completeness, counts_as_lens(person.of_lenses)) +
              holds(summary.false_positive_rate, counts_as_lens(person.of_others));
      intervals += 2;
    }
    double by_skill = 0, by_mean = 0;
    for (const MergedObject& lens : merged.objects) {
      if (lens.object.role != Role::candidate || !campaign.is_lens(lens.object.id)) continue;
      for (const MergedObject& other : merged.objects) {
        if (other.object.role != Role::candidate || campaign.is_lens(other.object.id)) continue;
        const auto ranks = [](double a, double b) { return a > b ? 1 : a == b ? .5 : 0; };
        by_skill += ranks(lens.lens->value, other.lens->value);
        by_mean += ranks(lens.mean, other.mean);
      }
    }
    better += by_skill > by_mean;
  }
  EXPECT_GE(held, .91 * intervals) << held << " of " << intervals << " intervals of 95%";
  EXPECT_GE(better, campaigns - 1);
}

}  // namespace
}  // namespace lensfind::inspect
