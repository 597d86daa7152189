#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <variant>
#include <vector>

#include "lensfind/image/image.h"

namespace lensfind {

/// A header card: keyword (up to 8 letters), value, comment.
struct FitsCard {
  std::string keyword;
  std::variant<bool, std::int64_t, double, std::string> value;
  std::string comment;
};

/// A cutout from a FITS file as float32 (BSCALE and BZERO applied, blank pixels NaN; row 0 is the first in the file): a cube (bands,
/// height, width) or a 2-D image in the first HDU that holds one, or one band an HDU where several image HDUs of the same size follow each
/// other. Gzipped and tile-compressed files too. Throws Error for anything else, for more than 64 bands or 65,536 pixels a side, and where
/// the file is cut short.
Image read_fits(const std::filesystem::path& path);

/// Writes float32 pixels as the primary HDU, atomically: 2-D for one band, a cube for several. `cards` stand behind the required ones.
void write_fits(const std::filesystem::path& path, ImageView image, const std::vector<FitsCard>& cards = {});

}  // namespace lensfind
