#include "lensfind/base/random.h"

#include <cmath>
#include <numbers>

namespace lensfind::base {

std::array<std::uint32_t, 4> philox4x32(std::array<std::uint32_t, 4> counter, std::array<std::uint32_t, 2> key) {
  for (int round = 0; round < 10; ++round) {
    const std::uint64_t a = std::uint64_t{0xD2511F53} * counter[0];
    const std::uint64_t b = std::uint64_t{0xCD9E8D57} * counter[2];
    counter = {static_cast<std::uint32_t>(b >> 32) ^ counter[1] ^ key[0], static_cast<std::uint32_t>(b),
               static_cast<std::uint32_t>(a >> 32) ^ counter[3] ^ key[1], static_cast<std::uint32_t>(a)};
    key[0] += 0x9E3779B9;
    key[1] += 0xBB67AE85;
  }
  return counter;
}

RandomStream::RandomStream(std::uint64_t seed, Purpose purpose, std::uint64_t item)
    : key_{static_cast<std::uint32_t>(seed), static_cast<std::uint32_t>(seed >> 32)},
      counter_{0, static_cast<std::uint32_t>(purpose), static_cast<std::uint32_t>(item), static_cast<std::uint32_t>(item >> 32)} {}

void RandomStream::refill() {
  words_ = philox4x32(counter_, key_);
  ++counter_[0];
  used_ = 0;
}

RandomStream::result_type RandomStream::operator()() {
  if (used_ == 4) refill();
  return words_[static_cast<std::size_t>(used_++)];
}

double RandomStream::uniform() {
  const std::uint64_t high = (*this)();
  const std::uint64_t low = (*this)();
  return static_cast<double>(((high << 32) | low) >> 11) * 0x1p-53;
}

double RandomStream::uniform(double low, double high) { return low + (high - low) * uniform(); }

double RandomStream::normal() {
  if (has_spare_) {
    has_spare_ = false;
    return spare_normal_;
  }
  const double radius = std::sqrt(-2 * std::log1p(-uniform()));
  const double angle = 2 * std::numbers::pi * uniform();
  spare_normal_ = radius * std::sin(angle);
  has_spare_ = true;
  return radius * std::cos(angle);
}

double RandomStream::normal(double mean, double std_dev) { return mean + std_dev * normal(); }

double RandomStream::exponential() { return -std::log1p(-uniform()); }

std::uint64_t RandomStream::below(std::uint64_t count) {
  const auto word = [this] { return (std::uint64_t{(*this)()} << 32) | (*this)(); };
  unsigned __int128 product = static_cast<unsigned __int128>(word()) * count;
  if (static_cast<std::uint64_t>(product) < count) {
    const std::uint64_t biased = (0 - count) % count;
    while (static_cast<std::uint64_t>(product) < biased) product = static_cast<unsigned __int128>(word()) * count;
  }
  return static_cast<std::uint64_t>(product >> 64);
}

bool RandomStream::chance(double probability) { return uniform() < probability; }

std::int64_t RandomStream::poisson(double mean) {
  if (mean <= 0) return 0;
  if (mean < 10) {
    double product = uniform();
    const double limit = std::exp(-mean);
    std::int64_t count = 0;
    for (; product > limit; ++count) product *= uniform();
    return count;
  }
  const double slope = 0.931 + 2.53 * std::sqrt(mean);
  const double offset = -0.059 + 0.02483 * slope;
  const double inverse_alpha = 1.1239 + 1.1328 / (slope - 3.4);
  const double squeeze = 0.9277 - 3.6224 / (slope - 2);
  for (;;) {
    const double u = uniform() - 0.5;
    const double v = uniform();
    const double us = 0.5 - std::abs(u);
    const double k = std::floor((2 * offset / us + slope) * u + mean + 0.43);
    if (us >= 0.07 && v <= squeeze) return static_cast<std::int64_t>(k);
    if (k < 0 || (us < 0.013 && v > us)) continue;
    if (std::log(v) + std::log(inverse_alpha) - std::log(offset / (us * us) + slope) <= -mean + k * std::log(mean) - std::lgamma(k + 1)) {
      return static_cast<std::int64_t>(k);
    }
  }
}

}  // namespace lensfind::base
