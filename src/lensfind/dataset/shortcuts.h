#pragma once

#include <span>
#include <vector>

#include "lensfind/dataset/logistic.h"
#include "lensfind/image/image.h"

namespace lensfind::dataset {

/// A few numbers of a cutout that say nothing of a lens's shape, or little: where they alone tell lenses from non-lenses, a network may
/// learn them instead of lensing.
struct Shortcut {
  const char* name;
  const char* what;                                   ///< which part of the cutout is looked at
  std::vector<double> (*features)(image::ImageView);  ///< as many for any cutout of the same number of bands; pixels are finite
};

/// background_noise, noise_ratios (two or more bands), borders, power_spectrum, core, neighbours, centre.
std::span<const Shortcut> shortcuts();

/// The numbers of one shortcut for many cutouts, a row each. `image(i)` gives cutout i; it is asked for by one thread.
template <typename ImageOf>
FeatureTable shortcut_table(const Shortcut& shortcut, std::size_t cutouts, ImageOf&& image) {
  FeatureTable out;
  for (std::size_t i = 0; i < cutouts; ++i) {
    const std::vector<double> row = shortcut.features(image(i));
    out.columns = row.size();
    out.values.insert(out.values.end(), row.begin(), row.end());
  }
  return out;
}

}  // namespace lensfind::dataset
