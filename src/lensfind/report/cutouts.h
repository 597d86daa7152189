#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "lensfind/image/image.h"
#include "lensfind/image/picture.h"

namespace lensfind::report {

/// What is known of a tile's cutout besides its pixels.
struct TileFacts {
  image::BandFacts bands = {};                    ///< for its colours
  std::optional<double> pixel_scale_arcsec = {};  ///< where given, a scale bar is drawn
  bool north_up = false;                          ///< where true, north is marked
  std::string more_html = {};                     ///< HTML that stands below the larger view
};

/// A cutout as a tile of a page: a picture (asinh composite) with a caption. A click opens the same in other stretches and band by band
/// (page.js). `name` is plain text; screen readers say it, and it is the larger view's heading. `caption_html` is HTML whose texts are
/// escaped already.
std::string cutout_tile(image::ImageView image, std::string_view name, const std::string& caption_html, const TileFacts& facts = {});

/// A tile for a cutout whose pixels are not available.
std::string missing_tile(std::string_view name, const std::string& caption_html);

/// The length of a scale bar for a picture of this width, arcsec: the longest of 1, 2, 5, 10, 20, 50, ... that is at most 40% of the width.
double scale_bar_arcsec(double width_arcsec);

}  // namespace lensfind::report
