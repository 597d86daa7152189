#pragma once

#include <filesystem>
#include <functional>
#include <string>
#include <vector>

#include <gmock/gmock.h>

/// Runs the built program as a user does and looks at what it says and leaves.
namespace program {

namespace fs = std::filesystem;

struct Result {
  int status = 0;  ///< exit status; 128 + signal where a signal ended it
  std::string out, err;
};

Result run(const std::vector<std::string>& arguments);
/// Runs a line of /bin/sh in which $LENSFIND is the program: for redirections and limits.
Result run_shell(const std::string& line);
/// Starts the program and kills it (SIGKILL) as soon as `when` holds, unless it ended before; looked at every few milliseconds.
Result run_and_kill(const std::vector<std::string>& arguments, const std::function<bool()>& when);

std::string text_of(const fs::path& path);
std::vector<std::string> lines_of(const fs::path& path);
/// Names below a folder that look like half-written files (`.tmp-`).
std::vector<std::string> temporaries_in(const fs::path& folder);

/// Where the shared material lies, or empty.
fs::path shared_folder();

/// A folder of its own for each test, removed afterwards.
class Program : public ::testing::Test {
 protected:
  void SetUp() override;
  void TearDown() override;
  [[nodiscard]] std::string at(const std::string& name) const { return (folder_ / name).string(); }

  fs::path folder_;
};

}  // namespace program
