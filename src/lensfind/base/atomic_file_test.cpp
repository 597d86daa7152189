#include "lensfind/base/atomic_file.h"

#include <fstream>

#include <gtest/gtest.h>

#include "lensfind/base/error.h"
#include "lensfind/base/value.h"

namespace lensfind {
namespace {

namespace fs = std::filesystem;

class AtomicFiles : public testing::Test {
 protected:
  void SetUp() override { fs::create_directories(folder_); }
  void TearDown() override { fs::remove_all(folder_); }
  std::size_t entries() const { return static_cast<std::size_t>(std::distance(fs::directory_iterator{folder_}, fs::directory_iterator{})); }

  fs::path folder_ =
      fs::path{testing::TempDir()} / ("atomic-" + std::string{testing::UnitTest::GetInstance()->current_test_info()->name()});
};

TEST_F(AtomicFiles, AppearOnlyWhenCommitted) {
  {
    AtomicFile file{folder_ / "a"};
    file.write("hello");
    EXPECT_FALSE(fs::exists(folder_ / "a"));
    file.commit();
  }
  EXPECT_EQ(read_text(folder_ / "a"), "hello");
  EXPECT_EQ(entries(), 1u);
}

TEST_F(AtomicFiles, LeaveNothingWithoutCommit) {
  { AtomicFile{folder_ / "a"}.write("hello"); }
  { AtomicFolder{folder_ / "b"}; }
  EXPECT_EQ(entries(), 0u);
}

TEST_F(AtomicFiles, FoldersAppearWholeAndAreNotReplacedUnasked) {
  {
    AtomicFolder out{folder_ / "b"};
    std::ofstream{out.path() / "x"} << 1;
    EXPECT_FALSE(fs::exists(folder_ / "b"));
    out.commit();
  }
  EXPECT_TRUE(fs::exists(folder_ / "b" / "x"));
  EXPECT_THROW((AtomicFolder{folder_ / "b"}), Error);
  AtomicFolder replaced{folder_ / "b", true};
  replaced.commit();
  EXPECT_FALSE(fs::exists(folder_ / "b" / "x"));
}

TEST_F(AtomicFiles, SayWhyTheyCannotBeWritten) {
  EXPECT_THROW(AtomicFile{folder_ / "no" / "a"}, Error);
  EXPECT_THROW(require_absent(folder_), Error);
}

TEST_F(AtomicFiles, AFolderBeganAnewClearsWhatWasKilledBefore) {
  fs::create_directories(folder_ / "b.tmp-999999999-0" / "half");
  fs::create_directories(folder_ / "other.tmp-999999999-0");
  AtomicFolder{folder_ / "b"}.commit();
  EXPECT_TRUE(fs::exists(folder_ / "b"));
  EXPECT_FALSE(fs::exists(folder_ / "b.tmp-999999999-0"));
  EXPECT_TRUE(fs::exists(folder_ / "other.tmp-999999999-0"));
}

TEST_F(AtomicFiles, WhatAKilledProcessLeftIsRemoved) {
  std::ofstream{folder_ / "a.csv.tmp-999999999-0"} << "half";
  std::ofstream{folder_ / "a.csv.tmp-1-0"} << "process 1 runs";
  std::ofstream{folder_ / "mine.tmp-file"} << "not ours";
  remove_stale_temporaries(folder_);
  EXPECT_EQ(entries(), 2u);
}

}  // namespace
}  // namespace lensfind
