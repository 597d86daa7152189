#pragma once

#include <cstdlib>
#include <filesystem>
#include <optional>
#include <string>

namespace lensfind::test {

/// A file of the reference numbers and real data beside the checkout (or in $LENSFIND_SHARED): tests that need one are skipped without it.
inline std::optional<std::filesystem::path> shared_file(const std::string& name) {
  const char* elsewhere = std::getenv("LENSFIND_SHARED");
  const std::filesystem::path path =
      (elsewhere ? std::filesystem::path{elsewhere} : std::filesystem::path{LENSFIND_SOURCE_DIR} / ".." / "shared") / name;
  return std::filesystem::exists(path) ? std::optional{path} : std::nullopt;
}

}  // namespace lensfind::test
