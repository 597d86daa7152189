#pragma once

#include <array>
#include <optional>
#include <string>
#include <vector>

#include "lensfind/image/image.h"
#include "lensfind/image/png.h"

namespace lensfind::image {

/// How brightness becomes grey: `asinh` shows faint arcs and the bright galaxy's core at once (Lupton et al. 2004).
enum class Stretch { linear, sqrt, asinh };

/// What is known of the bands of a cutout.
struct BandFacts {
  std::vector<std::string> names = {};                  ///< "g", "r", "i"; empty: not known, and taken to go from blue to red
  std::vector<std::optional<double>> zero_points = {};  ///< AB magnitude of one unit of flux, a band; empty: none known
};

/// How a cutout's bands become colours.
struct ColourPlan {
  enum class Kind {
    grey,        ///< one band
    flux,        ///< by flux, brought to one zero point; white is a flat spectrum (all AB colours 0)
    plain_flux,  ///< the same with one zero point assumed, as none is known
    each_band    ///< each band's levels by themselves, as fluxes are not known; colours mean little
  };
  Kind kind = Kind::grey;
  std::vector<int> bands;       ///< which become red, green and blue; two: red and blue, and green is their mean; one: grey
  std::vector<double> factors;  ///< by which each of these is multiplied
};

/// Takes i, r, g as red, green, blue where they are among the bands (z in place of a missing i), else the reddest, the middle and the
/// bluest band. Colours are by flux, with two exceptions: where each band runs from exactly 0 to exactly 1 (min-max scaled: flux is lost),
/// and where zero points are known of some bands only.
ColourPlan plan_colours(ImageView image, const BandFacts& facts);

/// What a plan shows, as a sentence for a page: "Red, green and blue are the fluxes in i, r and g; ...".
std::string colours_text(const ColourPlan& plan, const BandFacts& facts);

/// How a picture is drawn.
struct PictureOptions {
  Stretch stretch = Stretch::asinh;
  double softening = 8;  ///< of asinh, except for colours by flux: brightness beyond 1 / softening of the white level is compressed; > 0
  double black_percentile = 40;    ///< of each band's pixels, shown black: the sky, so that the bands get one zero
  double white_percentile = 99.7;  ///< of each band's pixels, shown white ...
  double min_contrast = 12;        ///< ... but no less than this many standard deviations of the noise above the sky: noise alone stays dim
  int enlargement = 1;             ///< each pixel becomes a square of this side; >= 1
};

/// A cutout as people look at it, row 0 at the bottom as FITS images are shown. Two or more bands give colours by plan_colours(). By flux
/// they are as Lupton et al. 2004 have them (lupton.h): one brightness stretch for all, so that hues survive it, and pixels too bright for
/// a screen keep their hue. One band gives grey. Pixels that are not finite are black. Throws Error where an option is out of range.
Picture picture_of(ImageView image, const BandFacts& facts, const PictureOptions& options = {});
Picture picture_of(ImageView image, const PictureOptions& options = {});

}  // namespace lensfind::image
