#include "lensfind/base/temporary_folder.h"

#include <cstdlib>
#include <fstream>
#include <optional>
#include <string>

#include <gtest/gtest.h>

namespace lensfind::base {
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

/// TMPDIR, for as long as it lives.
class TemporaryPlace {
 public:
  explicit TemporaryPlace(const fs::path& place) {
    if (const char* before = std::getenv("TMPDIR")) before_ = before;
    setenv("TMPDIR", place.c_str(), 1);
  }
  ~TemporaryPlace() {
    if (before_) setenv("TMPDIR", before_->c_str(), 1);
    if (!before_) unsetenv("TMPDIR");
  }
  TemporaryPlace(const TemporaryPlace&) = delete;
  TemporaryPlace& operator=(const TemporaryPlace&) = delete;

 private:
  std::optional<std::string> before_;
};

TEST(TemporaryFolder, LiesElsewhereWhereItsPlaceIsMissing) {
  const TemporaryFolder base;
  const TemporaryPlace missing{base / "absent"};
  const TemporaryFolder other;
  EXPECT_TRUE(fs::is_directory(other.path()));
  EXPECT_FALSE(fs::exists(base / "absent"));
}

TEST(TemporaryFolder, ClearsThoseOfTheDeadAndNoOthers) {
  const TemporaryFolder base;
  const TemporaryPlace place{base.path()};
  fs::create_directories(base / "lensfind-999999999-0" / "half");
  fs::create_directories(base / "lensfind-notes");
  const TemporaryFolder other, second;
  EXPECT_FALSE(fs::exists(base / "lensfind-999999999-0"));
  EXPECT_TRUE(fs::exists(base / "lensfind-notes"));
  EXPECT_TRUE(fs::exists(other.path()));
}

}  // namespace
}  // namespace lensfind::base
