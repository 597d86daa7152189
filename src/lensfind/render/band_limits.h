#pragma once

#include <span>
#include <vector>

#include "lensfind/render/light_samples.h"
#include "lensfind/render/render.h"

namespace lensfind::render {

/// What each band allows in a fine pixel, of which `factor` stand in a pixel in each direction.
class BandLimits {
 public:
  BandLimits(const Scene& scene, std::span<const Psf> psfs, const RenderOptions& options, int factor);

  /// For a component of these fluxes, as a fraction of its total flux, in its most demanding band.
  [[nodiscard]] SamplingLimits of(const Light& light) const;

 private:
  std::vector<double> tolerance_, negligible_;
};

}  // namespace lensfind::render
