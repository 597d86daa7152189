#include <algorithm>
#include <filesystem>
#include <fstream>
#include <map>
#include <regex>
#include <set>
#include <string>
#include <vector>

#include <gmock/gmock.h>

/// The rooms in dependency order (design: src/lensfind/README.md): each may include only itself and those before it.
namespace {

namespace fs = std::filesystem;

const std::vector<std::string> rooms{"base",    "image",   "sky",        "network",   "render", "evaluate", "cutouts",
                                     "dataset", "combine", "population", "simulate",  "inject", "model",    "score",
                                     "train",   "report",  "inspect",    "workflows", "cli",    "testing"};

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
    EXPECT_THAT(rooms, ::testing::Contains(entry.path().filename().string()));
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
    // Of train the two see types alone: its library is loaded when training is first called for.
    const bool may_train = include.room == "train" || include.room == "workflows" || include.room == "cli";
    EXPECT_TRUE(target != "train" || may_train) << include.file << " includes " << include.text;
  }
  EXPECT_GT(seen, 50);
}

/// Which headers a header includes.
std::map<std::string, std::vector<std::string>> headers() {
  std::map<std::string, std::vector<std::string>> found;
  for (const Include& include : includes())
    if (include.file.ends_with(".h") && include.text.starts_with("lensfind/")) found[include.file].push_back(include.text.substr(9));
  return found;
}

/// A way from a header back to itself, "a.h -> b.h -> a.h", or nothing. `done` are headers from which no such way begins.
std::string circle_from(const std::string& header, const std::map<std::string, std::vector<std::string>>& headers,
                        std::vector<std::string>& way, std::set<std::string>& done) {
  if (done.contains(header)) return "";
  const bool closed = std::ranges::find(way, header) != way.end();
  way.push_back(header);
  if (closed) {
    std::string text;
    for (auto step = std::ranges::find(way, header); step != way.end(); ++step) text += (text.empty() ? "" : " -> ") + *step;
    return text;
  }
  if (const auto found = headers.find(header); found != headers.end())
    for (const std::string& next : found->second)
      if (std::string circle = circle_from(next, headers, way, done); !circle.empty()) return circle;
  way.pop_back();
  done.insert(header);
  return "";
}

TEST(IncludeOrder, NoHeaderIncludesItselfByAWayThroughOthers) {
  const auto all = headers();
  EXPECT_GT(all.size(), 50U);
  std::set<std::string> done;
  for (const auto& [header, included] : all) {
    std::vector<std::string> way;
    EXPECT_EQ(circle_from(header, all, way, done), "");
  }
}

TEST(IncludeOrder, ACircleIsSeen) {
  std::vector<std::string> way;
  std::set<std::string> done;
  EXPECT_EQ(circle_from("a.h", {{"a.h", {"b.h", "c.h"}}, {"c.h", {"d.h"}}, {"d.h", {"c.h"}}}, way, done), "c.h -> d.h -> c.h");
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
