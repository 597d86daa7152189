#pragma once

#include <string_view>

namespace lensfind::image {

/// What an image HDU holds, by its EXTNAME.
enum class PlaneName {
  science,    ///< no name, SCI, IMAGE, or that of a band: "g", "HSC-I", "SCI_2", "NIR_Y_BGSUB", "COMPRESSED_IMAGE"
  mask,       ///< flags a pixel: MASK, MSK, DQ, FLAG
  companion,  ///< weights, errors, PSFs, models: WGT, WHT, VARIANCE, RMS, CON, CTX
  unknown     ///< anything else
};

/// The kind of an EXTNAME, which is read word by word. One strange word ("G_WGT", "SCI_X") makes a name no science.
PlaneName plane_name(std::string_view extension_name);

}  // namespace lensfind::image
