#pragma once

#include <filesystem>
#include <string>
#include <vector>

namespace lensfind::dataset {

/// An input that could not be used, and why.
struct Rejected {
  std::string input;
  std::string reason;
};

/// Writes `input,reason`, a line each; no file where nothing was rejected.
void write_rejected(const std::filesystem::path& path, const std::vector<Rejected>& rejected);

}  // namespace lensfind::dataset
