#include "lensfind/score/measure.h"

#include <atomic>
#include <chrono>
#include <thread>
#include <vector>

#include <fmt/format.h>

#include "lensfind/base/atomic_file.h"
#include "lensfind/base/temporary_folder.h"
#include "lensfind/score/int8_ranges.h"

namespace lensfind::score {
namespace {

using Clock = std::chrono::steady_clock;

std::vector<float> plain_pixels(std::size_t count) {
  std::vector<float> pixels(count);
  for (std::size_t i = 0; i < count; ++i) pixels[i] = static_cast<float>(i % 251) / 251;
  return pixels;
}

}  // namespace

double images_per_second(Engine& engine, double seconds) {
  const std::size_t batch = engine.batch();
  const std::vector<float> pixels = plain_pixels(batch * engine.shape().values());
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
  EngineOptions options{.precision = precision, .threads = threads};
  if (precision == Precision::int8) {
    const network::OnnxNetwork network = network::read_onnx(file);
    const std::vector<float> pixels = plain_pixels(static_cast<std::size_t>(network.shape.bands * network.shape.size * network.shape.size));
    options.int8_ranges = measure_int8_ranges(network, file, {}, pixels, 1);  // speed does not depend on them
  }
  return images_per_second(*open_engine(file, options), seconds);
}

}  // namespace lensfind::score
