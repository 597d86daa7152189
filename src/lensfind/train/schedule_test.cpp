#include "lensfind/train/schedule.h"

#include <gtest/gtest.h>

#include "lensfind/train/keep.h"

namespace lensfind::train {
namespace {

Recipe with(ScheduleKind kind, int epochs) {
  Recipe recipe;
  recipe.schedule = kind;
  recipe.rate = 1e-3;
  recipe.epochs = epochs;
  return recipe;
}

TEST(Schedule, ConstantStaysAtTheRate) {
  const Schedule schedule{with(ScheduleKind::constant, 3), 10};
  EXPECT_DOUBLE_EQ(schedule.rate(0), 1e-3);
  EXPECT_DOUBLE_EQ(schedule.rate(29), 1e-3);
}

TEST(Schedule, CosineIsHalfOfTheRateInTheMiddle) {
  const Schedule schedule{with(ScheduleKind::cosine, 10), 10};
  EXPECT_DOUBLE_EQ(schedule.rate(0), 1e-3);
  EXPECT_NEAR(schedule.rate(50), .5e-3, 1e-12);
  EXPECT_NEAR(schedule.rate(100), 0, 1e-12);
}

TEST(Schedule, OneCycleIsTorchsOneCycleLr) {
  // torch 2.13: OneCycleLR(SGD([p], lr=1), max_lr=1e-3, total_steps=100), rates of steps 0, 10, 29, 50, 99.
  const Schedule schedule{with(ScheduleKind::one_cycle, 10), 10};
  EXPECT_NEAR(schedule.rate(0), 4e-5, 1e-12);
  EXPECT_NEAR(schedule.rate(10), 0.00029516394846410075, 1e-12);
  EXPECT_NEAR(schedule.rate(29), 1e-3, 1e-12);
  EXPECT_NEAR(schedule.rate(50), 0.0007938934505757319, 1e-12);
  EXPECT_NEAR(schedule.rate(99), 4e-9, 1e-15);
}

TEST(Schedule, WarmsUpLinearly) {
  Recipe recipe = with(ScheduleKind::constant, 3);
  recipe.warmup_epochs = 1;
  const Schedule schedule{recipe, 9};
  EXPECT_NEAR(schedule.rate(0), 1e-4, 1e-15);
  EXPECT_NEAR(schedule.rate(4), 5e-4, 1e-15);
  EXPECT_DOUBLE_EQ(schedule.rate(9), 1e-3);
}

TEST(Schedule, PlateauLowersTheRateAfterMoreThanItsPatience) {
  Schedule schedule{with(ScheduleKind::plateau, 15), 10};  // patience 3, factor .1
  for (const double loss : {1.0, .5, .49999, .6, .5}) schedule.epoch_ended(loss);
  EXPECT_DOUBLE_EQ(schedule.rate(50), 1e-3);  // .49999 is less than 1e-4 below .5: three epochs without a fall
  schedule.epoch_ended(.7);
  EXPECT_DOUBLE_EQ(schedule.rate(60), 1e-4);
}

model::EpochRecord epoch(int number, double loss, double auc, double precision) {
  return {.epoch = number, .validation_loss = loss, .validation_auc = auc, .validation_average_precision = precision};
}

TEST(EarlyStopping, TheFirstEpochOfTheBestAucIsKeptWhileLossOrAucResetsPatience) {
  Recipe recipe;
  recipe.patience = 2;
  ASSERT_EQ(recipe.keep, KeepRule::auc);
  std::vector<model::EpochRecord> history{epoch(1, 1, .8, .3), epoch(2, 1.1, .85, .2), epoch(3, .9, .7, .9), epoch(4, 1, .85, .1)};
  EXPECT_EQ(early_stopping(recipe, history).kept_epoch, 2);
  EXPECT_FALSE(early_stopping(recipe, history).out_of_patience);  // the loss fell in epoch 3
  history.push_back(epoch(5, .95, .85, .1));
  EXPECT_EQ(early_stopping(recipe, history).kept_epoch, 2);
  EXPECT_TRUE(early_stopping(recipe, history).out_of_patience);
}

TEST(EarlyStopping, StudyKeepsTheLastEpochAtWhichLossOrAucImproved) {
  Recipe recipe;
  recipe.patience = 2;
  recipe.keep = KeepRule::study;
  std::vector<model::EpochRecord> history{epoch(1, 1, .8, .3), epoch(2, .9, .7, .9), epoch(3, 1.1, .85, .2), epoch(4, 1, .8, .1)};
  EXPECT_EQ(early_stopping(recipe, history).kept_epoch, 3);
  EXPECT_FALSE(early_stopping(recipe, history).out_of_patience);
  history.push_back(epoch(5, .95, .85, .1));
  EXPECT_EQ(early_stopping(recipe, history).kept_epoch, 3);
  EXPECT_TRUE(early_stopping(recipe, history).out_of_patience);
}

TEST(EarlyStopping, OtherRulesKeepTheBestPrecisionOrTheLast) {
  Recipe recipe;
  const std::vector<model::EpochRecord> history{epoch(1, 1, .8, .3), epoch(2, .9, .7, .9), epoch(3, 1.1, .85, .9), epoch(4, 1, .8, .1)};
  recipe.keep = KeepRule::average_precision;
  EXPECT_EQ(early_stopping(recipe, history).kept_epoch, 2);
  recipe.keep = KeepRule::last;
  EXPECT_EQ(early_stopping(recipe, history).kept_epoch, 4);
  recipe.patience = 0;
  EXPECT_FALSE(early_stopping(recipe, std::vector<model::EpochRecord>(50, epoch(1, 1, .5, .5))).out_of_patience);
}

}  // namespace
}  // namespace lensfind::train
