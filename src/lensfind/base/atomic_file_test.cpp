#include "lensfind/base/atomic_file.h"

#include <csignal>
#include <cstdlib>
#include <fstream>

#include <gtest/gtest.h>
#include <sys/resource.h>
#include <sys/stat.h>

#include "lensfind/base/error.h"
#include "lensfind/base/value.h"

namespace lensfind::base {
namespace {

namespace fs = std::filesystem;

class AtomicFiles : public ::testing::Test {
 protected:
  void SetUp() override { fs::create_directories(folder_); }
  void TearDown() override { fs::remove_all(folder_); }
  std::size_t entries() const { return static_cast<std::size_t>(std::distance(fs::directory_iterator{folder_}, fs::directory_iterator{})); }

  fs::path folder_ =
      fs::path{::testing::TempDir()} / ("atomic-" + std::string{::testing::UnitTest::GetInstance()->current_test_info()->name()});
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
  EXPECT_EQ(entries(), 0u);
}

TEST_F(AtomicFiles, SayWhyTheyCannotBeWritten) {
  EXPECT_THROW(AtomicFile{folder_ / "no" / "a"}, Error);
  EXPECT_THROW(require_absent(folder_), Error);
}

TEST_F(AtomicFiles, ReplaceNoPipeAndNoDevice) {
  ASSERT_EQ(::mkfifo((folder_ / "pipe").c_str(), 0600), 0);
  fs::create_symlink("/dev/null", folder_ / "nothing");
  for (const fs::path& out : {folder_ / "pipe", folder_ / "nothing"}) {
    EXPECT_THROW(write_file(out, "x"), Error) << out;
    EXPECT_THROW(require_output_file(out, true), Error) << out;
  }
  EXPECT_EQ(fs::status(folder_ / "pipe").type(), fs::file_type::fifo);
  EXPECT_EQ(fs::status("/dev/null").type(), fs::file_type::character);
  EXPECT_EQ(entries(), 2u);
}

TEST_F(AtomicFiles, AreNoFolderNorWithoutANameNorWhatIsRead) {
  std::ofstream{folder_ / "list.csv"} << "id\n";
  EXPECT_THROW(require_output_file(folder_, true), Error);
  EXPECT_THROW(require_output_file("", true), Error);
  EXPECT_THROW(require_output_file(folder_ / "new" / "", true), Error);
  EXPECT_THROW(require_output_file(folder_ / "list.csv", false), Error);
  EXPECT_THROW(require_output_file(folder_ / "." / "list.csv", true, {folder_ / "list.csv"}), Error);
  EXPECT_NO_THROW(require_output_file(folder_ / "list.csv", true, {folder_ / "no"}));
}

/// Writes more than the limit in a process of its own; 7: an Error named the limit and nothing was left.
[[noreturn]] void write_beyond_limit(const fs::path& folder) {
  std::signal(SIGXFSZ, SIG_IGN);
  rlimit small{};
  small.rlim_cur = small.rlim_max = 4096;
  ::setrlimit(RLIMIT_FSIZE, &small);
  try {
    write_file(folder / "a", std::string(100000, 'x'));
  } catch (const Error& error) {
    std::_Exit(error.hint().find("ulimit -f") != std::string::npos && fs::is_empty(folder) ? 7 : 1);
  }
  std::_Exit(2);
}

TEST_F(AtomicFiles, BeyondALimitOnTheirSizeAreAnErrorThatSaysSo) {
  EXPECT_EXIT(write_beyond_limit(folder_), ::testing::ExitedWithCode(7), "");
}

TEST_F(AtomicFiles, WhatAKilledProcessLeftIsRemoved) {
  std::ofstream{folder_ / "a.csv.tmp-999999999-0"} << "half";
  std::ofstream{folder_ / "a.csv.tmp-1-0"} << "process 1 runs";
  std::ofstream{folder_ / "mine.tmp-file"} << "not ours";
  remove_stale_temporaries(folder_);
  EXPECT_EQ(entries(), 2u);
}

}  // namespace
}  // namespace lensfind::base
