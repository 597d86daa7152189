#pragma once

#include <vector>

#include "lensfind/simulate/mass.h"

namespace lensfind::simulate {

/// What a point source at one position looks like, roughly.
struct PointImages {
  int number = 0;            ///< of images; the one that a mass's singular centre feigns counts too
  double magnification = 0;  ///< of all together
};

/// Finds images of point sources behind a mass: a grid of the image plane, cut into triangles, is mapped to the source plane; a source has
/// an image in each triangle that covers it (Keeton 2001).
class PointImageFinder {
 public:
  /// The square of `half_side_arcsec` about `centre` must hold all images.
  PointImageFinder(const Mass& mass, Point centre, double half_side_arcsec);

  [[nodiscard]] PointImages find(Point source) const;

 private:
  std::vector<float> source_x_, source_y_;
  double cell_area_;
};

}  // namespace lensfind::simulate
