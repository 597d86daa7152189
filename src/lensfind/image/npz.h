#pragma once

#include <cstddef>
#include <filesystem>
#include <span>
#include <string>
#include <vector>

#include "lensfind/image/image.h"

namespace lensfind {

/// The cutouts of an .npz file, in memory.
struct NpzCutouts {
  std::vector<Image> images;
  bool stack = false;  ///< they came as one 4-D array
};

/// Cutouts from a .npz file (numpy.savez and savez_compressed), converted as read_npy() does: one array that is a cutout (2-D or 3-D) or a
/// stack (4-D, C order), or a 2-D array a band under the names `bands`. At most 2^27 values, since they are unpacked in memory. Throws
/// Error.
NpzCutouts read_npz(const std::filesystem::path& path, const std::vector<std::string>& bands = {});
NpzCutouts parse_npz(std::span<const std::byte> bytes, const std::string& origin, const std::vector<std::string>& bands = {});

}  // namespace lensfind
