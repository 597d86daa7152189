#include "lensfind/base/run_lock.h"

#include <cerrno>
#include <fstream>

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include "lensfind/base/error.h"
#include "lensfind/base/temporary_folder.h"

namespace lensfind::base {
namespace {

using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::StartsWith;
namespace fs = std::filesystem;

std::string refusal(const fs::path& out, RunLock::Sharing sharing = RunLock::Sharing::alone) {
  try {
    const RunLock lock{out, sharing};
    return "";
  } catch (const Error& error) {
    return error.what();
  }
}

/// Another process that holds the lock until it is killed.
class Child {
 public:
  explicit Child(const fs::path& out, RunLock::Sharing sharing = RunLock::Sharing::alone) {
    int ends[2];
    if (::pipe(ends) != 0) throw std::runtime_error{"no pipe"};
    process_ = ::fork();
    if (process_ == 0) {
      const RunLock lock{out, sharing};
      [[maybe_unused]] const ssize_t told = ::write(ends[1], "x", 1);
      while (true) ::pause();
    }
    char letter = 0;
    ::close(ends[1]);
    if (::read(ends[0], &letter, 1) != 1) throw std::runtime_error{"the child has no lock"};
    ::close(ends[0]);
  }
  ~Child() { kill(); }
  Child(const Child&) = delete;
  Child& operator=(const Child&) = delete;

  [[nodiscard]] pid_t process() const { return process_; }
  void kill() {
    if (process_ <= 0) return;
    ::kill(process_, SIGKILL);
    ::waitpid(process_, nullptr, 0);
    process_ = 0;
  }

 private:
  pid_t process_ = 0;
};

class RunLocks : public ::testing::Test {
 protected:
  void leave(const std::string& line) const { std::ofstream{RunLock::file_of(out_)} << line; }

  TemporaryFolder folder_;
  fs::path out_ = folder_ / "s.csv";
};

TEST_F(RunLocks, LeavesNothingBehind) {
  { const RunLock lock{out_}; }
  EXPECT_TRUE(fs::is_empty(out_.parent_path()));
  EXPECT_EQ(RunLock::file_of("a/run/"), "a/run.lock");
}

TEST_F(RunLocks, NamesTheProcessThatHoldsIt) {
  const Child child{out_};
  EXPECT_THAT(refusal(out_), StartsWith(fmt::format("another lensfind (process {} on host ", child.process())));
  EXPECT_THAT(refusal(out_), HasSubstr("is writing " + out_.string()));
  EXPECT_THAT(refusal(folder_ / "other.csv"), IsEmpty());
}

TEST_F(RunLocks, AKilledProcessLosesIt) {
  Child child{out_};
  child.kill();
  EXPECT_TRUE(fs::exists(RunLock::file_of(out_)));
  EXPECT_THAT(refusal(out_), IsEmpty());
  EXPECT_FALSE(fs::exists(RunLock::file_of(out_)));
}

TEST_F(RunLocks, IsRefusedWithinAProcessToo) {
  const RunLock lock{out_};
  EXPECT_THAT(refusal(out_), HasSubstr(fmt::format("process {} ", ::getpid())));
}

TEST_F(RunLocks, ShardsShareItAndAWholeRunDoesNot) {
  Child first{out_, RunLock::Sharing::with_others};
  Child second{out_, RunLock::Sharing::with_others};
  EXPECT_THAT(refusal(out_), HasSubstr("is writing"));
  second.kill();
  EXPECT_THAT(refusal(out_), HasSubstr(fmt::format("process {} ", first.process())));  // not the one that is dead
  first.kill();
  const RunLock whole{out_};
  EXPECT_THAT(refusal(out_, RunLock::Sharing::with_others), HasSubstr("is writing"));
}

TEST_F(RunLocks, SaysThatAnotherComputerLeftIt) {
  leave("77 faraway.example.org\n");
  EXPECT_THAT(RunLock(out_).note(), HasSubstr("process 77 on host faraway.example.org"));
}

int no_locks(int, int) {
  errno = ENOLCK;
  return -1;
}

TEST_F(RunLocks, GoesByTheNamesWhereTheFileSystemHasNoLocks) {
  using enum RunLock::Sharing;
  { EXPECT_THAT(RunLock(out_, alone, no_locks).note(), HasSubstr("has no locks")); }
  EXPECT_FALSE(fs::exists(RunLock::file_of(out_)));
  Child child{out_};
  EXPECT_THROW(RunLock(out_, alone, no_locks), Error);
  child.kill();
  { const RunLock taken_over{out_, alone, no_locks}; }
  leave("77 faraway.example.org\n");
  EXPECT_THROW(RunLock(out_, alone, no_locks), Error);
}

TEST_F(RunLocks, SaysWhatIsWrongWithThePlace) {
  EXPECT_THROW(RunLock{folder_ / "nowhere/s.csv"}, Error);
  EXPECT_THROW(RunLock{folder_ / std::string(300, 'x')}, Error);
  fs::create_symlink(folder_ / "elsewhere", RunLock::file_of(out_));  // another's link in a shared folder
  EXPECT_THROW(RunLock{out_}, Error);
  EXPECT_FALSE(fs::exists(folder_ / "elsewhere"));
}

}  // namespace
}  // namespace lensfind::base
