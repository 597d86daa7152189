#pragma once

#include <filesystem>

#include <zlib.h>

#include "lensfind/image/fits_cards.h"

namespace lensfind::image {

/// Goes once through every gzipped or RICE tile of a tile-compressed image (FITS 4.0, section 10). Throws Error where one lies beyond its
/// table or does not end, or where the table is beyond what an input may unpack to (base/unpack_budget.h). CFITSIO 4.2 would go on with a
/// gzipped one for ever, and read beyond its memory with a RICE one. `file` stands behind the header, and afterwards somewhere in the HDU's
/// data; `cards` are the header's.
void check_tile_contents(gzFile file, const FitsCards& cards, const std::filesystem::path& path);

}  // namespace lensfind::image
