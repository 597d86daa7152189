#pragma once

#include "lensfind/image/image.h"

namespace lensfind::inspect {

/// The ellipses on which a galaxy's light is taken to be constant.
struct Ellipse {
  double x = 0, y = 0;    ///< centre, in pixels from that of the first pixel
  double axis_ratio = 1;  ///< minor over major, (0, 1]
  double angle_rad = 0;   ///< of the major axis from growing columns towards growing rows
};

/// The centre of light near the middle of an image and the shape of the light around it, summed over the bands. It comes from moments
/// weighed by a Gaussian that is brought to the same shape (Bernstein & Jarvis 2002, section 3). A circle in the middle where there is no
/// light.
Ellipse ellipse_of(image::ImageView image);

/// The image without a smooth model of the galaxy in its middle. In each band the model is the median along ellipses, so that arcs, images
/// and neighbours stay. The sky is left at 0.
image::Image without_smooth_galaxy(image::ImageView image);

}  // namespace lensfind::inspect
