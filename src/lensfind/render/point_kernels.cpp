// Highway compiles this file once for each instruction set and picks one at run time.
#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "lensfind/render/point_kernels.cpp"
#include <hwy/foreach_target.h>
// The order matters: foreach_target.h comes first.
#include <hwy/highway.h>

#include "lensfind/render/point_kernels.h"
#include "lensfind/render/ray-inl.h"

HWY_BEFORE_NAMESPACE();
namespace lensfind::render::HWY_NAMESPACE {

void MapToSource(const PreparedMass& mass, const float* x, const float* y, std::size_t count, float* source_x, float* source_y) {
  const Tag d;
  for (std::size_t i = 0; i < count; i += hn::Lanes(d)) {
    Vector sx, sy;
    follow_ray(mass, hn::LoadU(d, x + i), hn::LoadU(d, y + i), sx, sy);
    hn::StoreU(sx, d, source_x + i);
    hn::StoreU(sy, d, source_y + i);
  }
}

Extent SersicBrightness(const PreparedSersic& light, const float* x, const float* y, std::size_t count, float* out) {
  const Tag d;
  const Vector farthest = hn::Set(d, light.farthest);
  Extent lit{count, 0};
  for (std::size_t i = 0; i < count; i += hn::Lanes(d)) {
    const Vector square = radius_square(light, hn::LoadU(d, x + i), hn::LoadU(d, y + i));
    if (hn::AllFalse(d, hn::Lt(square, farthest))) {
      hn::StoreU(hn::Zero(d), d, out + i);
      continue;
    }
    hn::StoreU(sersic_brightness(light, square), d, out + i);
    lit.first = lit.first < i ? lit.first : i;
    lit.end = i + hn::Lanes(d);
  }
  return lit;
}

/// Whether the corners of the cells that begin at `corner` lie on both sides of a value.
HWY_INLINE hn::Mask<Tag> straddles(const float* corner, std::size_t side, Vector value) {
  const Tag d;
  const Vector a = hn::LoadU(d, corner), b = hn::LoadU(d, corner + 1), c = hn::LoadU(d, corner + side), e = hn::LoadU(d, corner + side + 1);
  const Vector min = hn::Min(hn::Min(a, b), hn::Min(c, e)), max = hn::Max(hn::Max(a, b), hn::Max(c, e));
  return hn::And(hn::Le(min, value), hn::Ge(max, value));
}

std::size_t CellsAbout(const float* x, const float* y, std::size_t side, float at_x, float at_y, std::uint32_t* found) {
  const Tag d;
  const hn::RebindToUnsigned<Tag> di;
  const Vector ax = hn::Set(d, at_x), ay = hn::Set(d, at_y), last = hn::Set(d, static_cast<float>(side - 1));
  std::size_t number = 0;
  for (std::size_t row = 0; row + 1 < side; ++row) {
    for (std::size_t column = 0; column < side; column += hn::Lanes(d)) {
      // The last block begins earlier: it must not read behind the grid's end.
      const bool ends = row + 2 == side && column + hn::Lanes(d) >= side;
      const std::size_t begin = ends ? column - 1 : column, i = row * side + begin;
      const Vector place = hn::Iota(d, static_cast<float>(begin));
      const auto cell = hn::And(hn::Ge(place, hn::Set(d, static_cast<float>(column))), hn::Lt(place, last));
      const auto holds = hn::And(cell, hn::And(straddles(x + i, side, ax), straddles(y + i, side, ay)));
      if (hn::AllFalse(d, holds)) continue;
      number += hn::CompressStore(hn::Iota(di, static_cast<std::uint32_t>(i)), hn::RebindMask(di, holds), di, found + number);
    }
  }
  return number;
}

}  // namespace lensfind::render::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
#include <cmath>
#include <numbers>

