#pragma once

namespace lensfind::render {

/// A position or a deflection on the sky, arcsec: x rightwards, y upwards. North and east do not matter to lensing.
struct Point {
  double x = 0, y = 0;

  friend Point operator+(Point a, Point b) { return {a.x + b.x, a.y + b.y}; }
  friend Point operator-(Point a, Point b) { return {a.x - b.x, a.y - b.y}; }
};

}  // namespace lensfind::render
