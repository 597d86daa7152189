#pragma once

#include <array>
#include <numbers>

namespace lensfind::sky {

/// Radians of a degree.
constexpr double radians = std::numbers::pi / 180;

/// A direction or a place in space, along three axes at right angles.
using Vector = std::array<double, 3>;

constexpr double dot(const Vector& a, const Vector& b) { return a[0] * b[0] + a[1] * b[1] + a[2] * b[2]; }

}  // namespace lensfind::sky
