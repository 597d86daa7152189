#include "lensfind/score/inputs.h"

#include <gmock/gmock.h>

#include "lensfind/base/error.h"
#include "lensfind/score/test_folder.h"

namespace lensfind::score {
namespace {

using testing::ElementsAre;
namespace fs = std::filesystem;

class Inputs : public TestFolder {
 protected:
  std::vector<std::string> ids(std::vector<fs::path> arguments) const {
    InputStream stream{std::move(arguments)};
    std::vector<std::string> all;
    while (const auto input = stream.next()) all.push_back(input->id);
    return all;
  }
  /// Why an input does not fit, or empty.
  static std::string problem(const Input& input, ImageShape shape) {
    try {
      Image image{shape};
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
  InputStream stream{{folder_ / "s.npy"}};
  stream.next();
  EXPECT_EQ(stream.next()->source->read(1).at(0, 0, 0), 6);
}

TEST_F(Inputs, OfListsAreTheirPaths) {
  cutout("in/a.npy", 1);
  stack("in/s.npy", 2, 1);
  text("list.txt", "# two\nin/a.npy\r\n\nin/s.npy\nin/none.npy\n");
  text("list.csv", "id,path\nfirst,in/a.npy\nsecond,in/s.npy\n");
  text("wrong.csv", "id,file\n1,2\n");
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
  InputStream stream{{folder_}};
  EXPECT_EQ(stream.skip(98), 98);
  EXPECT_EQ(stream.next()->id, "s.npy#98");
  EXPECT_EQ(stream.skip(5), 2);
  EXPECT_FALSE(stream.next());
}

TEST_F(Inputs, AreCountedAndTheirListHasAFingerprint) {
  stack("s.npy", 100, 0);
  cutout("t.npy", 1);
  const InputCount before = count_inputs({folder_});
  EXPECT_EQ(before.count, 101);
  EXPECT_EQ(count_inputs({folder_}).fingerprint, before.fingerprint);
  fs::rename(folder_ / "t.npy", folder_ / "u.npy");
  EXPECT_NE(count_inputs({folder_}).fingerprint, before.fingerprint);
}

TEST_F(Inputs, ThatDoNotFitSayWhy) {
  cutout("small.npy", 1, {1, 2, 1});
  cutout("bands.npy", 1, {2, 2, 2});
  cutout("nan.npy", std::nanf(""), {1, 2, 2});
  cutout("large.npy", 1, {1, 4, 4});
  text("text.npy", "this is text");
  text("empty.npy", "");
  text("huge.npy", npy_header_text(std::vector<std::int64_t>{100'000'000'000, 1, 2, 2}));
  std::vector<std::string> bad;
  InputStream stream{{folder_}};
  while (const auto input = stream.next()) {
    if (!problem(*input, {1, 2, 2}).empty()) bad.push_back(input->name);
  }
  EXPECT_THAT(bad, ElementsAre("bands.npy", "empty.npy", "huge.npy", "nan.npy", "small.npy", "text.npy"));
}

TEST_F(Inputs, AStackAsLongAsTheCutoutBeforeItIsNotTakenForOne) {
  cutout("a.npy", 1, {2, 2, 2});
  stack("b.npy", 1, 1, {2, 2, 2});
  ASSERT_EQ(fs::file_size(folder_ / "a.npy"), fs::file_size(folder_ / "b.npy"));
  InputStream stream{{folder_}};
  stream.next();
  EXPECT_THAT(problem(*stream.next(), {2, 2, 2}), testing::HasSubstr("stack"));
}

TEST_F(Inputs, AnArgumentThatHasGoneIsNoticed) {
  cutout("in/a.npy", 1);
  const InputStream stream{{folder_ / "in"}};
  stream.check_arguments();
  fs::rename(folder_ / "in", folder_ / "away");
  EXPECT_THROW(stream.check_arguments(), Error);
}

}  // namespace
}  // namespace lensfind::score
