#pragma once

#include <span>
#include <vector>

#include "lensfind/render/light_samples.h"
#include "lensfind/render/render.h"

namespace lensfind::render {

/// What each band allows in a fine pixel. `factor` fine pixels make up a pixel in each direction.
class BandLimits {
 public:
  BandLimits(const Scene& scene, std::span<const Psf> psfs, const RenderOptions& options, int factor);

  /// The limits for a component of these fluxes, in its most demanding band, as a fraction of its total flux.
  [[nodiscard]] SamplingLimits of(const Light& light) const;

 private:
  std::vector<double> tolerance_, negligible_;
};

}  // namespace lensfind::render
