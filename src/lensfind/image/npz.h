#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <span>
#include <string>
#include <vector>

#include "lensfind/image/image.h"

namespace lensfind::image {

/// The cutouts of an .npz file, in memory.
struct NpzCutouts {
  std::vector<Image> images;
  bool stack = false;  ///< they came as one 4-D array
};

/// Cutouts from a .npz file (numpy.savez and savez_compressed), converted as read_npy() does. It holds
/// - a 2-D array a band under the names `bands`, or
/// - one array that is a cutout (2-D or 3-D) or a stack (4-D), in C or Fortran order.
/// What stands beside it and is no picture (numbers, labels, ids, texts) is passed over. Of several pictures the one is taken that is
/// called image, img, cutout, stamp, data, pixels or x, or the plural of one of these, in any case of letters; else the only one of most
/// dimensions. UnpackBudget bounds the file, what it unpacks to and the pixels together. The CRC-32 of what is read is checked. Throws
/// Error, also where several arrays may be the picture.
NpzCutouts read_npz(const std::filesystem::path& path, const std::vector<std::string>& bands = {});
NpzCutouts parse_npz(std::span<const std::byte> bytes, const std::string& origin, const std::vector<std::string>& bands = {});

/// What read_npz() would give, from the headers alone: how many cutouts of which shape.
struct NpzOutline {
  ImageShape shape;
  std::int64_t count = 0;
  bool stack = false;
};
NpzOutline read_npz_outline(const std::filesystem::path& path, const std::vector<std::string>& bands = {});
NpzOutline parse_npz_outline(std::span<const std::byte> bytes, const std::string& origin, const std::vector<std::string>& bands = {});

}  // namespace lensfind::image
