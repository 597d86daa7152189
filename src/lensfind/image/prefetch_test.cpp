#include <algorithm>
#include <chrono>
#include <filesystem>
#include <fstream>
#include <thread>
#include <vector>

#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/mman.h>
#include <unistd.h>

#include "lensfind/base/open_file.h"
#include "lensfind/image/npy.h"

namespace lensfind::image {
namespace {

namespace fs = std::filesystem;

class PrefetchedFile : public ::testing::Test {
 protected:
  void TearDown() override { fs::remove(path_); }

  /// Takes the file out of the system's cache; false where its file system has no other place for it.
  bool forget() const {
    const int descriptor = ::open(path_.c_str(), O_RDONLY);
    ::fsync(descriptor);
    ::posix_fadvise(descriptor, 0, 0, POSIX_FADV_DONTNEED);
    ::close(descriptor);
    return pages_in_cache(0, fs::file_size(path_)) == 0;
  }
  /// Of the bytes from `first`, a multiple of the page's size.
  std::ptrdiff_t pages_in_cache(std::size_t first, std::size_t bytes) const {
    const auto page = static_cast<std::size_t>(::sysconf(_SC_PAGESIZE));
    const int descriptor = ::open(path_.c_str(), O_RDONLY);
    void* mapped = ::mmap(nullptr, bytes, PROT_READ, MAP_SHARED, descriptor, static_cast<off_t>(first));
    ::close(descriptor);
    std::vector<unsigned char> pages((bytes + page - 1) / page);
    ::mincore(mapped, bytes, pages.data());
    ::munmap(mapped, bytes);
    return std::ranges::count_if(pages, [](unsigned char present) { return (present & 1U) != 0; });
  }
  /// Whether all of these bytes come into the cache by themselves.
  bool comes_into_cache(std::size_t first, std::size_t bytes) const {
    const auto page = static_cast<std::size_t>(::sysconf(_SC_PAGESIZE));
    const auto wanted = static_cast<std::ptrdiff_t>((bytes + page - 1) / page);
    for (int i = 0; i < 1000; ++i) {
      if (pages_in_cache(first, bytes) == wanted) return true;
      std::this_thread::sleep_for(std::chrono::milliseconds{10});
    }
    return false;
  }

  fs::path path_ = fs::path{::testing::TempDir()} / ::testing::UnitTest::GetInstance()->current_test_info()->name();
};

TEST_F(PrefetchedFile, IsFetchedWithoutBeingRead) {
  std::ofstream{path_} << std::string(1 << 18, 'x');
  if (!forget()) GTEST_SKIP() << "files in " << ::testing::TempDir() << " are always in memory";
  prefetch_file(path_, 1 << 20);
  EXPECT_TRUE(comes_into_cache(0, 1 << 18));
  prefetch_file(path_.string() + "-that-is-not-there", 1);
}

TEST_F(PrefetchedFile, IsFetchedAnImageAtATimeWhereItIsAStack) {
  const std::vector<std::int64_t> shape{64, 1, 128, 128};  // 64 KiB each, 4 MiB in all
  std::ofstream{path_} << npy_header_text(shape) << std::string(std::size_t{1} << 22, '\0');
  const NpyStack stack{path_};
  if (!forget()) GTEST_SKIP() << "files in " << ::testing::TempDir() << " are always in memory";
  stack.prefetch(48);
  EXPECT_TRUE(comes_into_cache(std::size_t{48} << 16, 1 << 16));
  EXPECT_EQ(pages_in_cache(0, std::size_t{40} << 16), 0);
  stack.prefetch(-1);
  stack.prefetch(64);
}

}  // namespace
}  // namespace lensfind::image
