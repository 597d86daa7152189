#pragma once

#include <string>
#include <string_view>

#include "lensfind/image/image.h"

namespace lensfind::report {

/// A cutout as a tile of a page: a picture (asinh composite) with a caption; a click opens the same in other stretches and band by band
/// (page.js). `name` is plain text, said to screen readers and as the larger view's heading; `caption_html` is HTML whose texts are escaped
/// already.
std::string cutout_tile(ImageView image, std::string_view name, const std::string& caption_html);

/// A tile for a cutout whose pixels cannot be had.
std::string missing_tile(std::string_view name, const std::string& caption_html);

}  // namespace lensfind::report
