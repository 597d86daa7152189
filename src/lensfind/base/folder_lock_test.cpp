#include "lensfind/base/folder_lock.h"

#include <atomic>
#include <chrono>
#include <thread>

#include <gtest/gtest.h>

#include "lensfind/base/error.h"
#include "lensfind/base/temporary_folder.h"

namespace lensfind::base {
namespace {

namespace fs = std::filesystem;

TEST(FolderLock, IsWaitedForUntilItIsFree) {
  const TemporaryFolder folder;
  std::atomic<bool> taken{false};
  std::jthread other;
  {
    const auto held = FolderLock::wait_for(folder.path());
    ASSERT_TRUE(held);
    other = std::jthread{[&] {
      const auto waited = FolderLock::wait_for(folder.path());
      taken = waited.has_value();
    }};
    std::this_thread::sleep_for(std::chrono::milliseconds{50});
    EXPECT_FALSE(taken);
  }
  other.join();
  EXPECT_TRUE(taken);
}

TEST(FolderLock, IsNothingOfAFolderThatHasGone) {
  const TemporaryFolder folder;
  EXPECT_FALSE(FolderLock::wait_for(folder / "absent"));
  const fs::path gone = folder / "gone";
  fs::create_directory(gone);
  std::jthread other;
  {
    const auto held = FolderLock::wait_for(gone);
    other = std::jthread{[&] { EXPECT_FALSE(FolderLock::wait_for(gone)) << "it was removed while this one waited"; }};
    std::this_thread::sleep_for(std::chrono::milliseconds{50});
    fs::remove(gone);
    fs::create_directory(folder / "another");  // so that the number of the file is not taken again by one of the same name
    fs::create_directory(gone);
  }
}

TEST(FolderLock, RefusesWhatIsNoFolder) { EXPECT_THROW(FolderLock::wait_for("/dev/null"), Error); }

}  // namespace
}  // namespace lensfind::base
