// Highway compiles this file once for each instruction set and picks one at run time.
#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "lensfind/simulate/noise_kernels.cpp"
#include <hwy/foreach_target.h>
// The order matters: foreach_target.h comes first.
#include <array>

#include <hwy/highway.h>

#include "lensfind/render/point_kernels.h"
#include "lensfind/render/vector_math-inl.h"
#include "lensfind/simulate/noise_kernels.h"

HWY_BEFORE_NAMESPACE();
namespace lensfind::simulate::HWY_NAMESPACE {
namespace hn = hwy::HWY_NAMESPACE;
using namespace render::HWY_NAMESPACE;

using Words = hn::CappedTag<std::uint32_t, render::kernel_block>;
using Word = hn::Vec<Words>;
using Floats = hn::RebindToFloat<Words>;

/// 32 x 32-bit products.
struct Product {
  Word high, low;
};

/// By a factor that all lanes share. Even and odd lanes' products are taken apart by shuffles, which leave the multiplier's port free.
HWY_INLINE Product product(Word a, Word factor) {
  const Words d;
  const Word even = hn::BitCast(d, hn::MulEven(a, factor)), odd = hn::BitCast(d, hn::MulEven(hn::DupOdd(a), factor));
  return {hn::OddEven(odd, hn::DupOdd(even)), hn::OddEven(hn::DupEven(odd), even)};
}

struct Counters {
  Word c0, c1, c2, c3;
};

HWY_INLINE Counters philox(Counters c, std::uint32_t key0, std::uint32_t key1) {
  const Words d;
  const Word m0 = hn::Set(d, 0xD2511F53u), m1 = hn::Set(d, 0xCD9E8D57u);
  for (int round = 0; round < 10; ++round) {
    const Product first = product(c.c0, m0), second = product(c.c2, m1);
    c = {hn::Xor(hn::Xor(second.high, c.c1), hn::Set(d, key0)), second.low, hn::Xor(hn::Xor(first.high, c.c3), hn::Set(d, key1)),
         first.low};
    key0 += 0x9E3779B9u;
    key1 += 0xBB67AE85u;
  }
  return c;
}

/// Two normal numbers from two words a lane.
HWY_INLINE void box_muller(Word a, Word b, float* first, float* second) {
  const Floats d;
  const hn::RebindToSigned<Words> di;
  const auto uniform = hn::Mul(hn::Add(hn::ConvertTo(d, hn::BitCast(di, hn::ShiftRight<8>(a))), hn::Set(d, 0.5f)), hn::Set(d, 0x1p-24f));
  const auto radius = hn::Sqrt(hn::Mul(hn::Set(d, -1.3862943611f), log2(d, uniform)));
  const auto turn = hn::Mul(hn::ConvertTo(d, hn::BitCast(di, b)), hn::Set(d, 0x1p-32f));
  hn::StoreU(hn::Mul(radius, cos_turns(d, turn)), d, first);
  hn::StoreU(hn::Mul(radius, sin_turns(d, turn)), d, second);
}

void FillNormals(std::array<std::uint32_t, 2> key, std::array<std::uint32_t, 4> counter, float* out, std::size_t count) {
  const Words d;
  for (std::size_t block = 0; block < count; block += 4 * render::kernel_block) {
    for (std::size_t lane = 0; lane < render::kernel_block; lane += hn::Lanes(d)) {
      const auto first = counter[0] + static_cast<std::uint32_t>(block / 4 + lane);
      const Counters words =
          philox({hn::Iota(d, first), hn::Set(d, counter[1]), hn::Set(d, counter[2]), hn::Set(d, counter[3])}, key[0], key[1]);
      float* to = out + block + lane;
      box_muller(words.c0, words.c1, to, to + render::kernel_block);
      box_muller(words.c2, words.c3, to + 2 * render::kernel_block, to + 3 * render::kernel_block);
    }
  }
}

void ScaleToPhotonNoise(const float* flux, std::size_t count, float variance, float inverse_gain, float* normals) {
  const Floats d;
  for (std::size_t i = 0; i < count; i += hn::Lanes(d)) {
    const auto photons = hn::Max(hn::LoadU(d, flux + i), hn::Zero(d));
    const auto std_dev = hn::Sqrt(hn::MulAdd(photons, hn::Set(d, inverse_gain), hn::Set(d, variance)));
    hn::StoreU(hn::Mul(std_dev, hn::LoadU(d, normals + i)), d, normals + i);
  }
}

}  // namespace lensfind::simulate::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace lensfind::simulate {

HWY_EXPORT(FillNormals);
HWY_EXPORT(ScaleToPhotonNoise);

void fill_normals(std::uint64_t seed, Purpose purpose, std::uint64_t item, std::uint32_t first_counter, std::span<float> out) {
  const std::array<std::uint32_t, 2> key{static_cast<std::uint32_t>(seed), static_cast<std::uint32_t>(seed >> 32)};
  const std::array<std::uint32_t, 4> counter{first_counter, static_cast<std::uint32_t>(purpose), static_cast<std::uint32_t>(item),
                                             static_cast<std::uint32_t>(item >> 32)};
  HWY_DYNAMIC_DISPATCH(FillNormals)(key, counter, out.data(), out.size());
}

void scale_to_photon_noise(std::span<const float> flux, float background_rms, float gain, std::span<float> normals) {
  HWY_DYNAMIC_DISPATCH(ScaleToPhotonNoise)(flux.data(), flux.size(), background_rms * background_rms, 1 / gain, normals.data());
}

}  // namespace lensfind::simulate
#endif
