#include "lensfind/inspect/next.h"

#include <cmath>

#include <gmock/gmock.h>

#include "lensfind/base/error.h"

namespace lensfind::inspect {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::UnorderedElementsAre;

std::vector<std::string> ids(const std::vector<NextObject>& chosen) {
  std::vector<std::string> out;
  for (const NextObject& one : chosen) out.push_back(one.id);
  return out;
}

Merged merged() {
  Merged out;
  const auto add = [&](const char* id, int grades, double spread, double low, double high, Label settled = Label::unknown,
                       Role role = Role::candidate) {
    out.objects.push_back({.object = {.id = id, .role = role},
                           .grades = grades,
                           .spread = spread,
                           .lens = evaluate::Estimate{low, low, high},
                           .settled = settled});
  };
  add("sure", 3, 0, .95, .99, Label::lens);
  add("wide", 1, NAN, .1, .9);
  add("split", 2, 2.1, .3, .6);
  add("control", 1, NAN, 0, 1, Label::unknown, Role::painted);
  add("enough", 6, 3, 0, 1);
  return out;
}

const std::vector<Listed> listed{
    {.object = {.id = "low", .logit = -1}}, {.object = {.id = "top", .logit = 5}}, {.object = {.id = "wide", .logit = 9}}};

std::vector<std::string> by(NextRule rule, std::size_t count = 9, int max_grades = 5, const ModelView* model = nullptr) {
  return ids(choose_next(merged(), listed, {.rule = rule, .count = count, .max_grades = max_grades, .model = model}));
}

TEST(ChooseNext, EachRuleTakesItsOwn) {
  EXPECT_THAT(by(NextRule::highest), ElementsAre("top", "low"));
  EXPECT_THAT(by(NextRule::uncertain), ElementsAre("wide", "split"));
  EXPECT_THAT(by(NextRule::disagreed), ElementsAre("split"));
  EXPECT_THAT(by(NextRule::mixed), ElementsAre("top", "wide", "split", "low"));
  EXPECT_THAT(by(NextRule::mixed, 2), ElementsAre("top", "wide"));
  EXPECT_THAT(by(NextRule::disagreed, 9, 9), ElementsAre("enough", "split"));
  EXPECT_THAT(by(NextRule::random), UnorderedElementsAre("top", "low"));
  EXPECT_THROW(by(NextRule::unlike), Error);
}

// The model has looked at five objects, of which `wide` was graded: on a line of one feature it lies at 0.
TEST(ChooseNext, AModelSaysWhatItCannotDecideAndWhatIsUnlikeTheRest) {
  const ModelView model{.ids = {"wide", "top", "new", "odd", "low"},
                        .logits = {9, 5, 6, -9, -1},
                        .probabilities = {.9, .8, .9, .01, .45},
                        .disagreement = {9, .1, .3, 0, .2},
                        .features = {0, 1, 2, 100, -3},
                        .width = 1};
  EXPECT_THAT(by(NextRule::highest, 9, 5, &model), ElementsAre("new", "top", "low", "odd")) << "by the model's logits, the table's or not";
  EXPECT_THAT(by(NextRule::uncertain, 9, 5, &model), ElementsAre("wide", "low", "split", "top", "new", "odd"));
  EXPECT_THAT(by(NextRule::disagreed, 9, 5, &model), ElementsAre("split", "new", "low", "top")) << "not where all members agree";
  EXPECT_THAT(by(NextRule::unlike, 2, 5, &model), ElementsAre("odd", "low"));
  const auto mixed = choose_next(merged(), listed, {.count = 6, .model = &model});
  EXPECT_EQ(mixed[2], (NextObject{"low", "model-uncertain"}));
  EXPECT_EQ(mixed.back(), (NextObject{"odd", "unlike"}));
}

TEST(ChooseNext, NobodyGetsWhatTheyGraded) {
  Merged both = merged();
  both.objects[1].given = {{"anna", "A"}};
  const auto of = [&](const char* grader) { return ids(choose_next(both, {}, {.rule = NextRule::uncertain, .grader = grader})); };
  EXPECT_THAT(of("anna"), ElementsAre("split"));
  EXPECT_THAT(of("ben"), ElementsAre("wide", "split"));
}

TEST(ChooseNext, WhatIsLeftOutIsNeverChosen) {
  const ModelView model{.ids = {"new"}, .logits = {7}, .probabilities = {.5}, .disagreement = {1}, .features = {1}, .width = 1};
  for (const NextRule rule : {NextRule::highest, NextRule::random, NextRule::unlike, NextRule::mixed})
    EXPECT_THAT(ids(choose_next(merged(), listed, {.rule = rule, .model = &model, .left_out = {"new", "top", "low", "wide", "split"}})),
                IsEmpty());
}

}  // namespace
}  // namespace lensfind::inspect
