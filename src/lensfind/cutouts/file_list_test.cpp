#include "lensfind/cutouts/file_list.h"

#include <gmock/gmock.h>
#include <zlib.h>

#include "lensfind/base/error.h"
#include "lensfind/cutouts/distinct_ids.h"
#include "lensfind/cutouts/test_folder.h"
#include "lensfind/image/fits.h"

namespace lensfind::cutouts {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
namespace fs = std::filesystem;

class Files : public TestFolder {
 protected:
  std::vector<std::string> ids(const fs::path& argument, const ListOptions& options = {}) const {
    const FileList files = files_of(argument, options);
    std::vector<std::string> all;
    while (const auto file = files()) all.push_back(file->id);
    return all;
  }
  void fits(const std::string& name) const {
    image::write_fits(folder_ / "made.fits", image::Image{{1, 2, 2}, 3}.view());
    fs::create_directories((folder_ / name).parent_path());
    fs::rename(folder_ / "made.fits", folder_ / name);
  }
  std::string bytes_of(const std::string& name) const {
    std::ifstream file{folder_ / name, std::ios::binary};
    return {std::istreambuf_iterator<char>{file}, {}};
  }
  void gzip(const std::string& name, const std::string& bytes) const {
    gzFile file = gzopen((folder_ / name).c_str(), "wb");
    gzwrite(file, bytes.data(), static_cast<unsigned>(bytes.size()));
    gzclose(file);
  }
};

TEST_F(Files, AreKnownByTheirSuffixInAnyCaseOfLetters) {
  for (const char* name : {"a.fits", "b.FITS", "c.FIT", "d.fits.GZ", "e.Fits", "f.fits.gz", "g.FTS", "h.FITS.fz", "k.Fit.Fz"})
    text(name, "x");
  for (const char* name : {"i.NPY", "j.Npz"}) text(name, "x");
  EXPECT_THAT(ids(folder_), ElementsAre("a", "b", "c", "d", "e", "f", "g", "h", "i", "j", "k"));
  EXPECT_THAT(ids(folder_ / "c.FIT"), ElementsAre("c"));
  EXPECT_EQ(kind_by_name("x/d.fits.GZ"), FileKind::fits);
  EXPECT_EQ(kind_by_name("j.Npz"), FileKind::npz);
  EXPECT_EQ(kind_by_name("fits"), FileKind::none);
  EXPECT_EQ(kind_by_name("a.fits.bz2"), FileKind::none);
}

TEST_F(Files, WithoutAKnownSuffixAreKnownByTheirContentAndKeepTheirNames) {
  fits("J0012.5+34.75");
  fits("sub/a.fits.part");
  gzip("packed.img", bytes_of("J0012.5+34.75"));
  cutout("b.npy", 1);
  fs::rename(folder_ / "b.npy", folder_ / "b.array");
  text("none.dat", "0 1 2\n");
  gzip("zipped.npy.gz", bytes_of("b.array"));  // numpy does not read such either
  EXPECT_THAT(ids(folder_), ElementsAre("J0012.5+34.75", "b.array", "packed.img", "sub/a.fits.part"));
  EXPECT_THAT(ids(folder_ / "packed.img"), ElementsAre("packed.img"));
  EXPECT_THROW(ids(folder_ / "none.dat"), Error);
  const FileList files = files_of(folder_);
  EXPECT_EQ(files()->kind, FileKind::fits);
  EXPECT_EQ(files()->kind, FileKind::npy);
  EXPECT_EQ(files()->kind, FileKind::fits);
}

TEST_F(Files, ThatAreNoImagesAreCountedAndSomeNamed) {
  const ListOptions options{.findings = std::make_shared<ListFindings>()};
  cutout("1.npy", 1);
  for (const char* name : {"README.txt", "10.png", "9.png", "sub/x.dat", "truth.csv"}) text(name, "x");
  text(".hidden", "x");
  EXPECT_THAT(ids(folder_, options), ElementsAre("1"));
  EXPECT_EQ(options.findings->passed_over.count, 5);
  EXPECT_EQ(options.findings->passed_over.text(), "5 files are no images and passed over: 9.png, 10.png, README.txt and 2 more");
  PassedOver all;
  EXPECT_THAT(all.text(), IsEmpty());
  all.add("z.txt");
  EXPECT_EQ(all.text(), "1 file is no image and passed over: z.txt");
  all.add(options.findings->passed_over, "in/");
  EXPECT_EQ(all.count, 6);
  EXPECT_THAT(all.examples, ElementsAre("in/9.png", "in/10.png", "in/README.txt"));
}

TEST_F(Files, OfOneFolderThatWouldShareAnIdKeepTheirSuffixes) {
  for (const char* name : {"a.npy", "a.fits", "b.npy", "sub/a.npy", "c.fits", "c.FITS", "d_g.fits", "d_r.fits", "d.npy"}) text(name, "x");
  EXPECT_THAT(ids(folder_, {.bands = {"g", "r"}}), ElementsAre("a.fits", "a.npy", "b", "c.FITS", "c.fits", "d.npy", "d_*.fits", "sub/a"));
}

TEST_F(Files, OfAListMayBeNamedBySeveralColumns) {
  cutout("in/a.npy", 1);
  text("list.csv", "Object_ID;RA;Dec;File Name\n0012;10:00:00;-1.5;in/a.npy\n;20.5;;in/b.npy\n");
  const FileList files = files_of(folder_ / "list.csv");
  const auto first = files();
  EXPECT_EQ(first->id, "0012");
  EXPECT_DOUBLE_EQ(first->position->ra_deg, 150);
  EXPECT_DOUBLE_EQ(first->position->dec_deg, -1.5);
  const auto second = files();
  EXPECT_EQ(second->id, "in/b");  // its own is empty
  EXPECT_FALSE(second->position);
  text("other.TSV", "number\tmy id\tpath\talpha\tdelta\n7\tx1\tin/a.npy\t1\t2\n");
  EXPECT_THAT(ids(folder_ / "other.TSV"), ElementsAre("7"));
  const ListOptions named{.columns = {"my id", "alpha", "delta"}};
  const auto other = files_of(folder_ / "other.TSV", named)();
  EXPECT_EQ(other->id, "x1");
  EXPECT_EQ(other->position->dec_deg, 2);
  EXPECT_THROW(ids(folder_ / "other.TSV", {.columns = {"nothing", "", ""}}), Error);
  text("none.csv", "id,mag\n1,2\n");
  EXPECT_THROW(ids(folder_ / "none.csv"), Error);
}

TEST_F(Files, OfAListOfLinesMayHaveAByteOrderMarkAndBlanks) {
  text("list.TXT", "\xEF\xBB\xBFin/a.npy  \r\n# none\nb.fits\t\n");
  EXPECT_THAT(ids(folder_ / "list.TXT"), ElementsAre("in/a", "b"));
}

TEST_F(Files, OfOneObjectInAListAreListedOnce) {
  for (const char* name : {"one_g.fits", "one_r.fits", "cube.fits"}) text(name, "x");
  text("list.txt", "one_g.fits\ncube.fits\none_r.fits\n");
  EXPECT_THAT(ids(folder_ / "list.txt", {.bands = {"g", "r"}}), ElementsAre("one", "cube"));
}

TEST_F(Files, OfSeveralArgumentsGetTheseIntoTheirIdsWhereTheyWouldBeEqual) {
  for (const char* name : {"a/1.npy", "a/2.npy", "b/1.npy", "c/3.npy"}) cutout(name, 1);
  InputOptions apart{.arguments = {folder_ / "a", folder_ / "c"}};
  EXPECT_THAT(make_ids_distinct(apart), IsEmpty());
  EXPECT_FALSE(apart.long_ids);
  InputOptions alike{.arguments = {folder_ / "a/", folder_ / "b", folder_ / "c/3.npy"}};
  EXPECT_THAT(make_ids_distinct(alike), HasSubstr("would both have the id `1`"));
  InputStream stream{alike};
  std::vector<std::string> found;
  while (const auto input = stream.next()) found.push_back(input->id.substr(folder_.generic_string().size()));
  EXPECT_THAT(found, ElementsAre("/a/1", "/a/2", "/b/1", "/c/3"));
}

TEST_F(Files, ThatAreGivenTwiceAreRefused) {
  cutout("a/1.npy", 1);
  cutout("a/2.npy", 1);
  InputOptions twice{.arguments = {folder_ / "a", folder_ / "a/1.npy"}};
  EXPECT_THROW(make_ids_distinct(twice), Error);
  text("list.csv", "id,path\nx,a/1.npy\nx,a/2.npy\n");
  InputOptions list{.arguments = {folder_ / "list.csv"}};
  EXPECT_THROW(make_ids_distinct(list), Error);
  InputOptions folder{.arguments = {folder_ / "a"}};
  EXPECT_THAT(make_ids_distinct(folder), IsEmpty());
}

}  // namespace
}  // namespace lensfind::cutouts
