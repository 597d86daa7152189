#pragma once

#include <string>
#include <vector>

#include "lensfind/image/image.h"

namespace lensfind::dataset {

/// A number of a cutout that a person can name: "noise in g", "r over i at 3 to 5 pixels".
struct ImageNumber {
  std::string name;
  double value = 0;
  bool is_logarithm = false;  ///< natural: exp(value) is what the name says
};

/// 14 numbers a band, 7 a pair of neighbouring bands and 7 of the last band (63 of three bands) that describe noise, smoothness, sky,
/// brightness, size, shape and colours of a cutout (bands, height, width) of 16 pixels a side or more, pixels finite. `bands`: their names,
/// or empty. As many, in the same order, for any cutout of so many bands.
/// - in each band: noise and its smoothness (differences of pixels 1, 2, 4 and 8 apart), the fraction of pixels at the lowest value,
///   quantiles of the outer pixels over the noise, the brightest pixel of the core and of all, half-light radius, asymmetry under half a
///   turn;
/// - colours of neighbouring bands in rings about the centre, where both are above half the noise;
/// - in the last band: rings over the core, and bright pixels further than 12 pixels out.
std::vector<ImageNumber> image_numbers(image::ImageView image, const std::vector<std::string>& bands = {});

}  // namespace lensfind::dataset
