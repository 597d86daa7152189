#pragma once

#include <cstdlib>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

namespace lensfind::test {

/// A file of what lies beside the checkout (or in $LENSFIND_SHARED), reference numbers and real data: more than tests/reference holds. A
/// test has numbers of its own without it.
inline std::optional<std::filesystem::path> shared_file(const std::string& name) {
  const char* elsewhere = std::getenv("LENSFIND_SHARED");
  const std::filesystem::path path =
      (elsewhere ? std::filesystem::path{elsewhere} : std::filesystem::path{LENSFIND_SOURCE_DIR} / ".." / "shared") / name;
  return std::filesystem::exists(path) ? std::optional{path} : std::nullopt;
}

/// A file or folder of the project's own references, which tests/reference/README.md lists.
inline std::filesystem::path reference_file(const std::string& name) {
  return std::filesystem::path{LENSFIND_SOURCE_DIR} / "tests" / "reference" / name;
}

/// The project's own file of reference numbers, and the one of the same form beside the checkout where there is one.
inline std::vector<std::filesystem::path> reference_files(const std::string& name) {
  std::vector<std::filesystem::path> out{reference_file(name)};
  if (const auto shared = shared_file("reference/" + name)) out.push_back(*shared);
  return out;
}

}  // namespace lensfind::test
