#include "lensfind/base/temporary_folder.h"

#include <cstdlib>
#include <fstream>

#include <gtest/gtest.h>

#include "lensfind/base/error.h"

namespace lensfind {
namespace {

namespace fs = std::filesystem;

TEST(TemporaryFolder, IsItsOwnAndGoesWithAllInIt) {
  fs::path path;
  {
    const TemporaryFolder one, other;
    path = one.path();
    EXPECT_NE(path, other.path());
    EXPECT_TRUE(fs::is_empty(path));
    fs::create_directory(one / "sub");
    std::ofstream{one / "sub/file"} << "text";
  }
  EXPECT_FALSE(fs::exists(path));
}

TEST(TemporaryFolder, SaysWhereNoneCanBeMade) {
  const TemporaryFolder base;
  const char* before = std::getenv("TMPDIR");
  const std::string kept = before == nullptr ? "" : before;
  setenv("TMPDIR", (base / "absent").c_str(), 1);
  EXPECT_THROW(TemporaryFolder{}, Error);
  if (before == nullptr) unsetenv("TMPDIR");
  if (before != nullptr) setenv("TMPDIR", kept.c_str(), 1);
}

}  // namespace
}  // namespace lensfind
