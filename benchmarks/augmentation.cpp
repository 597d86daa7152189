// Time on one core of reading a cutout and of the study's augmentation chain, beside augmentation_peer.py; run both by augmentation.sh.
#include <algorithm>

#include <fmt/format.h>
#include <time.h>

#include "lensfind/dataset/augment.h"
#include "lensfind/image/npy.h"

namespace {

double thread_seconds() {
  timespec now{};
  clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
  return static_cast<double>(now.tv_sec) + 1e-9 * static_cast<double>(now.tv_nsec);
}

/// Microseconds a call: the best of ten rounds of 500.
template <typename Work>
double microseconds(Work work) {
  constexpr int calls = 500;
  double best = 1e9;
  for (int round = 0; round < 10; ++round) {
    const double start = thread_seconds();
    for (int i = 0; i < calls; ++i) work(round * calls + i);
    best = std::min(best, thread_seconds() - start);
  }
  return best / calls * 1e6;
}

}  // namespace

int main(int argc, char** argv) {
  using namespace lensfind;
  if (argc != 3) {
    fmt::print(stderr, "usage: lensfind_augmentation_benchmark CUTOUT.npy RECIPE.toml\n");
    return 2;
  }
  std::vector<dataset::AugmentationStep> chain;
  const Value recipe = read_toml(argv[2]);
  for (const Value& step : recipe.at("augmentation").as_array()) read_fields(step, chain.emplace_back(), argv[2]);
  const dataset::Augmentation study{chain};
  const image::Image cutout = image::read_npy(argv[1]);
  const double augment = microseconds([&](int i) {
    image::Image copy = cutout;
    RandomStream random{0, Purpose::augmentation, static_cast<std::uint64_t>(i)};
    study.apply(copy.view(), random);
  });
  const double read = microseconds([&](int) { image::read_npy(argv[1]); });
  fmt::print("lensfind   augmentation {:7.1f} us   reading {:6.1f} us\n", augment, read);
}
