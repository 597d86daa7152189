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

/// Cutouts of a set of each class.
struct NoiseCounts {
  int train_lenses = 0, train_nonlenses = 0, test_lenses = 0, test_nonlenses = 0;
};
/// FOLDER/train_lenses/1.npy ... and so on: cutouts of noise, (3, 32, 32) from 0 to 1, lenses with a square that is brighter by 0.3. For
/// tests that need a set and no survey's look: it is there at once.
void write_noise_set(const fs::path& folder, const NoiseCounts& counts);

/// FOLDER/model by `import`: the smallest network with first weights, three bands of 32 x 32 pixels.
Result import_student(const fs::path& folder);

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
