#include <algorithm>
#include <filesystem>
#include <fstream>
#include <map>
#include <regex>
#include <string>
#include <vector>

#include <gmock/gmock.h>

/// The rooms in dependency order (design: src/lensfind/README.md): each may include only itself and those before it.
namespace {

namespace fs = std::filesystem;

const std::vector<std::string> rooms{"base",     "image",  "sky",   "network", "render", "evaluate", "cutouts", "dataset", "population",
                                     "simulate", "inject", "model", "score",   "train",  "report",   "inspect", "cli",     "testing"};

struct Include {
  std::string file, room, text;  ///< where it stands, and what it names between < > or " "
};

std::vector<Include> includes() {
  static const std::regex line_form{R"(^\s*#\s*include\s*[<"]([^>"]+)[>"])"};
  std::vector<Include> found;
  const fs::path root = fs::path{LENSFIND_SOURCE_DIR} / "src" / "lensfind";
  for (const auto& entry : fs::recursive_directory_iterator{root}) {
    const std::string suffix = entry.path().extension().string();
    if (suffix != ".h" && suffix != ".cpp") continue;
    const std::string room = fs::relative(entry.path(), root).begin()->string();
    std::ifstream file{entry.path()};
    for (std::string line; std::getline(file, line);) {
      std::smatch match;
      if (std::regex_search(line, match, line_form)) found.push_back({fs::relative(entry.path(), root).string(), room, match[1]});
    }
  }
  return found;
}

auto position(const std::string& room) { return std::find(rooms.begin(), rooms.end(), room) - rooms.begin(); }

TEST(IncludeOrder, EveryRoomIsKnown) {
  for (const auto& entry : fs::directory_iterator{fs::path{LENSFIND_SOURCE_DIR} / "src" / "lensfind"}) {
    if (!entry.is_directory()) continue;
    EXPECT_THAT(rooms, testing::Contains(entry.path().filename().string()));
  }
}

TEST(IncludeOrder, NoRoomIncludesOneBelowIt) {
  int seen = 0;
  for (const Include& include : includes()) {
    if (!include.text.starts_with("lensfind/")) continue;
    const std::string target = include.text.substr(9, include.text.find('/', 9) - 9);
    ++seen;
    const bool is_test = include.file.find("_test.") != std::string::npos;
    EXPECT_TRUE(position(target) <= position(include.room) || (is_test && target == "testing"))
        << include.file << " includes " << include.text;
    const bool may_train = include.room == "train" || include.room == "cli";
    EXPECT_TRUE(target != "train" || may_train) << include.file << " includes " << include.text;
  }
  EXPECT_GT(seen, 50);
}

TEST(IncludeOrder, LibrariesStayInTheirRooms) {
  const std::vector<std::pair<std::string, std::string>> homes{{"torch/", "train"},      {"ATen/", "train"},      {"c10/", "train"},
                                                               {"openvino/", "score"},   {"onnx/", "network"},    {"CLI/", "cli"},
                                                               {"sqlite3.h", "inspect"}, {"httplib.h", "inspect"}};
  for (const Include& include : includes()) {
    for (const auto& [prefix, home] : homes) {
      // A test may check another room's output with the library that reads it.
      if (!include.text.starts_with(prefix) || include.file.find("_test.") != std::string::npos) continue;
      EXPECT_EQ(include.room, home) << include.file;
    }
    if (include.text.starts_with("torch/") || include.text.starts_with("ATen/")) {
      EXPECT_TRUE(include.room == "train" && include.file.ends_with(".cpp")) << include.file << ": torch only in train/*.cpp";
    }
  }
}

}  // namespace
