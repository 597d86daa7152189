// Highway compiles this file once for each instruction set and picks one at run time.
#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "lensfind/simulate/point_kernels.cpp"
#include <hwy/foreach_target.h>
// The order matters: foreach_target.h comes first.
#include <hwy/highway.h>

#include "lensfind/simulate/point_kernels.h"
#include "lensfind/simulate/vector_math-inl.h"

HWY_BEFORE_NAMESPACE();
namespace lensfind::simulate::HWY_NAMESPACE {

using Tag = hn::CappedTag<float, kernel_block>;
using Vector = hn::Vec<Tag>;

/// Adds one ellipsoid's deflection; Clenshaw's recurrence as in mass.cpp.
HWY_INLINE void subtract_deflection(const PreparedMass::Ellipsoid& lens, Vector x, Vector y, Vector& source_x, Vector& source_y) {
  const Tag d;
  const Vector cosine = hn::Set(d, lens.cosine), sine = hn::Set(d, lens.sine);
  const Vector dx = hn::Sub(x, hn::Set(d, lens.centre_x)), dy = hn::Sub(y, hn::Set(d, lens.centre_y));
  const Vector qu = hn::Mul(hn::Set(d, lens.axis_ratio), hn::MulAdd(dx, cosine, hn::Mul(dy, sine)));
  const Vector v = hn::NegMulAdd(dx, sine, hn::Mul(dy, cosine));
  const Vector square = hn::Max(hn::MulAdd(qu, qu, hn::Mul(v, v)), hn::Set(d, 1e-20f));
  const Vector inverse = hn::Div(hn::Set(d, 1.0f), hn::Sqrt(square));
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

void MapToSource(const PreparedMass& mass, const float* x, const float* y, std::size_t count, float* source_x, float* source_y) {
  const Tag d;
  const Vector g1 = hn::Set(d, mass.gamma1), g2 = hn::Set(d, mass.gamma2);
  for (std::size_t i = 0; i < count; i += hn::Lanes(d)) {
    const Vector px = hn::LoadU(d, x + i), py = hn::LoadU(d, y + i);
    Vector sx = hn::NegMulAdd(g1, px, hn::NegMulAdd(g2, py, px));
    Vector sy = hn::MulAdd(g1, py, hn::NegMulAdd(g2, px, py));
    for (const PreparedMass::Ellipsoid& lens : mass.ellipsoids) subtract_deflection(lens, px, py, sx, sy);
    hn::StoreU(sx, d, source_x + i);
    hn::StoreU(sy, d, source_y + i);
  }
}

void SersicBrightness(const PreparedSersic& light, const float* x, const float* y, std::size_t count, float* out) {
  const Tag d;
  const Vector xx = hn::Set(d, light.xx), xy = hn::Set(d, 2 * light.xy), yy = hn::Set(d, light.yy);
  for (std::size_t i = 0; i < count; i += hn::Lanes(d)) {
    const Vector dx = hn::Sub(hn::LoadU(d, x + i), hn::Set(d, light.centre_x)),
                 dy = hn::Sub(hn::LoadU(d, y + i), hn::Set(d, light.centre_y));
    const Vector square = hn::MulAdd(xx, hn::Mul(dx, dx), hn::Mul(dy, hn::MulAdd(xy, dx, hn::Mul(yy, dy))));
    const Vector power = exp2(d, hn::Mul(hn::Set(d, light.power), log2(d, hn::Max(square, hn::Set(d, 1e-30f)))));
    const Vector exponent = hn::NegMulAdd(hn::Set(d, light.steepness), power, hn::Set(d, light.log2_centre));
    // Far out the light is exactly 0: subnormal numbers would slow the convolution down a hundred times.
    hn::StoreU(hn::IfThenElseZero(hn::Gt(exponent, hn::Set(d, -80.0f)), exp2(d, exponent)), d, out + i);
  }
}

}  // namespace lensfind::simulate::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
#include <cmath>
#include <numbers>

namespace lensfind::simulate {

HWY_EXPORT(MapToSource);
HWY_EXPORT(SersicBrightness);

PreparedMass prepare(const Mass& mass) {
  PreparedMass out;
  out.gamma1 = static_cast<float>(mass.shear.gamma1);
  out.gamma2 = static_cast<float>(mass.shear.gamma2);
  for (const PowerLawEllipsoid& lens : mass.ellipsoids) {
    const double scale = lens.theta_e_arcsec * std::sqrt(lens.axis_ratio);
    PreparedMass::Ellipsoid prepared{};
    prepared.cosine = static_cast<float>(std::cos(lens.angle_rad));
    prepared.sine = static_cast<float>(std::sin(lens.angle_rad));
    prepared.centre_x = static_cast<float>(lens.centre_arcsec.x);
    prepared.centre_y = static_cast<float>(lens.centre_arcsec.y);
    prepared.axis_ratio = static_cast<float>(lens.axis_ratio);
    prepared.amplitude = static_cast<float>(2 * scale / (1 + lens.axis_ratio));
    prepared.log2_scale = static_cast<float>(std::log2(scale));
    prepared.power = static_cast<float>(lens.slope - 2);
    for (const double c : angular_coefficients(lens, 3e-7)) prepared.coefficients.push_back(static_cast<float>(c));
    out.ellipsoids.push_back(std::move(prepared));
  }
  return out;
}

PreparedSersic prepare(const Sersic& light) {
  const double c = std::cos(light.angle_rad), s = std::sin(light.angle_rad), q = light.axis_ratio;
  const double b = sersic_b(light.index), inverse = 1 / (light.effective_radius_arcsec * light.effective_radius_arcsec);
  return {.centre_x = static_cast<float>(light.centre_arcsec.x),
          .centre_y = static_cast<float>(light.centre_arcsec.y),
          .xx = static_cast<float>((q * c * c + s * s / q) * inverse),
          .xy = static_cast<float>((q - 1 / q) * c * s * inverse),
          .yy = static_cast<float>((q * s * s + c * c / q) * inverse),
          .power = static_cast<float>(0.5 / light.index),
          .steepness = static_cast<float>(b * std::numbers::log2e),
          .log2_centre = static_cast<float>(std::log2(effective_brightness(light)) + b * std::numbers::log2e)};
}

void map_to_source(const PreparedMass& mass, std::span<const float> x, std::span<const float> y, std::span<float> source_x,
                   std::span<float> source_y) {
  HWY_DYNAMIC_DISPATCH(MapToSource)(mass, x.data(), y.data(), x.size(), source_x.data(), source_y.data());
}

void brightness(const PreparedSersic& light, std::span<const float> x, std::span<const float> y, std::span<float> out) {
  HWY_DYNAMIC_DISPATCH(SersicBrightness)(light, x.data(), y.data(), x.size(), out.data());
}

}  // namespace lensfind::simulate
#endif
