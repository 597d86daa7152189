#include "lensfind/score/measure.h"

#include <atomic>
#include <chrono>
#include <thread>
#include <vector>

#include <fmt/format.h>

#include "lensfind/base/atomic_file.h"
#include "lensfind/base/temporary_folder.h"

namespace lensfind::score {
namespace {

using Clock = std::chrono::steady_clock;

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
  const std::filesystem::path file = folder / "network.onnx";
  write_file(file, onnx);
  return images_per_second(*open_engine(file, {.precision = precision, .threads = threads}), seconds);
}

}  // namespace lensfind::score
