#include "lensfind/score/measure.h"

#include <atomic>
#include <cerrno>
#include <chrono>
#include <cstdlib>
#include <cstring>
#include <thread>
#include <vector>

#include <fmt/format.h>

#include "lensfind/base/atomic_file.h"
#include "lensfind/base/error.h"

namespace lensfind::score {
namespace {

namespace fs = std::filesystem;
using Clock = std::chrono::steady_clock;

/// A new folder for temporary files, gone with this object.
class TemporaryFolder {
 public:
  TemporaryFolder() : path_{(fs::temp_directory_path() / "lensfind-network-XXXXXX").string()} {
    if (!mkdtemp(path_.data())) {
      throw Error{fmt::format("{}: {}", path_, std::strerror(errno)), "set TMPDIR to a folder that can be written"};
    }
  }
  ~TemporaryFolder() {
    std::error_code error;
    fs::remove_all(path_, error);
  }
  TemporaryFolder(const TemporaryFolder&) = delete;
  TemporaryFolder& operator=(const TemporaryFolder&) = delete;

  [[nodiscard]] fs::path path() const { return path_; }

 private:
  std::string path_;
};

}  // namespace

double images_per_second(Engine& engine, double seconds) {
  const std::size_t batch = engine.batch();
  std::vector<float> pixels(batch * engine.shape().values());
  for (std::size_t i = 0; i < pixels.size(); ++i) pixels[i] = static_cast<float>(i % 251) / 251;
  engine.run(pixels, batch);  // the first call makes buffers

  std::atomic<std::size_t> computed{0};
  const auto begin = Clock::now();
  const auto elapsed = [&] { return std::chrono::duration<double>(Clock::now() - begin).count(); };
  std::vector<std::jthread> callers;
  for (int i = 0; i < engine.concurrency(); ++i) {
    callers.emplace_back([&] {
      do {
        engine.run(pixels, batch);
        computed += batch;
      } while (elapsed() < seconds);
    });
  }
  callers.clear();
  return static_cast<double>(computed) / elapsed();
}

double images_per_second(const std::string& onnx, Precision precision, int threads, double seconds) {
  const TemporaryFolder folder;
  const fs::path file = folder.path() / "network.onnx";
  write_file(file, onnx);
  return images_per_second(*open_engine(file, {.precision = precision, .threads = threads}), seconds);
}

}  // namespace lensfind::score
