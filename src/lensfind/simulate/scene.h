#pragma once

#include <vector>

#include "lensfind/simulate/mass.h"
#include "lensfind/simulate/sersic.h"

namespace lensfind::simulate {

/// A component of light: one geometry for all bands, a flux in each. A galaxy with a colour gradient is a sum of components.
struct Light {
  Sersic profile;
  std::vector<double> flux;  ///< a band, to infinity and before lensing
};

/// What is in the sky of one cutout: a lens plane, light that is not lensed (deflector, neighbours, stars), and sources behind the mass.
struct Scene {
  Mass mass;
  std::vector<Light> unlensed;
  std::vector<Light> sources;
};

}  // namespace lensfind::simulate
