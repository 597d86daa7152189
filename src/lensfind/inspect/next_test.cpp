#include "lensfind/inspect/next.h"

#include <cmath>

#include <gmock/gmock.h>

namespace lensfind::inspect {
namespace {

using ::testing::ElementsAre;

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

TEST(ChooseNext, EachRuleTakesItsOwn) {
  EXPECT_THAT(ids(choose_next(merged(), listed, NextRule::highest, 9, 5)), ElementsAre("top", "low"));
  EXPECT_THAT(ids(choose_next(merged(), listed, NextRule::uncertain, 9, 5)), ElementsAre("wide", "split"));
  EXPECT_THAT(ids(choose_next(merged(), listed, NextRule::disagreed, 9, 5)), ElementsAre("split"));
  EXPECT_THAT(ids(choose_next(merged(), listed, NextRule::mixed, 9, 5)), ElementsAre("top", "wide", "split", "low"));
  EXPECT_THAT(ids(choose_next(merged(), listed, NextRule::mixed, 2, 5)), ElementsAre("top", "wide"));
  EXPECT_THAT(ids(choose_next(merged(), listed, NextRule::disagreed, 9, 9)), ElementsAre("enough", "split"));
}

}  // namespace
}  // namespace lensfind::inspect
