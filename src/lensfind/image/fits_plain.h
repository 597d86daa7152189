#pragma once

#include <filesystem>
#include <optional>

#include "lensfind/image/fits.h"

namespace lensfind::image {

/// The largest file that is looked at here; each thread keeps as much memory.
constexpr std::uintmax_t max_plain_bytes = std::uintmax_t{1} << 20;

/// Reads a cutout without CFITSIO, whose opening of a file alone takes longer than this. It does so where the file holds nothing but
/// float32 images as they are: a cube, a 2-D image, or one a band; neither scaled nor compressed, no masks. The result is the same bit for
/// bit. Nothing where the file is anything else, damaged or not there: CFITSIO then reads it, or says what is wrong.
std::optional<FitsCutout> read_plain_fits(const std::filesystem::path& path);

/// What a header says, and whether all pixels are finite numbers.
struct PlainFacts {
  PixelFacts facts;
  bool finite = true;
};
/// The same straight into `out`, without memory for the file, where it is one cube or 2-D image of this shape. Otherwise nothing, and `out`
/// may hold anything.
std::optional<PlainFacts> read_plain_fits(const std::filesystem::path& path, MutableImageView out);

}  // namespace lensfind::image
