#pragma once

#include <memory>
#include <vector>

#include "lensfind/render/mass.h"
#include "lensfind/render/sersic.h"
#include "lensfind/render/source_image.h"

namespace lensfind::render {

/// A component of light: one geometry for all bands, a flux in each. A galaxy with a colour gradient is a sum of components.
struct Light {
  Sersic profile;
  std::vector<double> flux;  ///< a band, to infinity and before lensing
  /// A picture in the profile's stead: at its centre, turned by its position angle, with its effective radius as half-light radius.
  std::shared_ptr<const SourceImage> image;
};

/// What is in the sky of one cutout: a lens plane, light that is not lensed (deflector, neighbours, stars), and sources behind the mass.
struct Scene {
  Mass mass;
  std::vector<Light> unlensed;
  std::vector<Light> sources;
};

}  // namespace lensfind::render
