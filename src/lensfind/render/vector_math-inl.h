// Included once for each instruction set, as Highway's -inl headers are: no #pragma once, but Highway's own guard.
#if defined(LENSFIND_SIMULATE_VECTOR_MATH_INL_H_) == defined(HWY_TARGET_TOGGLE)
#ifdef LENSFIND_SIMULATE_VECTOR_MATH_INL_H_
#undef LENSFIND_SIMULATE_VECTOR_MATH_INL_H_
#else
#define LENSFIND_SIMULATE_VECTOR_MATH_INL_H_
#endif

#include <hwy/highway.h>

HWY_BEFORE_NAMESPACE();
namespace lensfind::render::HWY_NAMESPACE {
namespace hn = hwy::HWY_NAMESPACE;

/// 1 / x for normal x > 0, to 2e-7 of itself. Dividers are slow. x86's estimates are good to 12 bits or more, and one step of Newton's
/// method doubles that.
template <class D, class V = hn::Vec<D>>
HWY_INLINE V reciprocal(D d, V x) {
#if HWY_ARCH_X86
  const V guess = hn::ApproximateReciprocal(x);
  return hn::Mul(guess, hn::NegMulAdd(x, guess, hn::Set(d, 2.0f)));
#else
  return hn::Div(hn::Set(d, 1.0f), x);
#endif
}

/// 1 / sqrt x likewise.
template <class D, class V = hn::Vec<D>>
HWY_INLINE V reciprocal_sqrt(D d, V x) {
#if HWY_ARCH_X86
  const V guess = hn::ApproximateReciprocalSqrt(x), half_x = hn::Mul(hn::Set(d, 0.5f), x);
  return hn::Mul(guess, hn::NegMulAdd(hn::Mul(half_x, guess), guess, hn::Set(d, 1.5f)));
#else
  return hn::Div(hn::Set(d, 1.0f), hn::Sqrt(x));
#endif
}

/// 2^x for |x| < 126 (clamped below), to 2e-7 of itself: the nearest integer goes to the exponent, the rest through a Taylor polynomial.
template <class D, class V = hn::Vec<D>>
HWY_INLINE V exp2(D d, V x) {
  const hn::RebindToSigned<D> di;
  x = hn::Max(x, hn::Set(d, -126.0f));
  const V whole = hn::Round(x);
  const V f = hn::Sub(x, whole);
  V p = hn::Set(d, 1.540353e-4f);
  for (const float c : {1.3333558e-3f, 9.6181291e-3f, 5.5504109e-2f, 2.4022651e-1f, 6.9314718e-1f, 1.0f})
    p = hn::MulAdd(p, f, hn::Set(d, c));
  const auto exponent = hn::ShiftLeft<23>(hn::Add(hn::ConvertTo(di, whole), hn::Set(di, 127)));
  return hn::Mul(p, hn::BitCast(d, exponent));
}

/// log2 x for normal x > 0, to 1e-7: mantissa m within sqrt 2 of 1, log2 m = 2 / ln 2 artanh((m - 1) / (m + 1)).
template <class D, class V = hn::Vec<D>>
HWY_INLINE V log2(D d, V x) {
  const hn::RebindToSigned<D> di;
  const auto bits = hn::BitCast(di, x);
  const auto from_root_half = hn::Sub(bits, hn::Set(di, 0x3f3504f3));
  const auto exponent = hn::ShiftRight<23>(from_root_half);
  const V m = hn::BitCast(d, hn::Sub(bits, hn::ShiftLeft<23>(exponent)));
  const V one = hn::Set(d, 1.0f);
  const V s = hn::Mul(hn::Sub(m, one), reciprocal(d, hn::Add(m, one)));
  const V s2 = hn::Mul(s, s);
  V p = hn::Set(d, 3.2059890e-1f);
  for (const float c : {4.1219858e-1f, 5.7707802e-1f, 9.6179669e-1f, 2.8853901f}) p = hn::MulAdd(p, s2, hn::Set(d, c));
  return hn::MulAdd(p, s, hn::ConvertTo(d, exponent));
}

/// sin(2 pi x) for |x| <= 1/4, its Taylor polynomial to 4e-7.
template <class D, class V = hn::Vec<D>>
HWY_INLINE V sin_quarter_turns(D d, V x) {
  const V square = hn::Mul(x, x);
  V p = hn::Set(d, -15.094643f);
  for (const float c : {42.058694f, -76.705860f, 81.605249f, -41.341702f, 6.2831853f}) p = hn::MulAdd(p, square, hn::Set(d, c));
  return hn::Mul(p, x);
}

/// cos(2 pi x) for |x| <= 1/2, likewise.
template <class D, class V = hn::Vec<D>>
HWY_INLINE V cos_turns(D d, V x) {
  return hn::Neg(sin_quarter_turns(d, hn::Sub(hn::Abs(x), hn::Set(d, 0.25f))));
}

/// sin(2 pi x) for |x| <= 1/2, likewise.
template <class D, class V = hn::Vec<D>>
HWY_INLINE V sin_turns(D d, V x) {
  const V size = hn::Abs(x);
  return hn::CopySign(sin_quarter_turns(d, hn::Min(size, hn::Sub(hn::Set(d, 0.5f), size))), x);
}

/// The error function, to 2e-7 (Abramowitz & Stegun 1964, 7.1.26).
template <class D, class V = hn::Vec<D>>
HWY_INLINE V erf(D d, V x) {
  const V size = hn::Abs(x), one = hn::Set(d, 1.0f);
  const V t = reciprocal(d, hn::MulAdd(hn::Set(d, 0.3275911f), size, one));
  V p = hn::Set(d, 1.061405429f);
  for (const float c : {-1.453152027f, 1.421413741f, -0.284496736f, 0.254829592f}) p = hn::MulAdd(p, t, hn::Set(d, c));
  const V gaussian = exp2(d, hn::Mul(hn::Set(d, -1.44269504f), hn::Mul(x, x)));
  return hn::CopySign(hn::NegMulAdd(hn::Mul(p, t), gaussian, one), x);
}

}  // namespace lensfind::render::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();
#endif
