#include "lensfind/dataset/dataset.h"

#include <cmath>
#include <limits>

#include <gmock/gmock.h>

#include "lensfind/base/error.h"
#include "lensfind/dataset/test_set.h"
#include "lensfind/image/fits.h"
#include "lensfind/testing/shared_files.h"

namespace lensfind::dataset {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

std::vector<std::string> ids_of(const Dataset& data) {
  std::vector<std::string> ids;
  for (const Sample& sample : data.samples) ids.push_back(sample.id);
  return ids;
}

std::string error_of(const std::filesystem::path& path, const LoadOptions& options = {}) {
  try {
    load_dataset(path, options);
  } catch (const Error& error) {
    EXPECT_FALSE(error.hint().empty());
    return error.what();
  }
  return "no error";
}

class LoadDataset : public TestSet {
 protected:
  void write_deeplense() const {
    for (const char* name :
         {"train_lenses/10", "train_lenses/2", "train_nonlenses/1", "test_lenses/1", "test_nonlenses/1", "test_nonlenses/3"}) {
      write(std::string{name} + ".npy");
    }
  }
};

TEST_F(LoadDataset, ReadsTheDeepLenseLayoutInNaturalOrder) {
  write_deeplense();
  const Dataset data = load_dataset(root_, {});
  EXPECT_THAT(ids_of(data), ElementsAre("train_lenses/2", "train_lenses/10", "train_nonlenses/1", "test_lenses/1", "test_nonlenses/1",
                                        "test_nonlenses/3"));
  EXPECT_EQ(data.count(Label::lens), 3);
  EXPECT_EQ(data.count(Label::non_lens), 3);
  EXPECT_EQ(data.shape, (image::ImageShape{2, 8, 8}));
  EXPECT_EQ(data.samples[0].group, "train_lenses/2");
  std::vector<float> pixels(data.shape.values());
  data.pixels.read(1, pixels);
  EXPECT_TRUE(std::ranges::equal(pixels, image::read_npy(root_ / "train_lenses/10.npy").values()));
}

TEST_F(LoadDataset, TakesThePartThatIsAskedFor) {
  write_deeplense();
  EXPECT_THAT(ids_of(load_dataset(root_, {.split = Split::train})), ElementsAre("train_lenses/2", "train_lenses/10", "train_nonlenses/1"));
  const Dataset test = load_dataset(root_, {.split = Split::test});
  EXPECT_THAT(ids_of(test), ElementsAre("test_lenses/1", "test_nonlenses/1", "test_nonlenses/3"));
  EXPECT_EQ(test.split, Split::test);
  EXPECT_THAT(test.notes, IsEmpty());
}

TEST_F(LoadDataset, TakesAllWhereThereIsNoTestPartAndSaysSo) {
  write("train_lenses/1.npy");
  write("train_nonlenses/1.npy");
  const Dataset data = load_dataset(root_, {.split = Split::test});
  EXPECT_EQ(data.size(), 2);
  EXPECT_EQ(data.split, Split::all);
  EXPECT_THAT(data.notes, ElementsAre(HasSubstr("has no test split: all its samples are used")));
}

TEST_F(LoadDataset, NeverTrainsOnATestPart) {
  write("test_lenses/1.npy");
  EXPECT_THAT(error_of(root_, {.split = Split::train}), HasSubstr("has only a test split"));
}

TEST_F(LoadDataset, ReadsStacksWithTheirTables) {
  write_stack("train.npy", 3);
  write_text("train.csv", "id,label\na,1\nb,0\nc,0\n");
  write_text("truth.csv", "id,split,label,kind,group\na,train,1,lens,A\nc,train,0,elliptical,A\n");
  const Dataset data = load_dataset(root_, {.split = Split::train});
  EXPECT_THAT(ids_of(data), ElementsAre("train.npy#0", "train.npy#1", "train.npy#2"));
  EXPECT_EQ(data.samples[0].label, Label::lens);
  EXPECT_EQ(data.samples[2].label, Label::non_lens);
  EXPECT_EQ(data.samples[0].group, "A");
  EXPECT_EQ(data.samples[1].group, "train.npy#1");
  EXPECT_EQ(data.samples[2].group, "A");
  std::vector<float> pixels(data.shape.values());
  data.pixels.read(2, pixels);
  EXPECT_TRUE(std::ranges::equal(pixels, noise(1002).values()));
}

TEST_F(LoadDataset, RefusesAStackWhoseTableHasOtherRows) {
  write_stack("train.npy", 3);
  write_text("train.csv", "id,label\na,1\nb,0\n");
  EXPECT_THAT(error_of(root_), HasSubstr("holds 3 images, but train.csv has 2 rows"));
}

TEST_F(LoadDataset, ReadsATableOfPaths) {
  write("a/x y.npy");
  write("b.npy");
  write("c.npy");
  write_stack("s.npy", 4);
  write_text("list.csv", "path,label,group\na/x y.npy,1,object\nb.npy,0,\nc.npy,,object\ns.npy#3,0,\n");
  const Dataset data = load_dataset(root_ / "list.csv", {});
  EXPECT_THAT(ids_of(data), ElementsAre("a/x y", "b", "c", "s.npy#3"));
  EXPECT_EQ(data.samples[0].label, Label::lens);
  EXPECT_EQ(data.samples[2].label, Label::unknown);
  EXPECT_EQ(data.samples[0].group, "object");
  EXPECT_EQ(data.samples[1].group, "b");
  EXPECT_EQ(data.samples[3].index, 3);
}

TEST_F(LoadDataset, RefusesALabelThatIsNeither1Nor0) {
  write("a.npy");
  write_text("list.csv", "path,label\na.npy,maybe\n");
  EXPECT_THAT(error_of(root_ / "list.csv"), HasSubstr("list.csv, line 2: the label is \"maybe\""));
}

TEST_F(LoadDataset, ReadsAPlainFolderWithoutLabels) {
  write("10.npy");
  write("9.npy");
  write("deep/er/1.npy");
  write_text("notes.txt", "no cutout");
  const Dataset data = load_dataset(root_, {});
  EXPECT_THAT(ids_of(data), ElementsAre("9", "10", "deep/er/1"));
  EXPECT_EQ(data.count(Label::unknown), 3);
}

TEST_F(LoadDataset, FollowsLinksButNotInCircles) {
  write("a/1.npy");
  std::filesystem::create_directory_symlink(root_, root_ / "a/back");
  std::filesystem::create_directory_symlink(root_ / "a", root_ / "b");
  std::filesystem::create_symlink("self.npy", root_ / "self.npy");
  std::filesystem::create_symlink("nowhere", root_ / "gone.npy");
  const Dataset data = load_dataset(root_, {});
  EXPECT_THAT(ids_of(data), ElementsAre("a/1"));
  ASSERT_EQ(data.rejected.size(), 2u);
  EXPECT_EQ(data.rejected[0].input, "gone.npy");
  EXPECT_EQ(data.rejected[0].reason, "No such file or directory");
}

TEST_F(LoadDataset, ReadsFitsWhereNpyMayStand) {
  std::filesystem::create_directories(root_ / "lenses");
  image::write_fits(root_ / "lenses/2.fits", noise(1).view());
  write("lenses/1.npy");
  write_text("nonlenses/3.fits.gz", "text");
  const Dataset data = load_dataset(root_, {});
  EXPECT_THAT(ids_of(data), ElementsAre("lenses/1", "lenses/2"));
  std::vector<float> pixels(data.shape.values());
  data.pixels.read(1, pixels);
  EXPECT_TRUE(std::ranges::equal(pixels, noise(1).values()));
  EXPECT_EQ(data.rejected[0].input, "nonlenses/3.fits.gz");
}

TEST_F(LoadDataset, KnowsThePixelScaleOfASimulatedSet) {
  write("lenses/1.npy");
  EXPECT_FALSE(load_dataset(root_, {}).pixel_scale_arcsec);
  write_text("simulation.toml", "lenses = 1\n[survey]\nname = \"hsc\"\npixel_scale_arcsec = 0.168\n");
  EXPECT_EQ(load_dataset(root_, {}).pixel_scale_arcsec, .168);
  EXPECT_FALSE(load_dataset(root_, {}).survey_prevalence);
  write_text("simulation.toml", "[survey]\nprevalence = 2e-4\n");
  EXPECT_EQ(load_dataset(root_, {}).survey_prevalence, 2e-4);
}

TEST_F(LoadDataset, KnowsThePixelScaleThatAllFitsHeadersSay) {
  const auto write_scaled = [&](const std::string& name, double degrees) {
    std::filesystem::create_directories(root_ / "lenses");
    image::write_fits(root_ / "lenses" / name, noise(std::hash<std::string>{}(name)).view(),
                      {{"CTYPE1", std::string{"RA---TAN"}, ""}, {"CDELT1", -degrees, ""}, {"CDELT2", degrees, ""}});
  };
  write_scaled("1.fits", .25 / 3600);
  write_scaled("2.fits", .2501 / 3600);
  EXPECT_NEAR(*load_dataset(root_, {}).pixel_scale_arcsec, .25, 1e-9);
  write_scaled("3.fits", .26 / 3600);
  EXPECT_FALSE(load_dataset(root_, {}).pixel_scale_arcsec);
}

TEST_F(LoadDataset, SaysWhatIsWrongWithThePath) {
  EXPECT_THAT(error_of(root_ / "no-such"), HasSubstr("there is no such file or folder"));
  EXPECT_THAT(error_of(root_), HasSubstr("holds no cutouts"));
  write_text("x.md", "text");
  EXPECT_THAT(error_of(root_ / "x.md"), HasSubstr("inputs of this kind are not known"));
  std::filesystem::create_directories(root_ / "train_lenses");
  EXPECT_THAT(error_of(root_, {.split = Split::train}), HasSubstr("holds no cutouts for train"));
}

TEST_F(LoadDataset, SetsBadCutoutsAsideByName) {
  write("1.npy");
  image::Image infinite = noise(1);
  infinite.at(1, 2, 3) = std::numeric_limits<float>::infinity();
  write("2.npy", infinite);
  write_text("3.npy", "text");
  write_text("4.npy", "");
  write_text("5.npy", image::npy_header_text(std::vector<std::int64_t>{100'000'000'000, 2, 8, 8}));
  write("6.npy", image::ImageShape{2, 4, 4});
  write("7.npy", image::ImageShape{1, 8, 8});
  write("8.npy");
  const Dataset data = load_dataset(root_, {});
  EXPECT_THAT(ids_of(data), ElementsAre("1", "8"));
  std::string rejected;
  for (const Rejected& input : data.rejected) rejected += input.input + ": " + input.reason + "\n";
  EXPECT_EQ(rejected,
            "2.npy: pixel (band 1, row 2, column 3) is infinite\n"
            "3.npy: is no .npy file\n"
            "4.npy: is empty\n"
            "5.npy: the header promises an array of (100000000000, 2, 8, 8), the file holds 0 values\n"
            "6.npy: is (2, 4, 4), smaller than the (2, 8, 8) wanted\n"
            "7.npy: has 1 band, 2 wanted\n");
}

TEST_F(LoadDataset, SetsConstantAndBrokenBandsAsideInTrainingOnly) {
  write("lenses/1.npy");
  image::Image constant = noise(1);
  std::ranges::fill(constant.band(1), .25F);
  write("lenses/2.npy", constant);
  image::Image broken = noise(2);
  for (std::size_t i = 0; i < broken.band(0).size(); ++i) broken.band(0)[i] = static_cast<float>(i % 3) / 2;
  write("nonlenses/1.npy", broken);
  const Dataset training = load_dataset(root_, {.for_training = true});
  EXPECT_THAT(ids_of(training), ElementsAre("lenses/1"));
  EXPECT_EQ(training.rejected[0].reason, "band 1 is constant");
  EXPECT_EQ(training.rejected[1].reason, "band 0 is broken: it holds only the values 0, 0.5 and 1");
  const Dataset evaluation = load_dataset(root_, {});
  EXPECT_EQ(evaluation.size(), 3);
  EXPECT_THAT(evaluation.notes, ElementsAre("1 cutout with a constant band (the first: lenses/2)",
                                            "1 cutout with a broken band (only the values 0, 0.5 and 1) (the first: nonlenses/1)"));
}

TEST_F(LoadDataset, RefusesALargeTrainingSetWithOverOnePercentBad) {
  for (int i = 0; i < 103; ++i) write("lenses/" + std::to_string(i) + ".npy");
  write_text("nonlenses/0.npy", "text");
  EXPECT_EQ(load_dataset(root_, {.for_training = true}).size(), 103);  // 1 of 104 is less than 1%
  write_text("nonlenses/1.npy", "text");
  EXPECT_THAT(error_of(root_, {.for_training = true}),
              HasSubstr("2 of 105 cutouts are bad (nonlenses/0.npy: is no .npy file; nonlenses/1.npy"));
  EXPECT_EQ(load_dataset(root_, {.for_training = true, .allow_bad = true}).size(), 103);
  EXPECT_EQ(load_dataset(root_, {}).size(), 103);
}

TEST_F(LoadDataset, RefusesASetOfWhichNothingIsLeft) {
  write_text("1.npy", "text");
  EXPECT_THAT(error_of(root_), HasSubstr("none of 1 cutouts can be used (1.npy: is no .npy file)"));
}

TEST_F(LoadDataset, TakesTheMostCommonShapeAndCutsLargerOnes) {
  write("1.npy", image::ImageShape{2, 10, 12});
  write("2.npy");
  write("3.npy");
  const Dataset data = load_dataset(root_, {});
  EXPECT_EQ(data.shape, (image::ImageShape{2, 8, 8}));
  EXPECT_THAT(data.notes, ElementsAre("1 cutout larger than 8 x 8, cut at the centre (the first: 1)"));
  std::vector<float> pixels(data.shape.values());
  data.pixels.read(0, pixels);
  EXPECT_EQ(pixels[0], image::read_npy(root_ / "1.npy").at(0, 1, 2));
  EXPECT_THAT(ids_of(load_dataset(root_, {.wanted = {2, 9, 9}})), ElementsAre("1"));
}

TEST_F(LoadDataset, GivesCopiesOneGroup) {
  const image::Image same = noise(5);
  write("lenses/1.npy", same);
  write("lenses/2.npy");
  write("nonlenses/1.npy", same);
  const Dataset data = load_dataset(root_, {});
  EXPECT_EQ(data.samples[0].group, data.samples[2].group);
  EXPECT_NE(data.samples[0].group, data.samples[1].group);
  EXPECT_THAT(data.notes, ElementsAre(HasSubstr("1 cutout is a copy of another, pixel for pixel (the first: nonlenses/1 of lenses/1)")));
}

TEST_F(LoadDataset, ReadsASetLargerThanMemoryFromItsFiles) {
  write_deeplense();
  write_text("test_lenses/0.npy", "text");
  const Dataset small = load_dataset(root_, {.max_bytes_in_memory = 1000});
  const Dataset large = load_dataset(root_, {});
  EXPECT_FALSE(small.pixels.in_memory());
  EXPECT_TRUE(large.pixels.in_memory());
  EXPECT_EQ(small.fingerprint, large.fingerprint);
  std::vector<float> from_file(small.shape.values());
  std::vector<float> from_memory(small.shape.values());
  for (std::int64_t i = 0; i < small.size(); ++i) {
    small.pixels.read(i, from_file);
    large.pixels.read(i, from_memory);
    EXPECT_EQ(from_file, from_memory) << i;
  }
  std::filesystem::remove(root_ / "train_lenses/2.npy");
  EXPECT_THROW(small.pixels.read(0, from_file), Error);
}

TEST_F(LoadDataset, FingerprintsWhatIsInASetAndNotHowItWasRead) {
  write_deeplense();
  const std::string one = load_dataset(root_, {.threads = 1}).fingerprint;
  EXPECT_EQ(one.size(), std::string{"xxh3:"}.size() + 32);
  EXPECT_EQ(one, load_dataset(root_, {.threads = 4}).fingerprint);
  image::Image changed = image::read_npy(root_ / "test_nonlenses/3.npy");
  changed.at(1, 7, 7) += 1e-6F;
  write("test_nonlenses/3.npy", changed);
  EXPECT_NE(one, load_dataset(root_, {}).fingerprint);
}

TEST_F(LoadDataset, StopsWhenTheUserSaysSo) {
  write_deeplense();
  const StopFlag stop{true};
  EXPECT_THROW(load_dataset(root_, {}, no_progress(), stop), Stopped);
}

// A set that numpy wrote (tests/reference/files.py), and the genuine one where it is.
TEST_F(LoadDataset, ReadsWhatNumpyWrote) {
  struct Known {
    std::filesystem::path folder;
    int a_class, side;
  };
  std::vector<Known> sets{{test::reference_file("cutouts"), 3, 24}};
  if (const auto genuine = test::shared_file("data/deeplense-sample")) sets.push_back({*genuine, 10, 64});
  for (const Known& set : sets) {
    const Dataset data = load_dataset(set.folder, {.split = Split::train, .for_training = true});
    EXPECT_EQ(data.count(Label::lens), set.a_class);
    EXPECT_EQ(data.count(Label::non_lens), set.a_class);
    EXPECT_EQ(data.shape, (image::ImageShape{3, set.side, set.side}));
    EXPECT_THAT(data.rejected, IsEmpty());
  }
}

TEST_F(LoadDataset, KnowsTheSeeingThatTruthTablesSay) {
  write("train_lenses/1.npy");
  write("train_nonlenses/1.npy");
  write_text("truth.csv", "id,group,seeing_fwhm_arcsec_g,seeing_fwhm_arcsec_r\ntrain_nonlenses/1,a,0.7,0.6\ntrain_lenses/1,b,0.8,\n");
  const Dataset data = load_dataset(root_, {.bands = {"r", "g"}});
  ASSERT_EQ(data.seeing.size(), 4u);
  EXPECT_TRUE(std::isnan(data.seeing[0]));
  EXPECT_FLOAT_EQ(data.seeing[1], .8F);  // the bands' order is the one asked for
  EXPECT_FLOAT_EQ(data.seeing[2], .6F);
  EXPECT_FLOAT_EQ(data.seeing[3], .7F);
  EXPECT_EQ(data.samples[0].group, "b");
}

TEST_F(LoadDataset, KnowsTheSeeingThatTablesOrElseHeadersSay) {
  for (const char* name : {"a", "b", "c"}) {
    std::vector<image::FitsCard> cards{{"BAND1", std::string{"g"}, ""}, {"BAND2", std::string{"r"}, ""}};
    if (*name != 'c') cards.push_back({"SEEING_R", 1.5, ""});
    image::write_fits(root_ / (std::string{name} + ".fits"), noise(static_cast<std::uint64_t>(*name)).view(), cards);
  }
  write_text("labels.csv", "path,label,seeing_r\na.fits,1,0.9\nb.fits,0,\nc.fits,0,\n");
  const Dataset data = load_dataset(root_ / "labels.csv", {});
  ASSERT_EQ(data.seeing.size(), 6u);
  EXPECT_FLOAT_EQ(data.seeing[1], .9F);
  EXPECT_FLOAT_EQ(data.seeing[3], 1.5F);
  for (const std::size_t i : {0, 2, 4, 5}) EXPECT_TRUE(std::isnan(data.seeing[i])) << i;
  std::vector<float> pixels(data.shape.values()), seeing(2);
  data.read(1, pixels, seeing);
  EXPECT_FLOAT_EQ(seeing[1], 1.5F);
}

TEST_F(LoadDataset, TakesTheSeeingByTheNamesThatBandsHaveByDefault) {
  for (const char* name : {"a.npy", "b.npy"}) image::write_npy(root_ / name, image::Image{image::ImageShape{3, 8, 8}}.view());
  write_text("labels.csv", "path,label,seeing_i,seeing_g\na.npy,1,0.5,0.9\nb.npy,0,0.6,\n");
  const Dataset data = load_dataset(root_ / "labels.csv", {});
  ASSERT_EQ(data.seeing.size(), 6u);
  EXPECT_FLOAT_EQ(data.seeing[0], .9F);
  EXPECT_FLOAT_EQ(data.seeing[2], .5F);
  EXPECT_FLOAT_EQ(data.seeing[5], .6F);
  for (const std::size_t i : {1, 3, 4}) EXPECT_TRUE(std::isnan(data.seeing[i])) << i;
}

TEST_F(LoadDataset, HasNoSeeingWhereNothingSaysIt) {
  write_deeplense();
  const Dataset data = load_dataset(root_, {});
  EXPECT_THAT(data.seeing, IsEmpty());
  std::vector<float> pixels(data.shape.values()), seeing(2);
  data.read(0, pixels, seeing);
  EXPECT_TRUE(std::isnan(seeing[0]) && std::isnan(seeing[1]));
}

}  // namespace
}  // namespace lensfind::dataset
