#pragma once

#include <filesystem>

#include <zlib.h>

#include "lensfind/image/fits_cards.h"

namespace lensfind {

/// Inflates every gzipped tile of a tile-compressed image (FITS 4.0, section 10.1) once and forgets it. Throws Error where one lies beyond
/// its table or does not end: CFITSIO 4.2 would go on with such a tile for ever. `file` stands behind the header, and afterwards somewhere
/// in the HDU's data; `cards` are the header's. Nothing is read where no column holds gzipped tiles.
void check_gzip_tiles(gzFile file, const FitsCards& cards, const std::filesystem::path& path);

}  // namespace lensfind
