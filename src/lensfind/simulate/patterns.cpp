#include "lensfind/simulate/patterns.h"

#include <algorithm>
#include <cmath>
#include <numbers>

#include "lensfind/simulate/pattern_kernels.h"

namespace lensfind::simulate {
namespace {

/// A place in the frame of an ellipse, stretched to a circle with its major axis.
struct Polar {
  double radius, angle;
};

Polar within(render::Point at, double axis_ratio, double angle_rad) {
  const double c = std::cos(angle_rad), s = std::sin(angle_rad), u = at.x * c + at.y * s, v = (-at.x * s + at.y * c) / axis_ratio;
  return {std::sqrt(u * u + v * v), std::atan2(v, u)};
}

}  // namespace

Canvas::Canvas(double half_side_arcsec, double pixel_arcsec)
    : side_{std::clamp(static_cast<int>(2 * half_side_arcsec / pixel_arcsec), 16, 400)},
      pixel_{2 * half_side_arcsec / side_},
      brightness_(static_cast<std::size_t>(side_) * static_cast<std::size_t>(side_)) {}

void Canvas::add_spot(render::Point at, double sigma_arcsec, double flux) {
  const double sigma = std::max(sigma_arcsec, pixel_);
  const int reach = static_cast<int>(std::ceil(3.5 * sigma / pixel_));
  const auto index = [&](double place) { return static_cast<int>(std::lround(place / pixel_ + 0.5 * (side_ - 1))); };
  const int left = std::max(0, index(at.x) - reach), right = std::min(side_ - 1, index(at.x) + reach);
  // A round Gaussian is a product.
  std::vector<double> across;
  for (int column = left; column <= right; ++column) across.push_back(std::exp(-0.5 * std::pow((coordinate(column) - at.x) / sigma, 2)));
  const double peak = flux / (2 * std::numbers::pi * sigma * sigma);
  for (int row = std::max(0, index(at.y) - reach); row <= std::min(side_ - 1, index(at.y) + reach); ++row) {
    const double up = peak * std::exp(-0.5 * std::pow((coordinate(row) - at.y) / sigma, 2));
    float* to = brightness_.data() + row * side_ + left;
    for (const double here : across) *to++ += static_cast<float>(up * here);
  }
}

render::Light Canvas::light(render::Point centre) const {
  double sum = 0;
  for (const float value : brightness_) sum += static_cast<double>(value);
  auto picture = std::make_shared<render::SourceImage>();
  picture->name = "pattern";
  picture->rows = picture->columns = side_;
  picture->half_light_radius_pixels = 0.25 * side_;
  picture->flux = brightness_;
  for (float& value : picture->flux) value = sum > 0 ? static_cast<float>(static_cast<double>(value) / sum) : 0;
  render::Light out;
  out.profile = {.effective_radius_arcsec = 0.25 * side_ * pixel_, .index = 1, .axis_ratio = 1, .angle_rad = 0, .centre_arcsec = centre};
  out.image = std::move(picture);
  return out;
}

double SpiralArms::brightness(double radius_arcsec, double angle) const {
  const double radius = std::max(radius_arcsec, 1e-3 * scale_arcsec);
  const double off = angle - start_rad - sense * std::log(radius / scale_arcsec) / std::tan(pitch_rad);
  // Far out they have begun to the last digit of a float.
  const double inside = radius / inner_arcsec - 1, begins = inside > 2.1 ? 1 : 1 / (1 + std::exp(-8 * inside));
  return begins * std::exp(-radius / scale_arcsec + (std::cos(number * off) - 1) / (width * width)) * (1 + lopsided * std::cos(angle));
}

render::Point SpiralArms::ridge(double radius_arcsec, int arm) const {
  const double angle =
      start_rad + 2 * std::numbers::pi * arm / number + sense * std::log(radius_arcsec / scale_arcsec) / std::tan(pitch_rad);
  const double u = radius_arcsec * std::cos(angle), v = radius_arcsec * std::sin(angle) * axis_ratio, c = std::cos(angle_rad),
               s = std::sin(angle_rad);
  return {u * c - v * s, u * s + v * c};
}

void SpiralArms::draw(Canvas& canvas) const {
  constexpr double full_turn = 2 * std::numbers::pi;
  const PreparedArms arms{.number = number,
                          .cosine = static_cast<float>(std::cos(angle_rad)),
                          .sine = static_cast<float>(std::sin(angle_rad)),
                          .inverse_axis_ratio = static_cast<float>(1 / axis_ratio),
                          .inverse_scale = static_cast<float>(1 / scale_arcsec),
                          .least_radius = static_cast<float>(1e-3 * scale_arcsec),
                          .start_turns = static_cast<float>(number * start_rad / full_turn),
                          .turns_an_octave = static_cast<float>(number * sense * std::numbers::ln2 / (std::tan(pitch_rad) * full_turn)),
                          .inverse_inner = static_cast<float>(1 / inner_arcsec),
                          .inverse_square_width = static_cast<float>(1 / (width * width)),
                          .lopsided = static_cast<float>(lopsided)};
  canvas.add_rows([&](double x0, double step, double y, std::span<float> out) {
    arms_brightness(arms, static_cast<float>(x0), static_cast<float>(step), static_cast<float>(y), out);
  });
}

void Ring::draw(Canvas& canvas, render::Point centre) const {
  const double width = std::max(width_arcsec, canvas.pixel_arcsec() / axis_ratio);
  canvas.add([&](render::Point at) {
    const Polar place = within(at - centre, axis_ratio, angle_rad);
    double uneven = 1;
    for (std::size_t k = 0; k < cosines.size(); ++k) {
      const double waves = static_cast<double>(k + 1) * place.angle;
      uneven += cosines[k] * std::cos(waves) + sines[k] * std::sin(waves);
    }
    const double off = (place.radius - radius_arcsec) / width;
    return std::max(0.0, uneven) * std::exp(-0.5 * off * off);
  });
}

void TidalTail::draw(Canvas& canvas, render::Point centre) const {
  constexpr int spots = 60;
  for (int k = 0; k < spots; ++k) {
    const double t = (k + 0.5) / spots, radius = from_arcsec + (to_arcsec - from_arcsec) * t, angle = start_rad + bend_rad * t;
    canvas.add_spot(centre + render::Point{radius * std::cos(angle), radius * std::sin(angle)}, width_arcsec * (0.7 + 0.8 * t),
                    std::exp(-1.5 * t));
  }
}

void Shells::draw(Canvas& canvas) const {
  canvas.add([this, edge = canvas.pixel_arcsec()](render::Point at) {
    double sum = 0;
    for (std::size_t k = 0; k < radii_arcsec.size(); ++k) {
      const double inside = radii_arcsec[k] - std::hypot(at.x, at.y);
      const double side = angle_rad + (k % 2 == 0 ? 0 : std::numbers::pi);
      const double off = std::remainder(std::atan2(at.y, at.x) - side, 2 * std::numbers::pi) / opening_rad;
      const double sharp = 0.5 * std::erfc(-inside / edge);
      sum += sharp * std::exp(-std::max(0.0, inside) / depth_arcsec) * std::exp(-off * off * off * off) / radii_arcsec[k];
    }
    return sum;
  });
}

}  // namespace lensfind::simulate
