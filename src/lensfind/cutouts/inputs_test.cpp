#include "lensfind/cutouts/inputs.h"

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <sys/resource.h>

#include "lensfind/base/error.h"
#include "lensfind/base/open_file.h"
#include "lensfind/cutouts/list_print.h"
#include "lensfind/cutouts/test_folder.h"
#include "lensfind/image/fits.h"

namespace lensfind::cutouts {
namespace {

using ::testing::ElementsAre;
namespace fs = std::filesystem;

class Inputs : public TestFolder {
 protected:
  std::vector<std::string> ids(std::vector<fs::path> arguments, std::vector<std::string> bands = {}) const {
    InputStream stream{{std::move(arguments), std::move(bands)}};
    std::vector<std::string> all;
    while (const auto input = stream.next()) all.push_back(input->id);
    return all;
  }
  /// Why an input does not fit, or empty.
  static std::string problem(const Input& input, image::ImageShape shape) {
    try {
      image::Image image{shape};
      read_input(input, image.view());
      return {};
    } catch (const Error& error) {
      return error.what();
    }
  }
};

TEST_F(Inputs, OfAFolderAreInNaturalOrderWithRelativeIds) {
  for (const char* name : {"10.npy", "2.npy", "sub/b c.npy", "a/1.npy", "\xc3\xa9toile.npy"}) cutout(name, 1);
  text("notes.txt", "not an input");
  text(".hidden.npy", "not an input");
  EXPECT_THAT(ids({folder_}), ElementsAre("2", "10", "\xc3\xa9toile", "a/1", "sub/b c"));
}

TEST_F(Inputs, OfAStackAreItsImages) {
  stack("s.npy", 3, 5);
  cutout("z.npy", 1);
  EXPECT_THAT(ids({folder_ / "s.npy"}), ElementsAre("s.npy#0", "s.npy#1", "s.npy#2"));
  EXPECT_THAT(ids({folder_}), ElementsAre("s.npy#0", "s.npy#1", "s.npy#2", "z"));
  InputStream stream{{.arguments = {folder_ / "s.npy"}}};
  stream.next();
  EXPECT_EQ(stream.next()->source->read(1).image.at(0, 0, 0), 6);
}

TEST_F(Inputs, OfListsAreTheirPaths) {
  cutout("in/a.npy", 1);
  stack("in/s.npy", 2, 1);
  text("list.txt", "# two\nin/a.npy\r\n\nin/s.npy\nin/none.npy\n");
  text("list.csv", "id,path\nfirst,in/a.npy\nsecond,in/s.npy\n");
  text("wrong.csv", "id,mag\n1,2\n");
  EXPECT_THAT(ids({folder_ / "list.txt"}), ElementsAre("in/a", "in/s.npy#0", "in/s.npy#1", "in/none"));
  EXPECT_THAT(ids({folder_ / "list.csv"}), ElementsAre("first", "second#0", "second#1"));
  EXPECT_THROW(ids({folder_ / "wrong.csv"}), Error);
}

TEST_F(Inputs, OfSeveralArgumentsFollowEachOther) {
  cutout("b/1.npy", 1);
  cutout("a.npy", 1);
  EXPECT_THAT(ids({folder_ / "b", folder_ / "a.npy"}), ElementsAre("1", "a"));
}

TEST_F(Inputs, AnArgumentThatIsNotThereIsAnError) {
  EXPECT_THROW(ids({folder_, folder_ / "none"}), Error);
  text("a.jpg", "");
  EXPECT_THROW(ids({folder_ / "a.jpg"}), Error);
}

TEST_F(Inputs, FoldersThatLinksLoopThroughAreEnteredOnce) {
  cutout("in/a/1.npy", 1);
  cutout("out/2.npy", 1);
  fs::create_directory_symlink("..", folder_ / "in/a/up");
  fs::create_directory_symlink(folder_ / "out", folder_ / "in/linked");
  fs::create_directory_symlink(folder_ / "out", folder_ / "in/again");
  fs::create_directory_symlink(folder_ / "in", folder_ / "out/back");
  fs::create_symlink("nowhere.npy", folder_ / "in/dangling.npy");
  EXPECT_THAT(ids({folder_ / "in"}), ElementsAre("dangling", "a/1", "again/2"));
}

TEST_F(Inputs, SkippingIsAsIfTheyHadBeenTaken) {
  stack("s.npy", 100, 0);
  cutout("t.npy", 1);
  InputStream stream{{.arguments = {folder_}}};
  EXPECT_EQ(stream.skip(98), 98);
  EXPECT_EQ(stream.next()->id, "s.npy#98");
  EXPECT_EQ(stream.skip(5), 2);
  EXPECT_FALSE(stream.next());
}

TEST_F(Inputs, AreCountedAndTheirListHasAFingerprint) {
  stack("s.npy", 100, 0);
  cutout("t.npy", 1);
  const InputCount before = count_inputs({.arguments = {folder_}});
  EXPECT_EQ(before.count, 101);
  EXPECT_EQ(count_inputs({.arguments = {folder_}}).fingerprint, before.fingerprint);
  fs::rename(folder_ / "t.npy", folder_ / "u.npy");
  EXPECT_NE(count_inputs({.arguments = {folder_}}).fingerprint, before.fingerprint);
}

TEST_F(Inputs, EachPartOfTheirListHasAFingerprint) {
  stack("a.npy", 25, 0);
  cutout("b.npy", 1);
  stack("c.npy", 14, 0);
  const InputCount before = count_inputs({.arguments = {folder_}}, 10);
  ASSERT_EQ(before.parts.size(), 4u);  // of 10, 10, 10 and 10
  InputStream stream{{.arguments = {folder_}}};
  ListPrint one_by_one;
  for (const Hash128& part : before.parts) {
    for (std::int64_t place = 0; place < 10; ++place) one_by_one.add(*stream.next(), place);
    EXPECT_EQ(one_by_one.take(10), part);
  }
  stack("c.npy", 13, 0);
  const InputCount shorter = count_inputs({.arguments = {folder_}}, 10);
  EXPECT_TRUE(std::equal(before.parts.begin(), before.parts.begin() + 3, shorter.parts.begin()));
  EXPECT_NE(shorter.parts[3], before.parts[3]);
  stack("a.npy", 24, 0);
  EXPECT_NE(count_inputs({.arguments = {folder_}}, 10).parts[2], before.parts[2]);
  fs::remove(folder_ / "a.npy");
  cutout("a.npy", 1);  // no stack any more
  EXPECT_NE(count_inputs({.arguments = {folder_}}, 10).parts[0], before.parts[0]);
}

TEST_F(Inputs, AreNotAskedForStacksWhereNoneWasCounted) {
  cutout("a.npy", 1);
  EXPECT_FALSE(count_inputs({.arguments = {folder_}}).npy_stacks);
  stack("b.npy", 5, 0);
  EXPECT_TRUE(count_inputs({.arguments = {folder_}}).npy_stacks);
  // One that has come since is set aside when it is read, as any other that is no cutout.
  InputStream stream{{.arguments = {folder_}, .npy_stacks = false}};
  EXPECT_EQ(stream.next()->id, "a");
  const auto second = stream.next();
  EXPECT_EQ(second->id, "b");
  EXPECT_THAT(problem(*second, {1, 2, 2}), ::testing::HasSubstr("stack"));
  EXPECT_FALSE(stream.next());
}

TEST_F(Inputs, ThatDoNotFitSayWhy) {
  cutout("small.npy", 1, {1, 2, 1});
  cutout("bands.npy", 1, {2, 2, 2});
  cutout("nan.npy", std::nanf(""), {1, 2, 2});
  cutout("large.npy", 1, {1, 4, 4});
  text("text.npy", "this is text");
  text("empty.npy", "");
  text("huge.npy", image::npy_header_text(std::vector<std::int64_t>{100'000'000'000, 1, 2, 2}));
  std::vector<std::string> bad;
  InputStream stream{{.arguments = {folder_}}};
  while (const auto input = stream.next()) {
    if (!problem(*input, {1, 2, 2}).empty()) bad.push_back(input->name);
  }
  EXPECT_THAT(bad, ElementsAre("bands.npy", "empty.npy", "huge.npy", "nan.npy", "small.npy", "text.npy"));
}

TEST_F(Inputs, AStackOfOneAsLongAsTheCutoutBeforeItIsACutoutToo) {
  cutout("a.npy", 1, {2, 2, 2});
  stack("b.npy", 1, 5, {2, 2, 2});
  ASSERT_EQ(fs::file_size(folder_ / "a.npy"), fs::file_size(folder_ / "b.npy"));
  InputStream stream{{.arguments = {folder_}}};
  stream.next();
  const Input second = *stream.next();
  EXPECT_EQ(second.id, "b");
  image::Image image{image::ImageShape{2, 2, 2}};
  read_input(second, image.view());
  EXPECT_EQ(image.at(1, 1, 1), 5);
}

TEST_F(Inputs, OfOneFitsFileABandAreOneObject) {
  for (const char* band : {"g", "r", "i"}) {
    image::write_fits(folder_ / fmt::format("one_{}.fits", band), image::Image{{1, 4, 4}, static_cast<float>(band[0])}.view());
  }
  image::write_fits(folder_ / "lonely_r.fits", image::Image{image::ImageShape{1, 4, 4}}.view());
  image::write_fits(folder_ / "cube.fits", image::Image{image::ImageShape{3, 4, 4}}.view());
  image::write_fits(folder_ / "other_z.fits", image::Image{image::ImageShape{1, 4, 4}}.view());
  EXPECT_THAT(ids({folder_}, {"g", "r", "i"}), ElementsAre("cube", "lonely", "one", "other_z"));
  EXPECT_THAT(ids({folder_ / "one_i.fits"}, {"g", "r", "i"}), ElementsAre("one"));
  EXPECT_THAT(ids({folder_}).size(), 6u);
  text("list.txt", "one_g.fits\none_i.fits\ncube.fits\none_r.fits\n");
  EXPECT_THAT(ids({folder_ / "list.txt"}, {"g", "r", "i"}), ElementsAre("one", "cube"));

  InputStream stream{{{folder_}, {"g", "r", "i"}}};
  stream.next();
  EXPECT_THAT(problem(*stream.next(), {3, 4, 4}), ::testing::HasSubstr("lonely_g.fits"));
  const image::Image one = stream.next()->source->read(0).image;
  ASSERT_EQ(one.shape(), (image::ImageShape{3, 4, 4}));
  EXPECT_EQ(one.at(0, 0, 0), 'g');
  EXPECT_EQ(one.at(1, 3, 3), 'r');
  EXPECT_EQ(one.at(2, 0, 3), 'i');
}

TEST_F(Inputs, OfFitsGetTheMedianWhereFewPixelsAreMissing) {
  image::Image image{image::ImageShape{1, 4, 5}};
  for (int i = 0; i < 20; ++i) image.values()[static_cast<std::size_t>(i)] = static_cast<float>(i * i);
  image.at(0, 0, 0) = image.at(0, 3, 4) = std::nanf("");
  image::write_fits(folder_ / "few.fits", image.view());
  image.at(0, 1, 1) = std::nanf("");
  image::write_fits(folder_ / "many.fits", image.view());
  InputStream stream{{.arguments = {folder_}}};
  image::Image read{image.shape()};
  read_input(*stream.next(), read.view());
  EXPECT_EQ(read.at(0, 0, 1), 1);
  EXPECT_EQ(read.at(0, 0, 0), 100);  // of 1, 4 ... 324 the upper middle
  EXPECT_THAT(problem(*stream.next(), image.shape()), ::testing::HasSubstr("15%"));
}

TEST_F(Inputs, OfFitsAreReadWhereTheyAreWantedAsByWayOfACopy) {
  image::Image cube{image::ImageShape{2, 6, 6}};
  for (std::size_t i = 0; i < cube.values().size(); ++i) cube.values()[i] = static_cast<float>(i % 17);
  cube.at(1, 2, 3) = std::nanf("");
  const std::vector<image::FitsCard> scale{{"CTYPE1", std::string{"RA---TAN"}, ""}, {"CD1_1", .1 / 3600, ""}, {"CD2_2", .1 / 3600, ""}};
  const auto bands = [](const char* first, const char* second) {
    return std::vector<image::FitsCard>{{"BAND0", std::string{first}, ""}, {"BAND1", std::string{second}, ""}, {"MAGZERO", 25., ""}};
  };
  image::write_fits(folder_ / "as-wanted.fits", cube.view(), bands("g", "r"));
  image::write_fits(folder_ / "other-order.fits", cube.view(), bands("r", "g"));
  image::write_fits(folder_ / "other-scale.fits", cube.view(), scale);
  image::write_fits(folder_ / "larger.fits", image::Image{{2, 9, 9}, 3}.view(), bands("g", "r"));
  PixelRules rules{.pixel_scale_arcsec = .05, .zero_point = 27.5, .input_zero_points = {30}};
  InputStream stream{{.arguments = {folder_}, .bands = {"g", "r"}, .rules = rules}};
  rules.bands = {"g", "r"};
  for (int i = 0; i < 4; ++i) {
    const Input input = *stream.next();
    image::Image read{cube.shape()}, copy{cube.shape()};
    EXPECT_EQ(read_input(input, read.view()), apply_rules(input.source->read(0), rules, true, copy.view())) << input.id;
    EXPECT_TRUE(std::ranges::equal(read.values(), copy.values())) << input.id;
  }
}

TEST_F(Inputs, SayWhatWasAssumedOfThem) {
  cutout("a.npy", 1, {2, 4, 4});
  for (const char* band : {"g", "r"}) image::write_fits(folder_ / fmt::format("b_{}.fits", band), image::Image{{1, 4, 4}, 1}.view());
  const PixelRules rules{.pixel_scale_arcsec = .2};
  const auto assumed = [&](const PixelRules& chosen) {
    InputStream stream{{.arguments = {folder_}, .bands = {"g", "r"}, .rules = chosen}};
    std::vector<Fitting> all;
    image::Image image{image::ImageShape{2, 4, 4}};
    while (const auto input = stream.next()) all.push_back(read_input(*input, image.view()));
    return all;
  };
  EXPECT_THAT(assumed(rules), ElementsAre(Fitting{.no_scale = true, .bands_by_order = true}, Fitting{.no_scale = true}));
  EXPECT_THAT(assumed({}), ElementsAre(Fitting{.bands_by_order = true}, Fitting{}));
  text("simulation.toml", "[survey]\nbands = ['g', 'r']\npixel_scale_arcsec = 0.2\n");
  EXPECT_THAT(assumed(rules), ElementsAre(Fitting{}, Fitting{}));
}

/// While it lives, this process can open no file.
class NoFilesToOpen {
 public:
  NoFilesToOpen() {
    ::getrlimit(RLIMIT_NOFILE, &before_);
    const rlimit none{3, before_.rlim_max};
    ::setrlimit(RLIMIT_NOFILE, &none);
  }
  ~NoFilesToOpen() { ::setrlimit(RLIMIT_NOFILE, &before_); }
  NoFilesToOpen(const NoFilesToOpen&) = delete;
  NoFilesToOpen& operator=(const NoFilesToOpen&) = delete;

 private:
  rlimit before_{};
};

TEST_F(Inputs, AStackThatCannotBeOpenedForNowIsAskedForAgain) {
  stack("a.npy", 3, 0);
  stack("b.npy", 2, 0);
  InputStream stream{{.arguments = {folder_}}};
  stream.next();
  EXPECT_EQ(stream.skip_stack(1), 1);
  EXPECT_EQ(stream.skip_stack(), 1);
  {
    const NoFilesToOpen now;
    EXPECT_THROW(stream.next(), MachineFault);
  }
  EXPECT_EQ(stream.next()->id, "b.npy#0");
  EXPECT_EQ(stream.skip_stack(), 1);
}

TEST_F(Inputs, ThatCannotBeOpenedForNowAreNotAtFault) {
  cutout("a.npy", 1);
  image::write_fits(folder_ / "b.fits", image::Image{{1, 2, 2}, 1}.view());
  image::write_fits(folder_ / "c.fits", image::Image{{1, 4, 4}, 1}.view(), {{"BSCALE", 2., ""}});  // which only CFITSIO reads
  InputStream stream{{.arguments = {folder_}}};
  for (int i = 0; i < 3; ++i) {
    const Input input = *stream.next();
    image::Image image{image::ImageShape{1, 2, 2}};
    {
      const NoFilesToOpen now;
      EXPECT_THROW(read_input(input, image.view()), MachineFault) << input.id;
    }
    EXPECT_NO_THROW(read_input(input, image.view())) << input.id;
  }
}

TEST_F(Inputs, ColumnsOfACatalogueThatAreCalledAsTheTablesOwnDiffer) {
  const std::vector<image::FitsCard> cards{{"CTYPE1", std::string{"RA---TAN"}, ""},
                                           {"CTYPE2", std::string{"DEC--TAN"}, ""},
                                           {"CRPIX1", 5.5, ""},
                                           {"CRPIX2", 5.5, ""},
                                           {"CRVAL1", 150., ""},
                                           {"CRVAL2", 2., ""},
                                           {"CD1_1", -1e-4, ""},
                                           {"CD2_2", 1e-4, ""}};
  image::write_fits(folder_ / "f.fits", image::Image{{1, 10, 10}, 1}.view(), cards);
  text("c.csv", "id,ra,dec,missing,catalogue_missing,stage,Logit\n1,150,2,0,0,0,0\n");
  const InputStream stream{{.arguments = {folder_ / "f.fits"}, .catalogue = folder_ / "c.csv", .wanted = {1, 4, 4}}};
  EXPECT_THAT(stream.columns(), ElementsAre("ra", "dec", "catalogue_missing", "catalogue_catalogue_missing", "catalogue_stage",
                                            "catalogue_Logit", "missing"));
}

TEST_F(Inputs, AnArgumentThatHasGoneIsNoticed) {
  cutout("in/a.npy", 1);
  const InputStream stream{{.arguments = {folder_ / "in"}}};
  stream.check_arguments();
  fs::rename(folder_ / "in", folder_ / "away");
  EXPECT_THROW(stream.check_arguments(), Error);
}

TEST_F(Inputs, OfAPatternAreObjectsWhoseBandsLieApart) {
  for (const char* name : {"g/cutout-7.fits", "r/cutout-7.fits", "r/cutout-8.fits", "r/other.fits"}) {
    fs::create_directories((folder_ / name).parent_path());
    image::write_fits(folder_ / name, image::Image{{1, 2, 2}, name[0] == 'g' ? 1.F : 2.F}.view());
  }
  InputStream stream{{.arguments = {folder_}, .bands = {"g", "r"}, .pattern = "{band}/cutout-{id}.fits"}};
  const auto first = stream.next();
  EXPECT_EQ(first->id, "7");
  EXPECT_EQ(first->name, "*/cutout-7.fits");
  image::Image image{image::ImageShape{2, 2, 2}};
  read_input(*first, image.view());
  EXPECT_EQ(image.at(0, 0, 0), 1);
  EXPECT_EQ(image.at(1, 0, 0), 2);
  const auto second = stream.next();  // its g is missing
  EXPECT_EQ(second->id, "8");
  EXPECT_THAT(problem(*second, {2, 2, 2}), ::testing::HasSubstr("g/cutout-8.fits"));
  EXPECT_EQ(stream.next()->id, "r/other");
  EXPECT_FALSE(stream.next());
  EXPECT_THROW((InputStream{{.arguments = {folder_}, .bands = {"g", "r"}, .pattern = "{id}.fits"}}.next()), Error);
}

TEST_F(Inputs, FarLargerThanTheModelAreFieldsAndSetAside) {
  cutout("a.npy", 1, {1, 24, 24});
  cutout("b.npy", 1, {1, 25, 25});
  cutout("c.npy", 1, {1, 8, 25});
  const auto problems = [&](double max) {
    InputStream stream{{.arguments = {folder_}, .rules = {.max_oversize = max}}};
    std::vector<std::string> all;
    while (const auto input = stream.next()) all.push_back(problem(*input, {1, 8, 8}));
    return all;
  };
  EXPECT_THAT(problems(3),
              ElementsAre("", ::testing::HasSubstr("is 25 x 25 pixels, over 3 times the 8"), ::testing::HasSubstr("--catalogue")));
  EXPECT_THAT(problems(0), ElementsAre("", "", ""));
  // In the model's pixels it is only twice as large.
  image::write_fits(folder_ / "fine.fits", image::Image{image::ImageShape{1, 32, 32}}.view(),
                    {{"CTYPE1", std::string{"RA---TAN"}, ""}, {"CD1_1", .1 / 3600, ""}, {"CD2_2", .1 / 3600, ""}});
  InputStream stream{{.arguments = {folder_ / "fine.fits"}, .rules = {.max_oversize = 3, .pixel_scale_arcsec = .2}}};
  EXPECT_EQ(problem(*stream.next(), {1, 8, 8}), "");
}

TEST_F(Inputs, SayWhereTheyLieWhereTheirHeaderOrListDoes) {
  cutout("a.npy", 1);
  // The middle of 3 x 3 pixels is the reference pixel.
  image::write_fits(folder_ / "b.fits", image::Image{image::ImageShape{1, 3, 3}}.view(),
                    {{"CTYPE1", std::string{"RA---TAN"}, ""},
                     {"CTYPE2", std::string{"DEC--TAN"}, ""},
                     {"CRVAL1", 150.25, ""},
                     {"CRVAL2", -2.5, ""},
                     {"CRPIX1", 2., ""},
                     {"CRPIX2", 2., ""},
                     {"CD1_1", -1e-4, ""},
                     {"CD2_2", 1e-4, ""}});
  image::write_fits(folder_ / "c.fits", image::Image{image::ImageShape{1, 3, 3}}.view());
  fs::copy(folder_ / "b.fits", folder_ / "d_g.fits");
  fs::copy(folder_ / "b.fits", folder_ / "d_r.fits");
  const auto fields = [&](InputOptions options) {
    options.positions = count_inputs(options).positions;
    InputStream stream{options};
    EXPECT_EQ(stream.columns().size(), options.positions ? 2u : 0u);
    std::vector<std::string> all;
    while (const auto input = stream.next()) all.push_back(further_fields(*input, 0));
    return all;
  };
  EXPECT_THAT(fields({.arguments = {folder_}, .bands = {"g", "r"}}),
              ElementsAre(",,", ",150.2500000,-2.5000000", ",,", ",150.2500000,-2.5000000"));
  EXPECT_THAT(fields({.arguments = {folder_ / "a.npy"}}), ElementsAre(""));
  text("list.csv", "path,RA_deg,DEC_deg\na.npy,10,20\nb.fits,11,21\nb.fits,,\n");
  EXPECT_THAT(fields({.arguments = {folder_ / "list.csv"}}),
              ElementsAre(",10.0000000,20.0000000", ",11.0000000,21.0000000", ",150.2500000,-2.5000000"));
}

TEST_F(Inputs, DamagedNpzFilesAreInputsToo) {
  text("a.npz", "no archive");
  cutout("b.npy", 1);
  EXPECT_THAT(ids({folder_}), ElementsAre("a", "b"));
  InputStream stream{{.arguments = {folder_}}};
  EXPECT_THAT(problem(*stream.next(), {1, 2, 2}), ::testing::HasSubstr("damaged archive"));
}

}  // namespace
}  // namespace lensfind::cutouts
