#include "lensfind/inspect/grade_store.h"

#include <cmath>
#include <thread>

#include <gmock/gmock.h>
#include <signal.h>
#include <sqlite3.h>
#include <sys/wait.h>
#include <unistd.h>

#include "lensfind/base/atomic_file.h"
#include "lensfind/base/error.h"
#include "lensfind/inspect/grade_files.h"
#include "tests/scratch_folder.h"

namespace lensfind::inspect {
namespace {

using lensfind::testing::ScratchFolder;
namespace fs = std::filesystem;

Grade grade(const std::string& uid, const std::string& grader, const std::string& object, const std::string& what,
            const std::string& time = "2026-01-01T00:00:00.000Z") {
  return {.uid = uid, .time = time, .grader = grader, .object = object, .scheme = "abcx", .grade = what};
}

TEST(GradeStore, KeepsEveryRowAsItWasGiven) {
  const ScratchFolder folder;
  Grade row = grade("u1", "Anna Müller", "4848.10", "A");
  row.kind = "ring";
  row.note = "<script>alert('x')</script>, \"quoted\"\nand a line; DROP TABLE grades";
  row.seconds = 2.25;
  {
    GradeStore store{folder / "g.sqlite"};
    EXPECT_TRUE(store.add(row));
    EXPECT_FALSE(store.add(row)) << "the same row again";
    store.set_scheme(abcx());
    store.set_objects(
        {{.id = "4848.10", .role = Role::painted, .truth = Label::lens, .position = sky::Position{10.5, -3.25}, .logit = 2.5}});
  }
  const GradeStore again{folder / "g.sqlite", GradeStore::Access::read};
  ASSERT_EQ(again.rows().size(), 1u);
  EXPECT_EQ(again.rows().front(), row);
  EXPECT_EQ(again.last_row(), 1);
  EXPECT_TRUE(again.rows(1).empty());
  const GradedObject object = again.objects().front();
  EXPECT_EQ(object.id, "4848.10");
  EXPECT_EQ(object.role, Role::painted);
  EXPECT_EQ(object.truth, Label::lens);
  EXPECT_EQ(object.position->dec_deg, -3.25);
  EXPECT_TRUE(std::isnan(object.arc_snr));
  EXPECT_EQ(scheme_toml(again.schemes().front()), scheme_toml(abcx()));
}

TEST(GradeStore, RefusesOtherFiles) {
  const ScratchFolder folder;
  write_file(folder / "thesis.txt", std::string(5000, 'x'));
  EXPECT_THROW(GradeStore(folder / "thesis.txt"), Error);
  EXPECT_EQ(fs::file_size(folder / "thesis.txt"), 5000u);
  EXPECT_THROW(GradeStore(folder / "none.sqlite", GradeStore::Access::read), Error);
  EXPECT_FALSE(fs::exists(folder / "none.sqlite"));
  EXPECT_THROW(GradeStore(folder / "no" / "g.sqlite"), Error);
}

TEST(GradeStore, AChangedSchemeOfTheSameNameIsRefused) {
  const ScratchFolder folder;
  GradeStore store{folder / "g.sqlite"};
  store.set_scheme(abcx());
  store.set_scheme(abcx());
  Scheme other = abcx();
  other.grades.front().value = 9;
  EXPECT_THROW(store.set_scheme(other), Error);
}

// Two programs write 200 rows each at once; both are there.
TEST(GradeStore, TwoWritersLoseNothing) {
  const ScratchFolder folder;
  GradeStore first{folder / "g.sqlite"}, second{folder / "g.sqlite"};
  const auto write = [](GradeStore& store, const std::string& who) {
    for (int i = 0; i < 200; ++i) store.add(grade(who + std::to_string(i), who, std::to_string(i), "A"));
  };
  std::thread other{[&] { write(second, "ben"); }};
  write(first, "anna");
  other.join();
  EXPECT_EQ(first.rows().size(), 400u);
  EXPECT_EQ(standing(first.rows()).size(), 400u);
}

// A process is killed while it writes; what it said it had written is there.
TEST(GradeStore, WhatWasAcknowledgedSurvivesAKill) {
  const ScratchFolder folder;
  int ends[2];
  ASSERT_EQ(pipe(ends), 0);
  const pid_t child = fork();
  if (child == 0) {
    GradeStore store{folder / "g.sqlite"};
    for (int i = 0;; ++i) {
      store.add(grade(std::to_string(i), "anna", std::to_string(i), "B"));
      if (write(ends[1], "x", 1) != 1) _exit(1);
    }
  }
  close(ends[1]);
  int acknowledged = 0;
  for (char letter = 0; acknowledged < 50 && read(ends[0], &letter, 1) == 1;) ++acknowledged;
  kill(child, SIGKILL);
  for (char letter = 0; read(ends[0], &letter, 1) == 1;) ++acknowledged;
  waitpid(child, nullptr, 0);
  close(ends[0]);
  EXPECT_GE(acknowledged, 50);
  EXPECT_GE(GradeStore(folder / "g.sqlite").rows().size(), static_cast<std::size_t>(acknowledged));
}

/// A file of grades with two rows and two objects, after somebody else's SQL.
class StrangersFile : public ::testing::Test {
 protected:
  fs::path after(const std::string& sql) const {
    const fs::path path = folder_ / "g.sqlite";
    for (const char* end : {"", "-wal", "-shm"}) fs::remove(path.string() + end);
    {
      GradeStore store{path};
      store.set_scheme(abcx());
      store.set_objects({{.id = "x"}, {.id = "y", .role = Role::painted, .truth = Label::lens}});
      store.add(grade("1", "anna", "x", "A"));
      store.add(grade("2", "anna", "y", "B"));
    }
    sqlite3* handle = nullptr;
    EXPECT_EQ(sqlite3_open(path.c_str(), &handle), SQLITE_OK);
    EXPECT_EQ(sqlite3_exec(handle, sql.c_str(), nullptr, nullptr, nullptr), SQLITE_OK) << sqlite3_errmsg(handle);
    sqlite3_close(handle);
    return path;
  }
  [[nodiscard]] std::string refusal(const std::string& sql) const {
    const std::vector<fs::path> files{after(sql)};
    try {
      (void)read_grades(files, abcx());
    } catch (const Error& error) {
      EXPECT_FALSE(error.hint().empty()) << sql;
      return error.what();
    }
    return "";
  }

