// Highway compiles this file once for each instruction set and picks one at run time.
#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "lensfind/simulate/pattern_kernels.cpp"
#include <hwy/foreach_target.h>
// The order matters: foreach_target.h comes first.
#include <numbers>

#include <hwy/highway.h>

#include "lensfind/render/point_kernels.h"
#include "lensfind/render/vector_math-inl.h"
#include "lensfind/simulate/pattern_kernels.h"

HWY_BEFORE_NAMESPACE();
namespace lensfind::simulate::HWY_NAMESPACE {
namespace hn = hwy::HWY_NAMESPACE;
using namespace render::HWY_NAMESPACE;

using Floats = hn::CappedTag<float, render::kernel_block>;
using Vector = hn::Vec<Floats>;

/// cos(number x angle - 2 pi turns), of an angle by its cosine and sine: a power of a complex number.
HWY_INLINE Vector cosine_off(int number, Vector cosine, Vector sine, Vector turns) {
  const Floats d;
  Vector real = cosine, imaginary = sine;
  for (int k = 1; k < number; ++k) {
    const Vector next = hn::NegMulAdd(imaginary, sine, hn::Mul(real, cosine));
    imaginary = hn::MulAdd(real, sine, hn::Mul(imaginary, cosine));
    real = next;
  }
  turns = hn::Sub(turns, hn::Round(turns));
  return hn::MulAdd(real, cos_turns(d, turns), hn::Mul(imaginary, sin_turns(d, turns)));
}

void ArmsBrightness(const PreparedArms& arms, float x0, float step, float y, float* out, std::size_t count) {
  const Floats d;
  constexpr float log2e = std::numbers::log2e_v<float>;
  const auto set = [d](float value) { return hn::Set(d, value); };
  const Vector up_u = set(y * arms.sine), up_v = set(y * arms.cosine), one = set(1);
  for (std::size_t k = 0; k < count; k += hn::Lanes(d)) {
    const Vector x = hn::MulAdd(hn::Iota(d, static_cast<float>(k)), set(step), set(x0));
    const Vector u = hn::MulAdd(x, set(arms.cosine), up_u),
                 v = hn::Mul(set(arms.inverse_axis_ratio), hn::NegMulAdd(x, set(arms.sine), up_v));
    const Vector square = hn::Max(hn::MulAdd(u, u, hn::Mul(v, v)), set(1e-20f)), inverse = reciprocal_sqrt(d, square);
    const Vector cosine = hn::Mul(u, inverse), radius = hn::Max(hn::Mul(square, inverse), set(arms.least_radius)),
                 scaled = hn::Mul(radius, set(arms.inverse_scale));
    const Vector turns = hn::MulAdd(set(arms.turns_an_octave), log2(d, scaled), set(arms.start_turns));
    const Vector off = hn::Sub(cosine_off(arms.number, cosine, hn::Mul(v, inverse), turns), one);
    const Vector inside = hn::MulSub(radius, set(arms.inverse_inner), one),
                 begins = reciprocal(d, hn::Add(one, exp2(d, hn::Mul(set(-8 * log2e), inside))));
    const Vector falls = hn::MulSub(off, set(arms.inverse_square_width), scaled);
    const Vector bright = hn::Mul(begins, exp2(d, hn::Mul(set(log2e), falls)));
    hn::StoreU(hn::Mul(bright, hn::MulAdd(set(arms.lopsided), cosine, one)), d, out + k);
  }
}

}  // namespace lensfind::simulate::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace lensfind::simulate {

HWY_EXPORT(ArmsBrightness);

void arms_brightness(const PreparedArms& arms, float x0, float step, float y, std::span<float> out) {
  HWY_DYNAMIC_DISPATCH(ArmsBrightness)(arms, x0, step, y, out.data(), out.size());
}

}  // namespace lensfind::simulate
#endif
