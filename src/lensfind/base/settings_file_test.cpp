#include "lensfind/base/settings_file.h"

#include <gmock/gmock.h>

#include "lensfind/base/atomic_file.h"
#include "lensfind/base/error.h"
#include "lensfind/base/temporary_folder.h"

namespace lensfind::base {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

class SettingsFile : public ::testing::Test {
 protected:
  SettingsFile() {
    for (const char* folder : {"own", "installed"}) std::filesystem::create_directory(folder_.path() / folder);
    for (const char* file : {"own/des.toml", "installed/des.toml", "installed/hsc.toml", "installed/notes.txt"})
      write_file(folder_.path() / file, "");
  }
  std::string hint_for(const std::string& name, const SettingsKind& kind = {"survey"}) {
    try {
      find_settings(kind, name, folders_);
    } catch (const Error& error) {
      EXPECT_THAT(error.what(), HasSubstr(name));
      EXPECT_THAT(error.what(), HasSubstr("survey"));
      return error.hint();
    }
    return "found";
  }

  TemporaryFolder folder_;
  std::vector<std::filesystem::path> folders_{folder_.path() / "own", folder_.path() / "absent", folder_.path() / "installed"};
};

TEST_F(SettingsFile, ANameIsLookedForInTheFoldersInTheirOrder) {
  EXPECT_EQ(find_settings({"survey"}, "des", folders_), folder_.path() / "own/des.toml");
  EXPECT_EQ(find_settings({"survey"}, "hsc", folders_), folder_.path() / "installed/hsc.toml");
}

TEST_F(SettingsFile, APathIsTakenAsItIs) {
  const std::string path = (folder_.path() / "installed/notes.txt").string();
  EXPECT_EQ(find_settings({"survey"}, path, {}), path);
}

TEST_F(SettingsFile, AnInstalledNameIsNotHiddenByWhatLiesInTheWorkingFolder) {
  const std::filesystem::path before = std::filesystem::current_path();
  std::filesystem::current_path(folder_.path());
  for (const char* file : {"hsc", "mine", "des.toml"}) write_file(file, "");
  const auto name = find_settings({"survey"}, "hsc", folders_), mine = find_settings({"survey"}, "mine", folders_),
             built_in = find_settings({"survey", {"mine"}}, "mine", folders_), file = find_settings({"survey"}, "des.toml", folders_);
  std::filesystem::current_path(before);
  EXPECT_EQ(name, folder_.path() / "installed/hsc.toml");
  EXPECT_EQ(mine, "mine");
  EXPECT_EQ(built_in, "");
  EXPECT_EQ(file, "des.toml");
}

TEST_F(SettingsFile, NamesAreSortedAndEachStandsOnce) {
  EXPECT_THAT(settings_names({"survey", {"own", "abcx"}}, folders_), ElementsAre("abcx", "des", "hsc", "own"));
}

TEST_F(SettingsFile, ABuiltInNameNeedsNoFile) {
  EXPECT_EQ(find_settings({"survey", {"abcx"}}, "abcx", folders_), "");
  EXPECT_EQ(find_settings({"survey", {"hsc"}}, "hsc", folders_), folder_.path() / "installed/hsc.toml");
}

TEST_F(SettingsFile, AnUnknownNameIsRefusedWithTheNearestOrAll) {
  EXPECT_THAT(hint_for("hsk"), HasSubstr("`hsc`"));
  EXPECT_THAT(hint_for("something"), HasSubstr("des, hsc"));
  folders_.clear();
  EXPECT_THAT(hint_for("hsc"), HasSubstr(".toml"));
}

}  // namespace
}  // namespace lensfind::base
