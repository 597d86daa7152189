// Included once for each instruction set, as Highway's -inl headers are: no #pragma once, but Highway's own guard.
#if defined(LENSFIND_SIMULATE_RAY_INL_H_) == defined(HWY_TARGET_TOGGLE)
#ifdef LENSFIND_SIMULATE_RAY_INL_H_
#undef LENSFIND_SIMULATE_RAY_INL_H_
#else
#define LENSFIND_SIMULATE_RAY_INL_H_
#endif

#include "lensfind/render/point_kernels.h"
#include "lensfind/render/vector_math-inl.h"

HWY_BEFORE_NAMESPACE();
namespace lensfind::render::HWY_NAMESPACE {

using Tag = hn::CappedTag<float, kernel_block>;
using Vector = hn::Vec<Tag>;

/// Lanes whose columns, from c on, lie in [first, end).
HWY_INLINE hn::Mask<Tag> columns_within(std::size_t c, int first, int end) {
  const Tag d;
  const Vector column = hn::Iota(d, static_cast<float>(c));
  return hn::And(hn::Ge(column, hn::Set(d, static_cast<float>(first))), hn::Lt(column, hn::Set(d, static_cast<float>(end))));
}

/// Adds one ellipsoid's deflection; Clenshaw's recurrence as in mass.cpp.
HWY_INLINE void subtract_deflection(const PreparedMass::Ellipsoid& lens, Vector x, Vector y, Vector& source_x, Vector& source_y) {
  const Tag d;
  const Vector cosine = hn::Set(d, lens.cosine), sine = hn::Set(d, lens.sine);
  const Vector dx = hn::Sub(x, hn::Set(d, lens.centre_x)), dy = hn::Sub(y, hn::Set(d, lens.centre_y));
  const Vector qu = hn::Mul(hn::Set(d, lens.axis_ratio), hn::MulAdd(dx, cosine, hn::Mul(dy, sine)));
  const Vector v = hn::NegMulAdd(dx, sine, hn::Mul(dy, cosine));
  const Vector square = hn::Max(hn::MulAdd(qu, qu, hn::Mul(v, v)), hn::Set(d, 1e-20f));
  const Vector inverse = reciprocal_sqrt(d, square);
  const Vector c = hn::Mul(qu, inverse), s = hn::Mul(v, inverse);
  const Vector cos2p = hn::NegMulAdd(s, s, hn::Mul(c, c)), twice = hn::Add(cos2p, cos2p);
  Vector b0 = hn::Zero(d), b1 = hn::Zero(d);
  for (std::size_t k = lens.coefficients.size(); k-- > 0;) {
    const Vector next = hn::MulAdd(twice, b0, hn::Sub(hn::Set(d, lens.coefficients[k]), b1));
    b1 = b0;
    b0 = next;
  }
  Vector amplitude = hn::Set(d, lens.amplitude);
  if (lens.power != 0) {
    const Vector log_ratio = hn::NegMulAdd(hn::Set(d, 0.5f), log2(d, square), hn::Set(d, lens.log2_scale));
    amplitude = hn::Mul(amplitude, exp2(d, hn::Mul(hn::Set(d, lens.power), log_ratio)));
  }
  const Vector along = hn::Mul(amplitude, hn::Mul(c, hn::Sub(b0, b1))), across = hn::Mul(amplitude, hn::Mul(s, hn::Add(b0, b1)));
  source_x = hn::Sub(source_x, hn::NegMulAdd(across, sine, hn::Mul(along, cosine)));
  source_y = hn::Sub(source_y, hn::MulAdd(along, sine, hn::Mul(across, cosine)));
}

/// Adds a halo's deflection.
HWY_INLINE void subtract_deflection(const PreparedMass::Halo& halo, Vector x, Vector y, Vector& source_x, Vector& source_y) {
  const Tag d;
  const Vector cosine = hn::Set(d, halo.cosine), sine = hn::Set(d, halo.sine);
  const Vector dx = hn::Sub(x, hn::Set(d, halo.centre_x)), dy = hn::Sub(y, hn::Set(d, halo.centre_y));
  const Vector u = hn::MulAdd(dx, cosine, hn::Mul(dy, sine)), v = hn::NegMulAdd(dx, sine, hn::Mul(dy, cosine));
  const Vector along_u = hn::Mul(hn::Set(d, halo.along), u), across_v = hn::Mul(hn::Set(d, halo.across), v);
  const Vector square = hn::MulAdd(along_u, u, hn::MulAdd(across_v, v, hn::Set(d, halo.core_square)));
  const Vector amplitude = hn::Mul(hn::Set(d, halo.strength), reciprocal_sqrt(d, square));
  const Vector along = hn::Mul(amplitude, along_u), across = hn::Mul(amplitude, across_v);
  source_x = hn::Sub(source_x, hn::NegMulAdd(across, sine, hn::Mul(along, cosine)));
  source_y = hn::Sub(source_y, hn::MulAdd(along, sine, hn::Mul(across, cosine)));
}

/// Where light seen at (x, y) comes from.
HWY_INLINE void follow_ray(const PreparedMass& mass, Vector x, Vector y, Vector& source_x, Vector& source_y) {
  const Tag d;
  const Vector g1 = hn::Set(d, mass.gamma1), g2 = hn::Set(d, mass.gamma2);
  source_x = hn::NegMulAdd(g1, x, hn::NegMulAdd(g2, y, x));
  source_y = hn::MulAdd(g1, y, hn::NegMulAdd(g2, x, y));
  for (const PreparedMass::Ellipsoid& lens : mass.ellipsoids) subtract_deflection(lens, x, y, source_x, source_y);
  for (const PreparedMass::Halo& halo : mass.halos) subtract_deflection(halo, x, y, source_x, source_y);
}

/// (R / R_e)^2 of a step in the source plane.
HWY_INLINE Vector metric(const PreparedSersic& light, Vector dx, Vector dy) {
  const Tag d;
  return hn::MulAdd(hn::Set(d, light.xx), hn::Mul(dx, dx),
                    hn::Mul(dy, hn::MulAdd(hn::Set(d, 2 * light.xy), dx, hn::Mul(hn::Set(d, light.yy), dy))));
}

/// (R / R_e)^2 of a place.
HWY_INLINE Vector radius_square(const PreparedSersic& light, Vector x, Vector y) {
  const Tag d;
  return metric(light, hn::Sub(x, hn::Set(d, light.centre_x)), hn::Sub(y, hn::Set(d, light.centre_y)));
}

/// (R / R_e)^(1/n). Disks and bulges need roots alone, which are cheaper than powers.
HWY_INLINE Vector sersic_power(const PreparedSersic& light, Vector square) {
  const Tag d;
  square = hn::Max(square, hn::Set(d, 1e-30f));
  if (light.square_roots < 0) return exp2(d, hn::Mul(hn::Set(d, light.power), log2(d, square)));
  for (int root = 0; root < light.square_roots; ++root) square = hn::Mul(square, reciprocal_sqrt(d, square));
  return square;
}

/// Exactly 0 beyond `farthest`: subnormal numbers would slow the convolution down a hundred times.
HWY_INLINE Vector sersic_brightness(const PreparedSersic& light, Vector square) {
  const Tag d;
  const Vector power = sersic_power(light, square);
  const Vector exponent = hn::NegMulAdd(hn::Set(d, light.steepness), power, hn::Set(d, light.log2_centre));
  return hn::IfThenElseZero(hn::Lt(square, hn::Set(d, light.farthest)), exp2(d, exponent));
}

/// A box of the source plane to which a square of the image maps, as its middle's distance from a source's centre in x and y and half its
/// width and height.
struct SourceBox {
  Vector from_x, from_y, wide, tall;
};

HWY_INLINE SourceBox box_about(const PreparedSersic& light, Vector left, Vector right, Vector low, Vector high) {
  const Tag d;
  const Vector half = hn::Set(d, 0.5f);
  return {hn::Abs(hn::NegMulAdd(half, hn::Add(left, right), hn::Set(d, light.centre_x))),
          hn::Abs(hn::NegMulAdd(half, hn::Add(low, high), hn::Set(d, light.centre_y))), hn::Mul(half, hn::Sub(right, left)),
          hn::Mul(half, hn::Sub(high, low))};
}

/// Whether the source's centre may lie in the square, or beside it: within `times` the box's half width and height from its middle. Where
/// the square's samples may miss light far from the centre, as far again as that reaches.
HWY_INLINE hn::Mask<Tag> may_hold(const PreparedSersic& light, const SourceBox& box, float times) {
  const Tag d;
  const auto missed = hn::Gt(hn::Max(box.wide, box.tall), hn::Set(d, light.hidden_spacing));
  const Vector more_x = hn::IfThenElseZero(missed, hn::Set(d, light.reach_x)),
               more_y = hn::IfThenElseZero(missed, hn::Set(d, light.reach_y)), t = hn::Set(d, times);
  return hn::And(hn::Le(box.from_x, hn::MulAdd(t, box.wide, more_x)), hn::Le(box.from_y, hn::MulAdd(t, box.tall, more_y)));
}

}  // namespace lensfind::render::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();
#endif
