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
  /// Of a source at another distance than those for which the mass is given: its D_ls / D_s over theirs (see scaled(Mass)).
  double deflection_factor = 1;
};

/// What is in the sky of one cutout: a lens plane, light that is not lensed (deflector, neighbours, stars), and sources behind the mass.
/// Images of point sources (quasars) are given where they are seen, with their magnified flux (PointImageFinder::solve); they count
/// among the arcs.
struct Scene {
  Mass mass;
  std::vector<Light> unlensed;
  std::vector<Light> sources;
  std::vector<Light> point_images{};
};

}  // namespace lensfind::render
