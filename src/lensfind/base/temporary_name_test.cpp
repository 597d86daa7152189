#include "lensfind/base/temporary_name.h"

#include <fstream>
#include <set>

#include <gmock/gmock.h>
#include <sys/wait.h>
#include <unistd.h>

#include "lensfind/base/atomic_file.h"
#include "lensfind/base/error.h"
#include "lensfind/base/temporary_folder.h"
#include "lensfind/base/value.h"

namespace lensfind::base {
namespace {

/// The mark that a process of this machine makes which then ends.
std::string mark_of_the_dead() {
  std::array<int, 2> ends{};
  if (::pipe(ends.data()) != 0) return {};
  const pid_t child = ::fork();
  if (child == 0) {
    const std::string mark = temporary_mark();
    const bool written = ::write(ends[1], mark.data(), mark.size()) == static_cast<ssize_t>(mark.size());
    ::_exit(written ? 0 : 1);
  }
  ::waitpid(child, nullptr, 0);
  std::string mark(200, ' ');
  mark.resize(static_cast<std::size_t>(std::max<ssize_t>(0, ::read(ends[0], mark.data(), mark.size()))));
  ::close(ends[0]);
  ::close(ends[1]);
  return mark;
}

TEST(TemporaryName, IsNeverTheSameAndNotToBeGuessed) {
  std::set<std::string> ends;
  for (int i = 0; i < 1000; ++i) {
    const std::string name = temporary_beside("a/b.csv").string();
    EXPECT_TRUE(name.starts_with("a/b.csv.tmp-"));
    ends.insert(name.substr(name.rfind('-') + 1));
  }
  EXPECT_EQ(ends.size(), 1000u);
  EXPECT_EQ(ends.begin()->size(), 16u);  // 64 bits
}

TEST(TemporaryName, TellsTheDeadOfThisMachineFromAllOthers) {
  const std::string dead = mark_of_the_dead();
  EXPECT_TRUE(is_left_by_dead(dead)) << dead;
  EXPECT_FALSE(is_left_by_dead(temporary_mark()));
  std::string elsewhere = dead;  // the same number, on another machine
  elsewhere.replace(dead.find('-') + 1, 8, "01234567");
  EXPECT_FALSE(is_left_by_dead(elsewhere));
  EXPECT_TRUE(is_left_by_dead("999999999-0"));  // as earlier versions named them
  EXPECT_FALSE(is_left_by_dead("1-0"));
  for (const char* other : {"", "-", "file", "12", "0-0", "-5-0"}) EXPECT_FALSE(is_left_by_dead(other)) << other;
}

TEST(TemporaryName, ThatSomebodyHasLinkedIsNotWrittenThrough) {
  const TemporaryFolder folder;
  const std::filesystem::path victim = folder / "victim";
  std::ofstream{victim} << "theirs";
  // The name that earlier versions took next; and whatever name is taken now, a link of that name is never followed.
  std::filesystem::create_symlink(victim, folder / ("a.csv.tmp-" + std::to_string(::getpid()) + "-0"));
  write_file(folder / "a.csv", "ours");
  EXPECT_EQ(read_text(victim), "theirs");
  EXPECT_EQ(read_text(folder / "a.csv"), "ours");
}

}  // namespace
}  // namespace lensfind::base
