#include <algorithm>
#include <filesystem>
#include <fstream>
#include <regex>
#include <sstream>
#include <string>
#include <vector>

#include <gmock/gmock.h>

/// A room's names live in the namespace of the room (src/lensfind/README.md).
namespace {

namespace fs = std::filesystem;

/// The namespace of a room. That of testing/ is no `testing`, which would hide GoogleTest's.
std::string namespace_of(const std::string& room) { return "lensfind::" + (room == "testing" ? "test" : room); }

/// Whether the namespace that begins at `line` declares classes and no more, as `namespace at { class Tensor; }`.
bool only_forward_declarations(const std::vector<std::string>& lines, std::size_t line) {
  static const std::regex form{R"(^((class|struct) \w+;.*)?$)"};
  for (++line; line < lines.size() && !lines[line].starts_with('}'); ++line)
    if (!std::regex_match(lines[line], form)) return false;
  return true;
}

/// The namespaces that a header of `room` opens and should not. Inside the room's own it may open others, with details.
std::vector<std::string> foreign_namespaces(std::istream&& header, const std::string& room) {
  static const std::regex opening{R"(^(inline )?namespace ([\w:]+) \{$)"};
  std::vector<std::string> lines, foreign;
  for (std::string line; std::getline(header, line);) lines.push_back(line);
  bool own_is_open = false;
  for (std::size_t i = 0; i < lines.size(); ++i) {
    std::smatch match;
    if (!std::regex_match(lines[i], match, opening)) continue;
    const std::string name = match[2];
    const bool is_own = name == namespace_of(room) || name.starts_with(namespace_of(room) + "::");
    own_is_open = own_is_open || is_own;
    const bool is_inner = own_is_open && name != "lensfind" && !name.starts_with("lensfind::");
    if (!is_own && !is_inner && !only_forward_declarations(lines, i)) foreign.push_back(name);
  }
  return foreign;
}

TEST(RoomNamespaces, AHeaderDeclaresInTheNamespaceOfItsRoom) {
  const fs::path root = fs::path{LENSFIND_SOURCE_DIR} / "src" / "lensfind";
  int seen = 0;
  for (const auto& entry : fs::recursive_directory_iterator{root}) {
    const std::string file = fs::relative(entry.path(), root).string();
    // The one header that makes a room's names known to all.
    if (entry.path().extension() != ".h" || file == "base/namespace.h") continue;
    ++seen;
    EXPECT_THAT(foreign_namespaces(std::ifstream{entry.path()}, file.substr(0, file.find('/'))), ::testing::IsEmpty()) << file;
  }
  EXPECT_GT(seen, 300);
}

TEST(RoomNamespaces, OnlyBaseIsKnownEverywhere) {
  for (const auto& entry : fs::recursive_directory_iterator{fs::path{LENSFIND_SOURCE_DIR} / "src" / "lensfind"}) {
    if (entry.path().extension() != ".h" || entry.path().filename() == "namespace.h") continue;
    std::ifstream file{entry.path()};
    for (std::string line; std::getline(file, line);) EXPECT_FALSE(line.starts_with("using namespace ")) << entry.path();
  }
}

TEST(RoomNamespaces, AnotherRoomsNamespaceIsSeen) {
  using ::testing::ElementsAre;
  using ::testing::IsEmpty;
  EXPECT_THAT(foreign_namespaces(std::istringstream{"namespace lensfind {\nint f();\n}\n"}, "sky"), ElementsAre("lensfind"));
  EXPECT_THAT(foreign_namespaces(std::istringstream{"namespace lensfind::image {\nint f();\n}\n"}, "sky"), ElementsAre("lensfind::image"));
  EXPECT_THAT(foreign_namespaces(std::istringstream{"namespace other {\nint f();\n}\n"}, "sky"), ElementsAre("other"));
  EXPECT_THAT(foreign_namespaces(std::istringstream{"namespace lensfind::sky::detail {\nint f();\n}\n"}, "sky"), IsEmpty());
  EXPECT_THAT(foreign_namespaces(std::istringstream{"namespace lensfind::sky {\nnamespace detail {\nint f();\n}\n"}, "sky"), IsEmpty());
  EXPECT_THAT(foreign_namespaces(std::istringstream{"namespace lensfind::base {\nclass File;\n}\n"}, "sky"), IsEmpty());
}

}  // namespace
