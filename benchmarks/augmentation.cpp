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
  if (argc != 2) {
    fmt::print(stderr, "usage: lensfind_augmentation_benchmark CUTOUT.npy\n");
    return 2;
  }
  const Augmentation study{{
      {.name = "one_of", .one_of = {{.name = "horizontal_flip"}, {.name = "vertical_flip"}, {.name = "transpose"}}},
      {.name = "one_of", .one_of = {{.name = "quarter_turn"}, {.name = "turn"}, {.name = "shift_scale_turn"}}},
      {.name = "blur", .probability = .3},
      {.name = "one_of",
       .probability = .5,
       .one_of = {{.name = "brightness_contrast"}, {.name = "gamma"}, {.name = "hue_saturation_value"}}},
  }};
  const Image cutout = read_npy(argv[1]);
  const double augment = microseconds([&](int i) {
    Image copy = cutout;
    RandomStream random{0, Purpose::augmentation, static_cast<std::uint64_t>(i)};
    study.apply(copy.view(), random);
  });
  const double read = microseconds([&](int) { read_npy(argv[1]); });
  fmt::print("lensfind   augmentation {:7.1f} us   reading {:6.1f} us\n", augment, read);
}
