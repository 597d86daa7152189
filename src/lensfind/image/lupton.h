#pragma once

#include <array>
#include <cstdint>

#include "lensfind/image/image.h"

namespace lensfind::image {

/// Brightness as colours after Lupton et al. 2004 (PASP 116, 133), in the form of astropy's make_lupton_rgb. With I the mean of red, green
/// and blue above their minima, each colour is multiplied by F(I) / I, where F(I) = asinh(q I / stretch) 0.1 / asinh(0.1 q).
struct LuptonScale {
  std::array<float, 3> minimum{};  ///< what is shown black, of red, green and blue
  double stretch = 1;              ///< flux up to which F is about linear; > 0
  double q = 8;                    ///< how strongly brighter light is compressed; > 0

  /// F: 1 is white.
  [[nodiscard]] double brightness(double intensity) const;
};

/// Red, green, blue.
using Rgb = std::array<std::uint8_t, 3>;

/// Three fluxes (red, green, blue) above their minima as a colour of brightness `shown` (1: white). Where one colour would exceed white all
/// three are dimmed, so that bright cores keep their hue. Negative fluxes are 0.
Rgb colour_of(const std::array<float, 3>& flux, double shown);

/// A scale that shows the noise just above black. The minima are one standard deviation below the sky's level, the stretch is 10 standard
/// deviations of the noise of the mean of the three planes (3, height, width). Without noise the stretch is a thirtieth of the brightest
/// 0.3%.
LuptonScale lupton_scale(ImageView planes);

}  // namespace lensfind::image
