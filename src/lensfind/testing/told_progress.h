#pragma once

#include <string>
#include <vector>

#include "lensfind/base/progress.h"

namespace lensfind::test {

/// Keeps the lines and warnings that it is told.
class ToldProgress final : public Progress {
 public:
  void start(const std::string&, std::int64_t, const std::string&) override {}
  void advance(std::int64_t) override {}
  void line(const std::string& text) override { lines.push_back(text); }
  void warn(const std::string& text) override { warnings.push_back(text); }
  void finish() override {}

  std::vector<std::string> lines, warnings;
};

}  // namespace lensfind::test
