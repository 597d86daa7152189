#include "lensfind/cutouts/pixel_rules.h"

#include <cmath>
#include <limits>

#include <gmock/gmock.h>

#include "lensfind/base/error.h"

namespace lensfind::cutouts {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

constexpr float nan_pixel = std::numeric_limits<float>::quiet_NaN();

/// A cutout whose band b has pixels b + 1.
Cutout cutout(image::ImageShape shape, std::vector<std::string> filters = {}) {
  Cutout made{image::Image{shape}};
  for (int b = 0; b < shape.bands; ++b) std::ranges::fill(made.image.band(b), static_cast<float>(b + 1));
  made.facts.zero_points.resize(filters.size());
  made.facts.filters = std::move(filters);
  return made;
}

std::vector<float> first_pixels(const Cutout& from, const PixelRules& rules, image::ImageShape shape) {
  image::Image out{shape};
  apply_rules(from, rules, true, out.view());
  std::vector<float> pixels;
  for (int b = 0; b < shape.bands; ++b) pixels.push_back(out.at(b, 0, 0));
  return pixels;
}

std::string problem(const Cutout& from, const PixelRules& rules, image::ImageShape shape, bool may_miss = true) {
  try {
    image::Image out{shape};
    apply_rules(from, rules, may_miss, out.view());
    return {};
  } catch (const Error& error) {
    return error.what();
  }
}

TEST(PixelRules, BandsAreTakenByName) {
  PixelRules rules{.bands = {"g", "r", "i"}};
  EXPECT_THAT(first_pixels(cutout({4, 3, 3}, {"z", "i", "r", "g"}), rules, {3, 3, 3}), ElementsAre(4, 3, 2));
  EXPECT_THAT(first_pixels(cutout({3, 3, 3}, {"i", "i", "i"}), rules, {3, 3, 3}), ElementsAre(1, 2, 3));  // a header that was copied
  EXPECT_THAT(first_pixels(cutout({3, 3, 3}, {"", "", ""}), rules, {3, 3, 3}), ElementsAre(1, 2, 3));
  EXPECT_EQ(problem(cutout({3, 3, 3}, {"g", "r", "z"}), rules, {3, 3, 3}), "holds the bands g, r, z, the model takes g, r, i");
  rules.bands = {"band1", "band2", "band3"};
  EXPECT_THAT(first_pixels(cutout({3, 3, 3}, {"g", "r", "z"}), rules, {3, 3, 3}), ElementsAre(1, 2, 3));
}

TEST(PixelRules, AScaleThatCannotBeIsAFaultWhereItCounts) {
  Cutout odd = cutout({1, 3, 3});
  odd.facts.scale_fault = "CD2_2 is 'NaN'";
  PixelRules rules;
  EXPECT_EQ(problem(odd, rules, {1, 3, 3}), "");
  rules.pixel_scale_arcsec = .2;
  EXPECT_EQ(problem(odd, rules, {1, 3, 3}), "CD2_2 is 'NaN'");
  EXPECT_THROW(static_cast<void>(is_as_wanted({1, 3, 3}, odd.facts, rules, {1, 3, 3})), Error);
  rules.other_scale = PixelRules::OtherScale::ignore;
  EXPECT_EQ(problem(odd, rules, {1, 3, 3}), "");
}

TEST(PixelRules, SayWhichImagesAreNoBands) {
  Cutout des = cutout({1, 3, 3}, {"g"});
  des.facts.left_out = {"MSK", "WGT"};
  EXPECT_EQ(problem(des, {.bands = {"g", "r", "i"}}, {3, 3, 3}), "has 1 band, 3 wanted (MSK, WGT in it: no bands)");
  image::Image out{image::ImageShape{1, 3, 3}};
  EXPECT_TRUE(apply_rules(des, {}, true, out.view()).left_out);
  EXPECT_FALSE(apply_rules(cutout({1, 3, 3}), {}, true, out.view()).left_out);
}

TEST(PixelRules, WhatASetSaysCountsWhereTheCutoutsFileSaysNothing) {
  PixelRules rules{.bands = {"r", "g"}, .pixel_scale_arcsec = .2, .zero_point = 27.5};
  rules.of_set = {.filters = {"g", "r", "VIS"}, .zero_points = {30., 25., 27.5}, .pixel_scale_arcsec = .2};
  // 2.5 magnitudes are a factor of 10.
  EXPECT_THAT(first_pixels(cutout({3, 3, 3}), rules, {2, 3, 3}), ElementsAre(::testing::FloatEq(20), ::testing::FloatEq(.1F)));
  Cutout own = cutout({3, 3, 3}, {"r", "g", "z"});
  own.facts.zero_points[0] = 27.5;
  EXPECT_THAT(first_pixels(own, rules, {2, 3, 3}), ElementsAre(::testing::FloatEq(1), ::testing::FloatEq(20)));
  EXPECT_THAT(problem(cutout({2, 3, 3}), rules, {2, 3, 3}), HasSubstr("has no zero point"));  // of other bands than the set's
  rules.zero_point.reset();
  EXPECT_FALSE(takes_as_they_are(rules, {3, 3, 3}));
  rules.bands = {"g", "r", "vis"};
  EXPECT_TRUE(takes_as_they_are(rules, {3, 3, 3}));
  rules.pixel_scale_arcsec = .3;
  EXPECT_FALSE(takes_as_they_are(rules, {3, 3, 3}));
}

TEST(PixelRules, FluxIsBroughtToTheModelsUnit) {
  // 2.5 magnitudes are a factor of 10.
  Cutout with = cutout({2, 3, 3}, {"g", "r"});
  with.facts.zero_points = {30, std::nullopt};
  PixelRules rules{.zero_point = 27.5, .input_zero_points = {25}};
  EXPECT_THAT(first_pixels(with, rules, {2, 3, 3}), ElementsAre(::testing::FloatEq(.1F), ::testing::FloatEq(20)));
  rules.input_zero_points.clear();
  EXPECT_EQ(problem(with, rules, {2, 3, 3}), "band 1 has no zero point");
}

TEST(PixelRules, OtherPixelScalesAreResampledOrRefused) {
  Cutout fine = cutout({1, 8, 8});
  fine.facts.pixel_scale_arcsec = .1;
  PixelRules rules{.pixel_scale_arcsec = .2};
  EXPECT_THAT(first_pixels(fine, rules, {1, 4, 4}), ElementsAre(::testing::FloatEq(4)));  // each new pixel holds four
  EXPECT_THAT(problem(fine, rules, {1, 5, 5}), HasSubstr("4 x 4 of the model's pixels"));
  rules.other_scale = PixelRules::OtherScale::refuse;
  EXPECT_EQ(problem(fine, rules, {1, 4, 4}), "its pixels are 0.1 arcsec wide, the model's 0.2");
  rules.other_scale = PixelRules::OtherScale::ignore;
  EXPECT_THAT(first_pixels(fine, rules, {1, 4, 4}), ElementsAre(1));
  rules = {.pixel_scale_arcsec = .1005};  // half a percent is the same scale
  EXPECT_THAT(first_pixels(fine, rules, {1, 4, 4}), ElementsAre(1));
}

TEST(PixelRules, SmallCutoutsArePaddedWhenAsked) {
  Cutout small = cutout({1, 3, 3});
  small.image.at(0, 1, 1) = 9;
  EXPECT_THAT(problem(small, {}, {1, 5, 5}), HasSubstr("--pad"));
  image::Image out{image::ImageShape{1, 5, 5}};
  EXPECT_EQ(apply_rules(small, {.pad = true}, true, out.view()).missing, 0);
  EXPECT_EQ(out.at(0, 2, 2), 9);
  EXPECT_EQ(out.at(0, 0, 0), 1);  // the median
}

TEST(PixelRules, MissingPixelsGetTheMedianUpToAShare) {
  Cutout holes = cutout({1, 4, 5});
  holes.image.at(0, 0, 0) = nan_pixel;
  holes.image.at(0, 1, 1) = 7;
  image::Image out{image::ImageShape{1, 4, 5}};
  EXPECT_DOUBLE_EQ(apply_rules(holes, {}, true, out.view()).missing, .05);
  EXPECT_EQ(out.at(0, 0, 0), 1);
  EXPECT_EQ(out.at(0, 1, 1), 7);
  EXPECT_THAT(problem(holes, {.max_missing = .04}, {1, 4, 5}), HasSubstr("5% of a band's pixels are missing"));
  EXPECT_THAT(problem(holes, {.pad = true}, {1, 6, 6}, false),
              HasSubstr("band 0"));  // in .npy NaN is a fault, and padding does not hide it
}

TEST(PixelRules, ChangeACutoutWhereItIsAsTheyDoACopy) {
  Cutout with = cutout({2, 4, 5}, {"g", "r"});
  with.facts.zero_points = {30, 25};
  with.facts.pixel_scale_arcsec = .2;
  with.image.at(0, 0, 0) = with.image.at(1, 3, 4) = nan_pixel;
  for (const bool may_miss : {true, false}) {
    const PixelRules rules{.bands = {"g", "r"}, .pixel_scale_arcsec = .2, .zero_point = 27.5};
    ASSERT_TRUE(is_as_wanted(with.image.shape(), with.facts, rules, {2, 4, 5}));
    image::Image copy{with.image.shape()}, same = with.image;
    EXPECT_EQ(apply_rules(with, rules, may_miss, copy.view()), apply_in_place(with.facts, rules, may_miss, same.view()));
    for (std::size_t i = 0; i < 40; ++i) EXPECT_THAT(same.values()[i], ::testing::NanSensitiveFloatEq(copy.values()[i])) << i;
  }
  image::Image image = with.image;
  EXPECT_THROW(apply_in_place(with.facts, {.max_missing = .04}, true, image.view()), Error);
}

TEST(PixelRules, SayWhatWasDoneToACutout) {
  const PixelRules rules{.bands = {"g", "r"}, .pad = true, .pixel_scale_arcsec = .2, .zero_point = 27};
  constexpr image::ImageShape wanted{2, 4, 4};
  const auto done = [&](Cutout from) {
    image::Image out{wanted};
    return apply_rules(std::move(from), rules, true, out.view());
  };
  Cutout plain = cutout(wanted, {"g", "r"});
  plain.facts.zero_points = {27, 27.0001};
  plain.facts.pixel_scale_arcsec = .2;
  EXPECT_EQ(done(plain), Fitting{});
  plain.facts.zero_points[1] = 27.01;
  EXPECT_EQ(done(plain), Fitting{.other_zero_point = true});
  plain.facts.zero_points[1] = 27;
  plain.facts.pixel_scale_arcsec.reset();
  EXPECT_EQ(done(plain), Fitting{.no_scale = true});
  plain.facts.pixel_scale_arcsec = .2;
  plain.facts.filters = {"", ""};
  EXPECT_EQ(done(plain), Fitting{.bands_by_order = true});
  plain.facts.filters = {"r", "g"};  // put in order by their names
  EXPECT_EQ(done(plain), Fitting{});
  plain.image.at(0, 0, 0) = nan_pixel;
  EXPECT_EQ(done(plain), Fitting{.missing = 1. / 16});
  Cutout coarse = cutout({2, 4, 4}, {"g", "r"});
  coarse.facts = {.filters = {"g", "r"}, .zero_points = {27, 27}, .pixel_scale_arcsec = .4};
  EXPECT_TRUE(done(coarse).resampled);
  Cutout small = cutout({2, 3, 3}, {"g", "r"});
  small.facts = {.filters = {"g", "r"}, .zero_points = {27, 27}, .pixel_scale_arcsec = .2};
  EXPECT_EQ(done(small), Fitting{.padded = true});
}

TEST(PixelRules, RefuseScalesThatCannotBeTrue) {
  // CD of 1e-13 degrees: the model's grid would have 5e11 pixels a side of this cutout.
  Cutout wrong = cutout({1, 8, 8});
  for (const double scale : {3.6e-10, 3.6e10, 0.}) {
    wrong.facts.pixel_scale_arcsec = scale;
    EXPECT_THAT(problem(wrong, {.pad = true, .pixel_scale_arcsec = .2}, {1, 8, 8}), HasSubstr("too different to resample")) << scale;
    EXPECT_THAT(problem(wrong, {.pixel_scale_arcsec = .2, .other_scale = PixelRules::OtherScale::ignore}, {1, 8, 8}), ::testing::IsEmpty());
  }
  EXPECT_THROW((void)pixels_needed(64, 1e-5, {.pixel_scale_arcsec = .2}), Error);
}

TEST(PixelRules, SayWhetherACutoutIsAsWanted) {
  const PixelRules rules{.bands = {"g", "r"}, .pixel_scale_arcsec = .2};
  image::PixelFacts facts{.filters = {"g", "r"}, .pixel_scale_arcsec = .2};
  constexpr image::ImageShape shape{2, 4, 4};
  EXPECT_TRUE(is_as_wanted(shape, facts, rules, shape));
  EXPECT_TRUE(is_as_wanted(shape, {}, rules, shape));
  EXPECT_FALSE(is_as_wanted({2, 5, 5}, facts, rules, shape));
  facts.pixel_scale_arcsec = .1;
  EXPECT_FALSE(is_as_wanted(shape, facts, rules, shape));
  facts = {.filters = {"r", "g"}};
  EXPECT_FALSE(is_as_wanted(shape, facts, rules, shape));
  facts.filters = {"r", "z"};
  EXPECT_THROW((void)is_as_wanted(shape, facts, rules, shape), Error);
}

TEST(PixelRules, SayHowManyPixelsAreToBeCut) {
  const PixelRules rules{.pixel_scale_arcsec = .2};
  EXPECT_EQ(pixels_needed(64, .2, rules), 64);
  EXPECT_EQ(pixels_needed(64, 0, rules), 64);
  EXPECT_EQ(pixels_needed(64, .1, rules), 134);  // and three on each side for the interpolation
}

}  // namespace
}  // namespace lensfind::cutouts
