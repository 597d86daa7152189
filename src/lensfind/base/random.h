#pragma once

#include <array>
#include <cstdint>
#include <limits>

#include "lensfind/base/namespace.h"

namespace lensfind::base {

/// Philox4x32-10 (Salmon et al. 2011, "Parallel random numbers: as easy as 1, 2, 3"): four random words from a counter and a key.
std::array<std::uint32_t, 4> philox4x32(std::array<std::uint32_t, 4> counter, std::array<std::uint32_t, 2> key);

/// What a stream of random numbers is for. Streams of different purposes never share numbers. An enumerator's number, once used, keeps its
/// meaning.
enum class Purpose : std::uint32_t {
  split = 1,
  initial_weights = 2,
  order = 3,  ///< of training samples in an epoch
  augmentation = 4,
  dropout = 5,
  bootstrap = 6,
  scene = 7,  ///< populations of the simulator
  noise = 8,
  neighbours = 9,
  processing = 10,  ///< rotation, broken bands
  calibration = 11,
  copies = 12,  ///< offline augmented copies
  demo = 13,
  mixing = 14,          ///< of images and labels in a batch
  randomised = 15,      ///< what differs from cutout to cutout of a training that simulates its own
  second_view = 16,     ///< of a scene that is seen again
  hidden_blocks = 17,   ///< of pretraining on masked cutouts
  hidden_quality = 18,  ///< which cutouts' image quality a training takes for not known
  test = 1000,
};

/// A stream of random numbers that depends on (seed, purpose, item) alone. It is the same on any machine, for any number of threads, in any
/// order of items. Satisfies UniformRandomBitGenerator. A stream holds 2^34 words. `item` may be any 64-bit number.
class RandomStream {
 public:
  using result_type = std::uint32_t;

  RandomStream(std::uint64_t seed, Purpose purpose, std::uint64_t item = 0);

  static constexpr result_type min() { return 0; }
  static constexpr result_type max() { return std::numeric_limits<result_type>::max(); }
  result_type operator()();

  double uniform();                         ///< in [0, 1), 53 bits
  double uniform(double low, double high);  ///< in [low, high)
  double normal();                          ///< mean 0, standard deviation 1 (Box & Muller 1958)
  double normal(double mean, double std_dev);
  double exponential();                      ///< mean 1
  std::uint64_t below(std::uint64_t count);  ///< 0 .. count - 1, without bias (Lemire 2019); count > 0
  bool chance(double probability);
  /// Poisson numbers, exact for any mean >= 0 (inversion below 10, PTRS above: Hoermann 1993).
  std::int64_t poisson(double mean);

 private:
  void refill();

  std::array<std::uint32_t, 2> key_;
  std::array<std::uint32_t, 4> counter_;
  std::array<std::uint32_t, 4> words_{};
  int used_ = 4;
  double spare_normal_ = 0;
  bool has_spare_ = false;
};

/// Shuffles a random-access range (Fisher & Yates) with a stream's numbers. The result is the same on every machine, unlike std::shuffle's.
void shuffle(auto& range, RandomStream& random) {
  for (std::size_t left = range.size(); left > 1; --left) {
    using std::swap;
    swap(range[left - 1], range[random.below(left)]);
  }
}

}  // namespace lensfind::base
