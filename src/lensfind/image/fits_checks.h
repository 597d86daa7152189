#pragma once

#include <cstdint>
#include <filesystem>

namespace lensfind::image {

/// Deflate shrinks by at most 1032 (zlib's documentation). A header that promises more than that from its file is wrong.
constexpr std::uint64_t max_compression = 1100;

/// What a file is opened for: its headers alone, or its pixels too.
enum class FitsUse { headers, pixels };

/// Throws Error for what CFITSIO 4.2 takes from a file unchecked and then divides by, allocates or writes beyond:
/// - other archives than gzip (it would try its decoders of zip, compress and more), and a wrong length behind gzipped bytes;
/// - in any HDU more than 9 axes (6 compressed), and sizes that are no whole numbers or said twice;
/// - of tile-compressed images: tiles or blocks of no pixels, tiles too large for the file, HCOMPRESS (whose decoder believes the size that
///   its bytes tell), and, where pixels are read, gzipped and RICE tiles that do not end.
void check_before_cfitsio(const std::filesystem::path& path, FitsUse use = FitsUse::pixels);

}  // namespace lensfind::image
