#pragma once

#include <string_view>

namespace lensfind {

/// What an image HDU holds, by its EXTNAME.
enum class PlaneName {
  science,    ///< no name, SCI, IMAGE, or that of a band: "g", "HSC-I", "SCI_2", "NIR_Y_BGSUB", "COMPRESSED_IMAGE"
  mask,       ///< flags a pixel: MASK, MSK, DQ, FLAG
  companion,  ///< weights, errors, PSFs, models: WGT, WHT, VARIANCE, RMS, CON, CTX
  unknown     ///< anything else
};

/// Science is what is known as such, word by word: one strange word ("G_WGT", "SCI_X") makes a name another kind.
PlaneName plane_name(std::string_view extension_name);

}  // namespace lensfind
