#include "lensfind/base/parallel.h"

#include <fstream>

#include <gtest/gtest.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

namespace lensfind::base {
namespace {

TEST(ThreadsThatStart, AreAsManyAsAskedFor) {
  EXPECT_EQ(threads_that_start(0), 0);
  EXPECT_EQ(threads_that_start(40), 40);
}

TEST(ThreadsThatStart, AreFewerWhereTheSystemAllowsNoMore) {
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
  GTEST_SKIP() << "sanitisers need all addresses";
#endif
  const pid_t child = ::fork();
  if (child == 0) {
    ::alarm(20);
    std::ifstream sizes{"/proc/self/statm"};
    rlim_t pages = 0;
    sizes >> pages;
    const rlim_t max = pages * static_cast<rlim_t>(::sysconf(_SC_PAGESIZE)) + (rlim_t{64} << 20);  // stacks take 8 MiB each
    const rlimit limit{max, max};
    if (::setrlimit(RLIMIT_AS, &limit) != 0) ::_exit(100);
    ::_exit(threads_that_start(90));
  }
  int status = 0;
  ::waitpid(child, &status, 0);
  ASSERT_TRUE(WIFEXITED(status));
  EXPECT_GT(WEXITSTATUS(status), 0);
  EXPECT_LT(WEXITSTATUS(status), 12);
}

}  // namespace
}  // namespace lensfind::base
