#include "lensfind/train/batches.h"

#include <algorithm>
#include <cmath>
#include <map>
#include <set>

#include <gmock/gmock.h>

#include "lensfind/base/error.h"
#include "lensfind/train/draws.h"

namespace lensfind::train {
namespace {

/// Cutouts of one band, 4x4; sample i holds the values i, the first `lenses` are lenses.
dataset::Dataset numbered(int count, int lenses) {
  dataset::Dataset data;
  data.shape = {1, 4, 4};
  std::vector<float> pixels;
  for (int i = 0; i < count; ++i) {
    data.samples.push_back({.id = std::to_string(i), .label = i < lenses ? Label::lens : Label::non_lens, .group = std::to_string(i)});
    for (int p = 0; p < 16; ++p) pixels.push_back(static_cast<float>(i) + static_cast<float>(p) / 100);
  }
  data.pixels = dataset::PixelStore{data.shape, std::move(pixels)};
  return data;
}

std::vector<std::int64_t> all(int count) {
  std::vector<std::int64_t> indices(static_cast<std::size_t>(count));
  for (std::size_t i = 0; i < indices.size(); ++i) indices[i] = static_cast<std::int64_t>(i);
  return indices;
}

Recipe plain(std::vector<Imbalance> imbalance = {}) {
  Recipe recipe;
  recipe.imbalance = std::move(imbalance);
  recipe.batch = 8;
  recipe.scaling = ScalingChoice::none;
  return recipe;
}

std::map<std::int64_t, int> times_shown(const EpochPlan& plan) {
  std::map<std::int64_t, int> times;
  for (const Draw& draw : plan.draws) ++times[draw.sample];
  return times;
}

TEST(EpochPlan, ShowsEverySampleOnceInAnotherOrderEachEpoch) {
  const dataset::Dataset data = numbered(30, 5);
  const EpochPlan first = plan_epoch(plain(), all(30), {}, data.samples, 1);
  EXPECT_EQ(first.draws.size(), 30u);
  EXPECT_EQ(times_shown(first).size(), 30u);
  EXPECT_EQ(first.batches(), 4);
  EXPECT_EQ(plan_epoch(plain(), all(30), {}, data.samples, 1).draws, first.draws);
  EXPECT_NE(plan_epoch(plain(), all(30), {}, data.samples, 2).draws, first.draws);
}

TEST(EpochPlan, NeverHasABatchOfOne) {
  const dataset::Dataset data = numbered(17, 5);
  const EpochPlan plan = plan_epoch(plain(), all(17), {}, data.samples, 1);
  EXPECT_EQ(plan.batches(), 2);
  EXPECT_EQ(plan.batch(1).size(), 9u);
}

TEST(EpochPlan, CopiesAreOfLensesOnly) {
  const dataset::Dataset data = numbered(30, 5);
  Recipe recipe = plain({Imbalance::copies});
  recipe.copies = 3;
  const EpochPlan plan = plan_epoch(recipe, all(30), {}, data.samples, 1);
  EXPECT_EQ(plan.draws.size(), 25u + 5u * 4u);
  for (const auto& [sample, times] : times_shown(plan)) EXPECT_EQ(times, sample < 5 ? 4 : 1);
}

TEST(EpochPlan, TheSamplerGivesEachBatchItsShareOfLenses) {
  const dataset::Dataset data = numbered(30, 3);
  Recipe recipe = plain({Imbalance::sampler});
  recipe.lens_fraction = .25;
  const EpochPlan plan = plan_epoch(recipe, all(30), {}, data.samples, 1);
  EXPECT_EQ(plan.batches(), 5);  // 27 non-lenses, 6 a batch
  for (std::int64_t b = 0; b < plan.batches(); ++b) {
    EXPECT_EQ(std::ranges::count_if(plan.batch(b), [](const Draw& draw) { return draw.sample < 3; }), 2);
  }
  EXPECT_EQ(times_shown(plan).size(), 30u);
}

TEST(EpochPlan, MinedOnesFillTheirShare) {
  const dataset::Dataset data = numbered(40, 10);
  for (const std::vector<Imbalance>& imbalance : {std::vector<Imbalance>{}, {Imbalance::sampler}}) {
    Recipe recipe = plain(imbalance);
    recipe.mined_fraction = .5;
    const EpochPlan plan = plan_epoch(recipe, all(40), std::vector<std::int64_t>{38, 39}, data.samples, 1);
    for (std::int64_t b = 0; b < plan.batches(); ++b) {
      EXPECT_GE(std::ranges::count_if(plan.batch(b), [](const Draw& draw) { return draw.sample >= 38; }), 4);
    }
    EXPECT_EQ(times_shown(plan).size(), 40u);
  }
}

TEST(BatchMaker, ACopyIsTheSameInEveryEpochAndTheSampleItselfIsNotAugmented) {
  const dataset::Dataset data = numbered(4, 1);
  Recipe recipe = plain({Imbalance::copies});
  recipe.augmentation = {{.name = "noise"}};
  const BatchMaker maker{recipe, {}, data};
  const EpochPlan plan{{{0, 0}, {0, 1}, {0, 2}, {1, 0}}, {0, 4}};
  const TrainBatch one = maker.training(plan, 1, 0), two = maker.training(plan, 2, 0);
  EXPECT_EQ(one.pixels, two.pixels);
  const auto image = [&](int i) { return std::vector<float>(one.pixels.begin() + 16 * i, one.pixels.begin() + 16 * (i + 1)); };
  EXPECT_FLOAT_EQ(image(0)[5], .05F);
  EXPECT_NE(image(1), image(0));
  EXPECT_NE(image(2), image(1));
  EXPECT_FLOAT_EQ(image(3)[5], 1.05F);
}

TEST(BatchMaker, AugmentationIsAnotherInEachEpochAndAtEachPosition) {
  const dataset::Dataset data = numbered(4, 1);
  Recipe recipe = plain();
  recipe.augmentation = {{.name = "noise"}};
  const BatchMaker maker{recipe, {}, data};
  const EpochPlan plan{{{1, 0}, {1, 0}}, {0, 2}};
  const TrainBatch one = maker.training(plan, 1, 0);
  EXPECT_EQ(one.pixels, maker.training(plan, 1, 0).pixels);
  EXPECT_NE(one.pixels, maker.training(plan, 2, 0).pixels);
  EXPECT_NE(one.pixels[0], one.pixels[16]);
}

TEST(BatchMaker, AugmentsScaledPixelsBeforeStretchAndNormalisation) {
  // Values 1.00 to 1.15 become 0 to 1; times a gain g; sqrt; minus .5: so (x + .5)^2 / scaled is g, the same at every pixel.
  const dataset::Dataset data = numbered(2, 1);
  Recipe recipe = plain();
  recipe.augmentation = {{.name = "band_gain", .range = {.5}}};
  const network::Preprocessing steps{
      .scaling = network::Preprocessing::Scaling::minmax, .stretch = network::Preprocessing::Stretch::sqrt, .mean = {.5}, .std_dev = {2}};
  const TrainBatch batch = BatchMaker{recipe, steps, data}.training({{{1, 0}}, {0, 1}}, 1, 0);
  const auto gain = [&](int p) { return std::pow(2 * batch.pixels[static_cast<std::size_t>(p)] + .5, 2) / (p / 15.0); };
  EXPECT_NE(gain(15), 1);
  EXPECT_NEAR(gain(3), gain(15), 1e-4);
  EXPECT_NEAR(gain(9), gain(15), 1e-4);
}

TEST(BatchMaker, MixupMixesPixelsAndTargetsAlike) {
  const dataset::Dataset data = numbered(2, 1);  // sample 0 is a lens of values near 0, sample 1 none near 1
  Recipe recipe = plain();
  recipe.augmentation = {{.name = "mixup"}};
  const TrainBatch batch = BatchMaker{recipe, {}, data}.training({{{0, 0}, {1, 0}}, {0, 2}}, 1, 0);
  EXPECT_NEAR(batch.pixels[0], 1 - batch.lens[0], 1e-6);
  EXPECT_NEAR(batch.pixels[16], 1 - batch.lens[1], 1e-6);
  EXPECT_TRUE(batch.lens[0] < 1 || batch.lens[1] > 0);
  EXPECT_GE(batch.lens[0], .5F);
}

TEST(BatchMaker, ArcCutMixTakesTheAnnulusAndItsPartOfTheLabelFromTheNextCutout) {
  // Of 4 x 4 pixels the four in the middle are .7 from the centre, those of the edges 1.6, the corners 2.1. Sample 0 is a lens.
  const dataset::Dataset data = numbered(3, 1);
  Recipe recipe = plain();
  recipe.augmentation = {{.name = "arc_cutmix", .range = {1, 2, .75}}};
  const TrainBatch batch = BatchMaker{recipe, {}, data}.training({{{0, 0}, {1, 0}, {2, 0}}, {0, 3}}, 1, 0);
  EXPECT_EQ(batch.lens, (std::vector<float>{.25F, 0, .75F}));
  for (int i = 0; i < 3; ++i) {
    for (int p = 0; p < 16; ++p) {
      const bool corner = p == 0 || p == 3 || p == 12 || p == 15, middle = p == 5 || p == 6 || p == 9 || p == 10;
      const int from = corner || middle ? i : (i + 1) % 3;
      EXPECT_FLOAT_EQ(batch.pixels[static_cast<std::size_t>(16 * i + p)], static_cast<float>(from) + static_cast<float>(p) / 100);
    }
  }
}

TEST(BatchMaker, ArcCutMixChangesItsFractionOfTheCutoutsThatMixupLeft) {
  // Half are mixed; of the others half get an annulus. A pixel of a corner tells mixup, one of an edge both: of 4000, 2000 and 3000.
  const dataset::Dataset data = numbered(2, 1);
  Recipe recipe = plain();
  recipe.augmentation = {{.name = "mixup", .probability = .5, .range = {1}}, {.name = "arc_cutmix", .probability = .5, .range = {1, 2, 1}}};
  std::vector<Draw> draws;
  for (int i = 0; i < 4000; ++i) draws.push_back({i % 2, 0});
  const TrainBatch batch = BatchMaker{recipe, {}, data}.training({draws, {0, 4000}}, 1, 0);
  int corners = 0, edges = 0;
  for (std::size_t i = 0; i < 4000; ++i) {
    const auto own = static_cast<float>(i % 2);
    const bool mixed = batch.pixels[16 * i] != own, changed = batch.pixels[16 * i + 1] != own + .01F;
    corners += mixed ? 1 : 0;
    edges += changed ? 1 : 0;
    EXPECT_EQ(batch.lens[i] == own, changed && !mixed);  // the label is 1 where the pixels are near 0
  }
  EXPECT_NEAR(corners, 2000, 5 * 31.6);
  EXPECT_NEAR(edges, 3000, 5 * 27.4);
}

TEST(BatchStream, GivesTheSameBatchesWithAnyNumberOfThreads) {
  const dataset::Dataset data = numbered(100, 20);
  Recipe recipe = plain();
  recipe.augmentation = {{.name = "d4"},
                         {.name = "noise"},
                         {.name = "core_erasing", .probability = .5, .range = {1, 1}},
                         {.name = "psf_mismatch"},
                         {.name = "noise_injection"},
                         {.name = "mixup", .probability = .3},
                         {.name = "arc_cutmix", .range = {1, 2, .8}}};
  const BatchMaker maker{recipe, {}, data};
  const EpochPlan plan = plan_epoch(recipe, all(100), {}, data.samples, 1);
  BatchStream one{maker, plan, 1, 0, 1}, four{maker, plan, 1, 0, 4}, late{maker, plan, 1, 5, 2};
  for (std::int64_t b = 0; b < plan.batches(); ++b) {
    const TrainBatch batch = one.next();
    EXPECT_EQ(batch.pixels, four.next().pixels);
    if (b >= 5) {
      EXPECT_EQ(batch.pixels, late.next().pixels);
    }
  }
}

TEST(BatchStream, TellsWhatWentWrongWhileABatchWasMade) {
  const dataset::Dataset data = numbered(16, 2);
  Recipe recipe = plain();
  recipe.augmentation = {{.name = "hue_saturation_value"}};  // wants three bands
  const BatchMaker maker{recipe, {}, data};
  const EpochPlan plan = plan_epoch(recipe, all(16), {}, data.samples, 1);
  BatchStream stream{maker, plan, 1, 0, 1};
  EXPECT_THROW(stream.next(), Error);
}

TEST(BatchMaker, MakersOfTwoViewsAugmentTheSameCutoutsDifferently) {
  const dataset::Dataset data = numbered(16, 4);
  Recipe recipe = plain();
  recipe.augmentation = {{.name = "noise", .range = {.5}}};
  const BatchMaker first{recipe, {}, data}, again{recipe, {}, data, {}, {}, 1};
  const EpochPlan plan = plan_epoch(recipe, all(16), {}, data.samples, 1);
  const TrainBatch a = first.training(plan, 1, 0), b = again.training(plan, 1, 0);
  EXPECT_EQ(a.samples, b.samples);
  EXPECT_NE(a.pixels, b.pixels);
  EXPECT_EQ(again.training(plan, 1, 0).pixels, b.pixels);
  EXPECT_EQ(first.plain(a.samples).pixels, again.plain(a.samples).pixels);
}

/// Seeing of sample i: i / 100 arcsec.
dataset::Dataset numbered_with_seeing(int count) {
  dataset::Dataset data = numbered(count, 2);
  for (int i = 0; i < count; ++i) data.seeing.push_back(static_cast<float>(i) / 100);
  return data;
}

network::QualityScale unit_scale() { return {.seeing_mean = {0}, .seeing_std = {1}, .log_noise_mean = {0}, .log_noise_std = {1}}; }

TEST(BatchMaker, TellsTheQualityOfEachCutoutAsItWasBeforeScaling) {
  const dataset::Dataset data = numbered_with_seeing(40);
  const BatchMaker maker{plain(), {.scaling = network::Preprocessing::Scaling::noise, .quality = unit_scale()}, data};
  const std::vector<std::int64_t> some{30, 7};
  const TrainBatch batch = maker.plain(some);
  ASSERT_EQ(batch.quality.size(), 4u);
  EXPECT_FLOAT_EQ(batch.quality[0], .3F);
  EXPECT_FLOAT_EQ(batch.quality[2], .07F);
  // Steps of .01 along a row and of .04 down: (mean of the fourth roots)^4 / 0.8581343, 12 of each kind.
  const double root = (std::pow(.01, .25) + std::pow(.04, .25)) / 2;
  EXPECT_NEAR(batch.quality[1], std::log(std::pow(root, 4) / .8581343), 2e-3);
  EXPECT_TRUE(BatchMaker(plain(), {}, data).plain(some).quality.empty());
}

TEST(BatchMaker, HidesAFractionOfTheQualityInTrainingAlone) {
  const dataset::Dataset data = numbered_with_seeing(400);
  const BatchMaker maker{plain(), {.quality = unit_scale()}, data};
  const std::vector<std::int64_t> samples = all(400);
  const EpochPlan plan = plan_epoch(plain(), samples, {}, data.samples, 1);
  int hidden = 0, halves = 0;
  for (std::int64_t b = 0; b < plan.batches(); ++b) {
    const TrainBatch batch = maker.training(plan, 1, b);
    EXPECT_EQ(batch.quality, maker.training(plan, 1, b).quality);
    for (std::size_t i = 0; i < batch.lens.size(); ++i) {
      const bool seeing = batch.quality[2 * i] == 0 && batch.samples[i] > 0, noise = batch.quality[2 * i + 1] == 0;
      hidden += seeing && noise ? 1 : 0;
      halves += seeing != noise ? 1 : 0;
    }
  }
  EXPECT_NEAR(hidden, 50, 25);  // a tenth, and a quarter of another
  EXPECT_NEAR(halves, 20, 15);
  const TrainBatch shown = maker.plain(std::span{samples}.subspan(1));
  EXPECT_EQ(std::ranges::count(shown.quality, 0.F), 0);
}

}  // namespace
}  // namespace lensfind::train
