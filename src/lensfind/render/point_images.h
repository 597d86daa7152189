#pragma once

#include <vector>

#include "lensfind/render/mass.h"

namespace lensfind::render {

/// What a point source at one position looks like, roughly.
struct PointImages {
  bool multiple = false;     ///< more than one: the source lies within a caustic or within the cut of a singular mass (Kormann et al. 1994)
  double magnification = 0;  ///< of all together; mostly to a third
};

/// One image of a point source.
struct PointImage {
  Point position;
  double magnification = 0;   ///< without its sign
  bool minus_parity = false;  ///< a saddle point of the arrival time
};

/// Finds images of point sources behind a mass: a grid of the image plane, cut into triangles, is mapped to the source plane; a source has
/// an image in each triangle that covers it (Keeton 2001). Images too near the mass's centre for that are known by the cut alone.
class PointImageFinder {
 public:
  /// The square of `half_side_arcsec` about `centre` must hold all images.
  PointImageFinder(const Mass& mass, Point centre, double half_side_arcsec);

  [[nodiscard]] PointImages find(Point source) const;
  /// All images, to 1e-9 of the grid: Newton's method from every cell that may hold one, those about it and those about the centre. Those
  /// within .3% of the grid of the centre, where a singular mass has none and a cored one a faint one, are left out. Brightest first.
  [[nodiscard]] std::vector<PointImage> solve(Point source) const;

 private:
  [[nodiscard]] bool improve(Point source, Point& image) const;

  Mass mass_;
  Point centre_;
  double half_side_;
  std::vector<float> source_x_, source_y_;
  double cell_area_;
  std::vector<float> cut_x_, cut_y_;  ///< a small circle about the centre, mapped
};

/// What PointImageFinder::find says of one source, on a grid of 45 cells a side of which only those are mapped that coarse cells say may
/// hold an image. The largest mass, the first ellipsoid, stands about the centre.
PointImages images_of_point(const Mass& mass, Point centre, double half_side_arcsec, Point source);

}  // namespace lensfind::render
