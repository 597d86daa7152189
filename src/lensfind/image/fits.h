#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
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

/// Whether a file's name says that it is FITS: .fits, .fit or .fts, also with .gz or .fz behind.
bool is_fits_name(const std::filesystem::path& path);

/// A cutout from a FITS file as float32 (BSCALE and BZERO applied, blank pixels NaN; row 0 is the first in the file): a cube (bands,
/// height, width) in the first HDU that holds pixels, or one band an HDU: that HDU and all further 2-D images of its size, but those whose
/// EXTNAME tells of a mask, variance or weight. Gzipped and tile-compressed files too. Throws Error for anything else, for more than 64
/// bands or 65,536 pixels a side, and where the file is cut short. From any thread.
Image read_fits(const std::filesystem::path& path);

/// The shape that read_fits() would give, from the headers alone.
ImageShape read_fits_shape(const std::filesystem::path& path);

/// Every image of a FITS file by itself, whatever their sizes; a cube is one. Throws Error where there is none.
std::vector<Image> read_fits_images(const std::filesystem::path& path);

/// A number in the header of the first HDU that has the keyword; nothing where none has.
std::optional<double> read_fits_number(const std::filesystem::path& path, const std::string& keyword);

/// Writes float32 pixels as the primary HDU, atomically: 2-D for one band, a cube for several. `cards` stand behind the required ones.
void write_fits(const std::filesystem::path& path, ImageView image, const std::vector<FitsCard>& cards = {});

}  // namespace lensfind
