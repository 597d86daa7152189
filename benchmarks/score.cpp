#include <algorithm>
#include <array>
#include <atomic>
#include <chrono>
#include <cmath>
#include <cstdlib>
#include <filesystem>
#include <thread>
#include <vector>

#include <fmt/format.h>
#include <unistd.h>

#include "lensfind/base/atomic_file.h"
#include "lensfind/base/random.h"
#include "lensfind/image/fits.h"
#include "lensfind/image/npy.h"
#include "lensfind/network/initialise.h"
#include "lensfind/network/networks.h"
#include "lensfind/network/onnx.h"
#include "lensfind/score/engine.h"
#include "lensfind/score/int8_ranges.h"
#include "lensfind/score/run.h"

/// Images per second of a network with its initial weights (speed does not depend on them): the engine alone on pixels in memory, and whole
/// runs (files in, table out) from a folder of .npy files, of FITS cubes and from a stack of the same cutouts, each between two
/// measurements of the engine, so that a busy machine slows both. Prints one JSON object: medians of all rounds, NAME_fraction of the
/// ratios of a run and the engine before and after it.
///     lensfind_score_benchmark FOLDER NETWORK PRECISION THREADS ROUNDS
/// FOLDER is filled with cutouts/*.npy, fits/*.fits, stack.npy, NETWORK.onnx and NETWORK.safetensors; s.csv there holds the last run's
/// scores.
namespace {

using namespace lensfind;
namespace fs = std::filesystem;

constexpr image::ImageShape shape{3, 64, 64};
constexpr std::int64_t cutout_count = 2048;
constexpr double seconds = 2;  // of a measurement, or one pass over the cutouts: its beginning and end are to count for little

double seconds_of(const auto& work) {
  const auto begin = std::chrono::steady_clock::now();
  work();
  return std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count();
}

double engine_rate(score::Engine& engine, const std::vector<float>& pixels, std::size_t passes = 1) {
  const std::size_t values = engine.shape().values();
  const std::size_t held = pixels.size() / values;
  const std::size_t count = passes * held;
  std::atomic<std::size_t> next{0};
  const auto work = [&] {
    for (std::size_t first = next.fetch_add(engine.batch()); first < count; first = next.fetch_add(engine.batch())) {
      const std::size_t now = std::min(engine.batch(), held - first % held);
      engine.run(std::span{pixels}.subspan(first % held * values, now * values), now);
    }
  };
  return static_cast<double>(count) / seconds_of([&] {
           std::vector<std::jthread> callers;
           for (int i = 0; i < engine.concurrency(); ++i) callers.emplace_back(work);
         });
}

double median(std::vector<double> values) {
  std::ranges::sort(values);
  return values[values.size() / 2];
}

/// What is run from, in images per second and as a fraction of the engine alone.
struct Kind {
  const char* name;
  const char* input;
  std::vector<double> rates = {}, fractions = {};
};

/// The same cutouts as files and as a stack; returns their pixels.
std::vector<float> write_cutouts(const fs::path& folder) {
  for (const char* kind : {"cutouts", "fits"}) fs::create_directories(folder / kind);
  std::vector<float> pixels(static_cast<std::size_t>(cutout_count) * shape.values());
  RandomStream random{0, Purpose::test};
  for (float& pixel : pixels) pixel = static_cast<float>(random.uniform());
  for (std::int64_t i = 0; i < cutout_count; ++i) {
    const image::ImageView cutout{shape, pixels.data() + static_cast<std::size_t>(i) * shape.values()};
    image::write_npy(folder / "cutouts" / fmt::format("{}.npy", i), cutout);
    image::write_fits(folder / "fits" / fmt::format("{}.fits", i), cutout);
  }
  const std::int64_t sizes[] = {cutout_count, shape.bands, shape.height, shape.width};
  AtomicFile stack{folder / "stack.npy"};
  stack.write(image::npy_header_text(sizes));
  stack.write(std::as_bytes(std::span{pixels}));
  stack.commit();
  ::sync();  // or the disk is busy with them while they are read
  return pixels;
}

fs::path write_network(const fs::path& folder, const std::string& name) {
  const network::Graph graph = network::build_network(name, shape.bands, shape.width, 2);
  const network::Weights weights = network::initialise(graph, 0);
  network::write_safetensors(folder / (name + ".safetensors"), weights);
  write_file(folder / (name + ".onnx"), network::to_onnx(graph, weights, {}));
  return folder / (name + ".onnx");
}

}  // namespace

int main(int count, char** words) {
  if (count != 6) {
    fmt::print(stderr, "lensfind_score_benchmark FOLDER NETWORK PRECISION THREADS ROUNDS\n");
    return 2;
  }
  const fs::path folder = words[1];
  const std::vector<float> pixels = write_cutouts(folder);
  const fs::path model = write_network(folder, words[2]);
  const score::Precision precision = value_named<score::Precision>(words[3]);
  const int threads = std::atoi(words[4]);
  score::EngineOptions options{.precision = precision, .threads = threads};
  if (precision == score::Precision::int8)
    options.int8_ranges =
        score::measure_int8_ranges(network::read_onnx(model), model, {}, std::span{pixels}.first(128 * shape.values()), 128);
  const auto engine = score::open_engine(model, options);
  const score::Scorer scorer{.onnx = model};
  const double first_rate = engine_rate(*engine, pixels);  // whose first requests are slower
  const auto passes = std::max(std::size_t{1}, static_cast<std::size_t>(std::lround(seconds * first_rate / cutout_count)));
  const auto run_rate = [&](const char* input) {
    score::RunOptions run;
    run.out = folder / "s.csv";
    run.inputs = std::vector<fs::path>(passes, folder / input);
    run.precision = precision;
    run.overwrite = true;
    return score::run_score(*engine, scorer, run).images_per_second;
  };
  std::array kinds{Kind{"files", "cutouts"}, Kind{"fits", "fits"}, Kind{"stack", "stack.npy"}};
  std::vector<double> alone{engine_rate(*engine, pixels, passes)};
  for (int round = 0; round < std::atoi(words[5]); ++round) {
    for (Kind& kind : kinds) {
      const double before = alone.back();
      kind.rates.push_back(run_rate(kind.input));
      alone.push_back(engine_rate(*engine, pixels, passes));
      kind.fractions.push_back(kind.rates.back() * (1 / before + 1 / alone.back()) / 2);
    }
  }
  fmt::print("{{\"network\": \"{}\", \"precision\": \"{}\", \"engine\": {:.1f}", words[2], words[3], median(alone));
  for (const Kind& kind : kinds)
    fmt::print(", \"{0}\": {1:.1f}, \"{0}_fraction\": {2:.3f}", kind.name, median(kind.rates), median(kind.fractions));
  fmt::print("}}\n");
  return 0;
}
