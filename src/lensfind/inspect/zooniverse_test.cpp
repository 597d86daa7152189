#include "lensfind/inspect/zooniverse.h"

#include <gmock/gmock.h>

#include "lensfind/base/atomic_file.h"
#include "lensfind/base/value.h"
#include "lensfind/inspect/grade_files.h"
#include "tests/scratch_folder.h"

namespace lensfind::inspect {
namespace {

using lensfind::testing::ScratchFolder;

// The columns and the form of Panoptes' exports (help.zooniverse.org, "classification export").
constexpr const char* head = "classification_id,user_name,user_id,created_at,annotations,subject_data,subject_ids\n";

TEST(Zooniverse, ItsClassificationsAreGrades) {
  const ScratchFolder folder;
  const std::string text =
      std::string{head} +
      "11,anna,1,2026-01-02 10:00:00 UTC,\"[{\"\"task\"\":\"\"T0\"\",\"\"value\"\":\"\"Certain "
      "lens\"\"}]\",\"{\"\"901\"\":{\"\"retired\"\":null,\"\"#lensfind_id\"\":\"\"survey.npy#3\"\"}}\",901\n"
      "12,not-logged-in-4f,,2026-01-02 10:01:00 "
      "UTC,\"[{\"\"task\"\":\"\"T1\"\",\"\"value\"\":[]},{\"\"task\"\":\"\"T0\"\",\"\"value\"\":\"\"X: no "
      "lens\"\"}]\",\"{\"\"901\"\":{\"\"#lensfind_id\"\":\"\"survey.npy#3\"\"}}\",901\n"
      "13,ben,2,2026-01-02 10:02:00 "
      "UTC,\"[{\"\"task\"\":\"\"T0\"\",\"\"value\"\":\"\"nice\"\"}]\",\"{\"\"901\"\":{\"\"#lensfind_id\"\":\"\"survey.npy#3\"\"}}\",901\n";
  write_file(folder / "c.csv", text);
  const Classifications read = read_classifications(folder / "c.csv", abcx());
  ASSERT_EQ(read.grades.size(), 2u);
  EXPECT_EQ(read.passed_over, 1);
  EXPECT_EQ(read.grades[0].object, "survey.npy#3");
  EXPECT_EQ(read.grades[0].grade, "A");
  EXPECT_EQ(read.grades[1].grader, "not-logged-in-4f");
  EXPECT_EQ(read.grades[1].grade, "X");
  const std::vector<std::filesystem::path> files{folder / "c.csv"};
  EXPECT_EQ(read_grades(files, abcx()).rows.size(), 2u) << "known by its columns";
}

TEST(Zooniverse, SubjectsHaveAManifestAndPictures) {
  const ScratchFolder folder;
  const std::vector<Listed> objects{{.object = {.id = "a,b"}}, {.object = {.id = "c"}}};
  const auto draw = [](std::size_t) { return Drawn{.picture = {2, 3, 1, {0, 1, 2, 3, 4, 5}}}; };
  EXPECT_EQ(write_subjects(folder.path(), objects, draw, 30), 2);
  EXPECT_EQ(read_text(folder / "manifest.csv"), "image,#lensfind_id\n000001.png,\"a,b\"\n000002.png,c\n");
  EXPECT_TRUE(read_text(folder / "000002.png").starts_with("\x89PNG"));
}

}  // namespace
}  // namespace lensfind::inspect