namespace lensfind::render {

HWY_EXPORT(MapToSource);
HWY_EXPORT(SersicBrightness);
HWY_EXPORT(CellsAbout);

PreparedMass prepare(const Mass& mass, double precision) {
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
    for (const double c : angular_coefficients(lens, precision)) prepared.coefficients.push_back(static_cast<float>(c));
    out.ellipsoids.push_back(std::move(prepared));
  }
  for (const CoredHalo& halo : mass.halos) {
    out.halos.push_back({.cosine = static_cast<float>(std::cos(halo.angle_rad)),
                         .sine = static_cast<float>(std::sin(halo.angle_rad)),
                         .centre_x = static_cast<float>(halo.centre_arcsec.x),
                         .centre_y = static_cast<float>(halo.centre_arcsec.y),
                         .core_square = static_cast<float>(halo.core_arcsec * halo.core_arcsec),
                         .along = static_cast<float>(1 - halo.ellipticity),
                         .across = static_cast<float>(1 + halo.ellipticity),
                         .strength = static_cast<float>(halo.strength_arcsec)});
  }
  return out;
}

namespace {

int square_roots(double index) {
  for (int roots = 0; roots < 4; ++roots) {
    if (2 * index == 1 << roots) return roots;
  }
  return -1;
}

}  // namespace

PreparedSersic prepare(const Sersic& light, double negligible_brightness) {
  const double c = std::cos(light.angle_rad), s = std::sin(light.angle_rad), q = light.axis_ratio;
  const double b = sersic_b(light.index), inverse = 1 / (light.effective_radius_arcsec * light.effective_radius_arcsec);
  const double steepness = b * std::numbers::log2e, log2_centre = std::log2(effective_brightness(light)) + steepness;
  // A Gaussian's samples that far apart still show it wherever they fall; of an exponential's light 99% lies within the reach.
  constexpr double spacing = 1.5;
  const double reach = reach_radii * light.effective_radius_arcsec;
  const double falls = log2_centre - std::max(-80.0, std::log2(negligible_brightness));
  return {.centre_x = static_cast<float>(light.centre_arcsec.x),
          .centre_y = static_cast<float>(light.centre_arcsec.y),
          .xx = static_cast<float>((q * c * c + s * s / q) * inverse),
          .xy = static_cast<float>((q - 1 / q) * c * s * inverse),
          .yy = static_cast<float>((q * s * s + c * c / q) * inverse),
          .power = static_cast<float>(0.5 / light.index),
          .steepness = static_cast<float>(steepness),
          .log2_centre = static_cast<float>(log2_centre),
          .farthest = static_cast<float>(std::min(1e30, std::pow(std::max(0.0, falls / steepness), 2 * light.index))),
          .hidden_spacing = static_cast<float>(spacing * light.effective_radius_arcsec * std::sqrt(q)),
          .reach_x = static_cast<float>(reach * std::sqrt(q * s * s + c * c / q)),
          .reach_y = static_cast<float>(reach * std::sqrt(q * c * c + s * s / q)),
          .square_roots = square_roots(light.index)};
}

void map_to_source(const PreparedMass& mass, std::span<const float> x, std::span<const float> y, std::span<float> source_x,
                   std::span<float> source_y) {
  HWY_DYNAMIC_DISPATCH(MapToSource)(mass, x.data(), y.data(), x.size(), source_x.data(), source_y.data());
}

Extent brightness(const PreparedSersic& light, std::span<const float> x, std::span<const float> y, std::span<float> out) {
  return HWY_DYNAMIC_DISPATCH(SersicBrightness)(light, x.data(), y.data(), x.size(), out.data());
}

void cells_about(std::span<const float> x, std::span<const float> y, std::size_t side, float at_x, float at_y,
                 std::vector<std::uint32_t>& found) {
  found.resize(side * side + kernel_block);
  found.resize(HWY_DYNAMIC_DISPATCH(CellsAbout)(x.data(), y.data(), side, at_x, at_y, found.data()));
}

}  // namespace lensfind::render
#endif