 private:
  ScratchFolder folder_;
};

TEST_F(StrangersFile, IsReadWhereItIsSound) {
  EXPECT_EQ(refusal("SELECT 1"), "");
  EXPECT_EQ(refusal("ALTER TABLE grades ADD COLUMN mood TEXT"), "") << "a column more does no harm";
  EXPECT_EQ(refusal("CREATE TABLE notes(text)"), "");
}

TEST_F(StrangersFile, ViewsAndComputedColumnsAreNoTables) {
  const std::string endless = "WITH RECURSIVE c(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM c) ";
  const std::string columns =
      "SELECT n AS row,n AS uid,n AS time,n AS grader,n AS object,0 AS presentation,n AS scheme,n AS grade,n AS kind,"
      "n AS note,n AS seconds,'' AS undoes FROM c";
  EXPECT_THAT(refusal("DROP TABLE grades; CREATE VIEW grades AS " + endless + columns),
              ::testing::HasSubstr("not those of a file of grades"));
  EXPECT_THAT(refusal("ALTER TABLE objects ADD COLUMN big AS (hex(zeroblob(100000000)))"), ::testing::HasSubstr("not those"));
  EXPECT_THAT(refusal("DROP TABLE schemes"), ::testing::HasSubstr("not those"));
  EXPECT_THAT(refusal("DROP TABLE grades; CREATE VIRTUAL TABLE grades USING fts5(uid)"), ::testing::HasSubstr("not those"));
}

TEST_F(StrangersFile, TriggersDoNotFire) {
  const fs::path path = after("CREATE TRIGGER steal AFTER INSERT ON grades BEGIN DELETE FROM grades WHERE row < new.row; END");
  GradeStore store{path};
  store.add(grade("3", "anna", "x", "C"));
  EXPECT_EQ(store.rows().size(), 3u);
}

TEST_F(StrangersFile, WhatNoGraderSaidIsRefused) {
  using ::testing::HasSubstr;
  EXPECT_THAT(refusal("UPDATE grades SET presentation = 4294967297"), HasSubstr("row 1: is showing 4294967297"));
  EXPECT_THAT(refusal("UPDATE grades SET object = ''"), HasSubstr("the object has no name"));
  EXPECT_THAT(refusal("UPDATE grades SET grader = '' WHERE row = 2"), HasSubstr("row 2: the grader has no name"));
  EXPECT_THAT(refusal("UPDATE objects SET role = 'judge' WHERE object = 'y'"), HasSubstr("has the role `judge`"));
  EXPECT_THAT(refusal("UPDATE objects SET truth = 7"), HasSubstr("the truth of the object x is 7"));
  EXPECT_THAT(refusal("UPDATE objects SET ra = 9e999, dec = 95"), HasSubstr("degrees"));
  EXPECT_THAT(refusal("UPDATE schemes SET toml = 'name = 3'"), HasSubstr("scheme abcx"));
  EXPECT_THAT(refusal("UPDATE grades SET note = hex(zeroblob(600000))"), HasSubstr("too big"));
}

// Every page behind the first is overwritten in turn, and once cut off.
TEST_F(StrangersFile, DamagedPagesAreSaidToBeDamaged) {
  const fs::path path = after("PRAGMA journal_mode=DELETE");
  const std::string sound = read_text(path);
  const std::size_t page = 4096, pages = sound.size() / page;
  ASSERT_GE(pages, 5u);
  int refused = 0;
  for (std::size_t i = 1; i <= pages; ++i) {
    std::string damaged = sound;
    if (i < pages)
      damaged.replace(i * page, 64, std::string(64, '\xA5'));
    else
      damaged.resize(sound.size() - page - 100);
    write_file(path, damaged);
    const std::vector<fs::path> files{path};
    try {
      EXPECT_EQ(read_grades(files, abcx()).rows.size(), 2u);
    } catch (const Error& error) {
      EXPECT_FALSE(error.hint().empty());
      ++refused;
    }
  }
  EXPECT_GE(refused, static_cast<int>(pages) - 1);
}

TEST(EarlyStopping, TheLastGradeHoldsAndUndoingBringsBackTheOneBefore) {
  std::vector<Grade> rows{grade("1", "anna", "x", "A", "1"), grade("2", "anna", "x", "C", "2"), grade("3", "ben", "x", "X", "3")};
  ASSERT_EQ(standing(rows).size(), 2u);
  EXPECT_EQ(standing(rows)[0].grade, "C");
  Grade undo = grade("4", "anna", "x", "", "4");
  undo.undoes = "2";
  rows.push_back(undo);
  EXPECT_EQ(standing(rows)[0].grade, "A");
  EXPECT_EQ(standing(rows)[1].grade, "X") << "another's grade stays";
  rows.insert(rows.begin(), rows.begin(), rows.begin() + 4);
  EXPECT_EQ(standing(rows).size(), 2u) << "rows that come twice count once";
}

TEST(EarlyStopping, TheLaterTimeHoldsWhateverTheOrderOfTheFiles) {
  EXPECT_EQ(standing({grade("1", "a", "x", "A", "2026-01-02"), grade("2", "a", "x", "X", "2026-01-01")}).front().grade, "A");
}

TEST(ReadGrades, JoinsFilesOfBothKinds) {
  const ScratchFolder folder;
  {
    GradeStore store{folder / "anna.sqlite"};
    store.set_scheme(abcx());
    store.set_objects({{.id = "7", .position = sky::Position{1, 2}}});
    store.add(grade("1", "anna", "7", "A"));
    Grade undone = grade("2", "anna", "8", "A");
    store.add(undone);
    Grade undo = grade("3", "anna", "8", "");
    undo.undoes = "2";
    store.add(undo);
  }
  write_file(folder / "ben.csv", "objectId;grade;comment\n7;b;yes\n0012;X;no\n9;;\n");
  write_file(folder / "copy.csv", grades_csv(GradeStore(folder / "anna.sqlite").rows()));
  const std::vector<fs::path> files{folder / "anna.sqlite", folder / "ben.csv", folder / "copy.csv"};
  const GradeSet set = read_grades(files, abcx());
  const std::vector<Grade> grades = standing(set.rows);
  ASSERT_EQ(grades.size(), 3u);
  EXPECT_EQ(grades[0].grader, "ben") << "named after the file; rows without a time are the oldest";
  EXPECT_EQ(grades[1].object, "0012") << "letter by letter";
  EXPECT_EQ(grades[2].grader, "anna");
  ASSERT_EQ(set.objects.size(), 4u);
  EXPECT_EQ(set.objects[0].position->dec_deg, 2) << "known from the first file only";
  EXPECT_THAT(set.notes, ::testing::Contains(::testing::HasSubstr("1 rows have no grade")));
}

TEST(ReadGrades, SaysWhichGradesItDoesNotKnow) {
  const ScratchFolder folder;
  write_file(folder / "a.csv", "id,grade\nx,maybe\ny,A\n");
  const std::vector<fs::path> files{folder / "a.csv"};
  EXPECT_THAT(read_grades(files, abcx()).notes, ::testing::Contains(::testing::HasSubstr("`maybe` of scheme `abcx`")));
  write_file(folder / "b.csv", "id,class\nx,A\n");
  const std::vector<fs::path> other{folder / "b.csv"};
  EXPECT_THROW(read_grades(other, abcx()), Error);
  EXPECT_EQ(read_grades(other, abcx(), "class").rows.front().grade, "A");
}

}  // namespace
}  // namespace lensfind::inspect
