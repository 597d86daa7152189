#pragma once

#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include "lensfind/render/lattice.h"
#include "lensfind/render/point_kernels.h"

namespace lensfind::render {

struct LightSamples;
struct Sersic;

/// A picture of a real galaxy with its background subtracted; its light is taken as it is.
struct SourceImage {
  std::string name;
  int rows = 0, columns = 0;            ///< row 0 is the bottom; the galaxy's centre is the middle of the array
  std::vector<float> flux;              ///< a pixel, row by row; the sum is 1
  double half_light_radius_pixels = 1;  ///< the circle about the middle with this radius holds half of the flux

  /// Flux a pixel of the picture at (column, row), from the 4 x 4 pixels about it by cubic convolution (Keys 1981). 0 beyond the edges.
  [[nodiscard]] float at(float column, float row) const;
};

/// Throws Error where the picture is not 3 to 4096 pixels a side, where its sum is not positive, or where it holds what is no number.
SourceImage source_image(std::string name, int rows, int columns, std::vector<float> flux);
/// Of a .npy (height, width) or a FITS file with one image.
SourceImage read_source_image(const std::filesystem::path& path);
/// Of all .npy and FITS files in a folder, by name. Throws Error where there are none.
std::vector<std::shared_ptr<const SourceImage>> read_source_images(const std::filesystem::path& folder);

/// Samples a picture as LightSampler samples a profile. Its middle is at the profile's centre, it is rotated by its position angle, and
/// scaled so that the half-light radius is its effective radius. Lensing conserves surface brightness: rays are shot from 3 x 3
/// Gauss-Legendre nodes in each of the 4^level cells of a pixel. They are no farther from each other than the picture's pixels are, 5
/// levels at most. `mass` is the one through which the lattice is mapped; null: nothing is lensed.
void sample_image(const SourceImage& image, const Sersic& place, const Lattice& lattice, const PreparedMass* mass, LightSamples& out);

}  // namespace lensfind::render
