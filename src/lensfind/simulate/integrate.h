#pragma once

#include "lensfind/simulate/lattice.h"

namespace lensfind::simulate {

/// The light of one component in each pixel (total flux 1 before lensing), integrated over the pixels: one sample and its fourth-order
/// correction where the brightness is smooth, and a quadtree of 3 x 3 Gauss-Legendre nodes where it is not. The error of a pixel is about
/// `tolerance`.
class PixelIntegrator {
 public:
  /// `mass`: what the light passes through; null for light that is not lensed. Both must outlive the integrator.
  PixelIntegrator(const Lattice& lattice, const PreparedMass* mass) : lattice_{lattice}, mass_{mass} {}

  /// Light fainter than `negligible` a pixel is left out. Sets all of `out`, and returns the box outside which it is zero.
  PixelBox integrate(const Sersic& light, double tolerance, double negligible, Plane& out) const;

 private:
  const Lattice& lattice_;
  const PreparedMass* mass_;
};

}  // namespace lensfind::simulate
