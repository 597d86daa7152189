#include "lensfind/inspect/showing.h"

#include <algorithm>
#include <cmath>
#include <map>
#include <set>

#include <gmock/gmock.h>

namespace lensfind::inspect {
namespace {

std::vector<Listed> objects(std::size_t count) {
  std::vector<Listed> out;
  for (std::size_t i = 0; i < count; ++i) out.push_back({.object = {.id = "o" + std::to_string(i), .logit = static_cast<double>(i % 7)}});
  return out;
}

std::vector<std::size_t> numbers(const std::vector<Showing>& order) {
  std::vector<std::size_t> out;
  for (const Showing& showing : order) out.push_back(showing.object);
  return out;
}

TEST(ShowingOrder, IsAnotherForEachGraderAndTheSameAgain) {
  const auto list = objects(500);
  const auto anna = showing_order(list, "anna", {}), again = showing_order(list, "anna", {}), ben = showing_order(list, "ben", {});
  EXPECT_EQ(numbers(anna), numbers(again));
  EXPECT_NE(numbers(anna), numbers(ben));
  EXPECT_EQ(order_name(list, anna, "anna"), order_name(list, again, "anna"));
  EXPECT_NE(order_name(list, anna, "anna"), order_name(list, ben, "ben"));
  const auto fewer = objects(499);
  EXPECT_NE(order_name(list, anna, "anna"), order_name(fewer, showing_order(fewer, "anna", {}), "anna"));
}

TEST(ShowingOrder, ShowsAllOnceAndAShareAgainLater) {
  const auto list = objects(2000);
  const auto order = showing_order(list, "anna", {.repeats = .1});
  std::map<std::size_t, std::size_t> first;
  std::size_t repeats = 0;
  for (std::size_t place = 0; place < order.size(); ++place) {
    if (order[place].presentation == 0) {
      EXPECT_TRUE(first.emplace(order[place].object, place).second);
    } else {
      ++repeats;
      ASSERT_TRUE(first.contains(order[place].object)) << "a repeat before the first showing";
      EXPECT_GE(place - first[order[place].object], 20u);
    }
  }
  EXPECT_EQ(first.size(), 2000u);
  EXPECT_NEAR(static_cast<double>(repeats), 200, 45);  // 3 standard deviations
}

TEST(ShowingOrder, WhatIsForOneGraderIsShownToNobodyElse) {
  auto list = objects(100);
  for (std::size_t i = 0; i < 60; ++i) list[i].for_grader = i % 2 == 0 ? "anna" : "ben";
  const auto of_anna = numbers(showing_order(list, "anna", {.repeats = 0})), of_cara = numbers(showing_order(list, "cara", {.repeats = 0}));
  EXPECT_EQ(of_anna.size(), 70u);
  EXPECT_TRUE(std::ranges::none_of(of_anna, [](std::size_t i) { return i < 60 && i % 2 == 1; }));
  EXPECT_EQ(of_cara.size(), 40u);
  EXPECT_EQ(showing_order(list, "anna", {.blind = false}).size(), 100u) << "sighted pages show all";
}

// Neither scores nor places in the table are to be told from the order: ranks are uncorrelated to 4 standard deviations.
TEST(ShowingOrder, TellsNothingOfTheScore) {
  const auto list = objects(3000);
  const auto order = showing_order(list, "anna", {.repeats = 0});
  double sum = 0;
  for (std::size_t place = 0; place < order.size(); ++place)
    sum += (static_cast<double>(place) / 3000 - .5) * (list[order[place].object].object.logit - 3);
  EXPECT_LT(std::abs(sum / 3000), 4 * .289 * 2 / std::sqrt(3000.));
}

TEST(ShowingOrder, SightedIsByScore) {
  const auto list = objects(50);
  const auto order = showing_order(list, "anna", {.blind = false, .repeats = .5});
  ASSERT_EQ(order.size(), 50u) << "no repeats";
  for (std::size_t i = 1; i < order.size(); ++i) EXPECT_GE(list[order[i - 1].object].object.logit, list[order[i].object].object.logit);
}

TEST(ChooseControls, TakesTheShareThatIsAsked) {
  std::vector<GradedObject> controls;
  for (int i = 0; i < 100; ++i) controls.push_back({.id = std::to_string(i), .role = Role::painted});
  EXPECT_EQ(choose_controls(controls, 160, .2, 1).size(), 40u);
  EXPECT_EQ(choose_controls(controls, 10000, .2, 1).size(), 100u);
  std::set<std::string> chosen;
  for (const GradedObject& control : choose_controls(controls, 160, .2, 2)) chosen.insert(control.id);
  EXPECT_EQ(chosen.size(), 40u);
}

// 16 cells of ten lenses each, and 40 galaxies: of a quarter of them each cell has its two or three, and a quarter are galaxies.
TEST(ChooseControls, TakesAsManyOfEachCellOfAGrid) {
  std::vector<GradedObject> controls;
  for (int i = 0; i < 160; ++i)
    controls.push_back({.id = std::to_string(i),
                        .role = Role::painted,
                        .truth = Label::lens,
                        .theta_e_arcsec = 1 + i % 4 + i * 1e-4,
                        .arc_snr = 10. * (1 + i / 4 % 4) + i * 1e-3});
  for (int i = 160; i < 200; ++i) controls.push_back({.id = std::to_string(i), .role = Role::random, .truth = Label::non_lens});
  std::map<std::pair<int, int>, int> cells;
  int others = 0;
  for (const GradedObject& control : choose_controls(controls, 200, .2, 3)) {
    if (control.truth == Label::lens)
      ++cells[{static_cast<int>(control.theta_e_arcsec), static_cast<int>(control.arc_snr / 10)}];
    else
      ++others;
  }
  EXPECT_EQ(cells.size(), 16u);
  for (const auto& [cell, count] : cells) EXPECT_THAT(count, ::testing::AllOf(::testing::Ge(2), ::testing::Le(3)));
  EXPECT_EQ(others, 10);
}

TEST(ChooseControls, EachHasTheSameChance) {
  std::vector<GradedObject> controls;
  for (int i = 0; i < 50; ++i)
    controls.push_back({.id = std::to_string(i), .truth = Label::lens, .theta_e_arcsec = 1. + i, .arc_snr = 10. + i % 7});
  std::map<std::string, int> times;
  for (std::uint64_t seed = 0; seed < 2000; ++seed)
    for (const GradedObject& control : choose_controls(controls, 40, .2, seed)) ++times[control.id];
  ASSERT_EQ(times.size(), 50u);
  for (const auto& [id, count] : times) EXPECT_NEAR(count, 400, 5 * std::sqrt(400 * .8)) << id;
}

}  // namespace
}  // namespace lensfind::inspect
