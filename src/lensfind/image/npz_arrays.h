#pragma once

#include <map>
#include <string>
#include <vector>

#include "lensfind/base/zip_archive.h"
#include "lensfind/image/npy.h"
#include "lensfind/image/npz.h"

namespace lensfind::image {

/// An array of an .npz file.
struct NpzArray {
  std::string name;  ///< without .npy
  const ZipFile* file = nullptr;
  NpyHeader header;
  bool is_band = false;  ///< found by a band's name
};

/// The arrays that a file's cutouts are made of, as read_npz() says: one, or one a band in the order of `bands`. They point into `files`.
/// Throws Error where none may be a cutout, or several may.
std::vector<NpzArray> choose_arrays(const std::map<std::string, ZipFile>& files, const std::string& origin,
                                    const std::vector<std::string>& bands);

/// Whether these arrays are one a band.
bool is_in_bands(const std::vector<NpzArray>& arrays);

/// What an array by itself holds. Throws Error where it is no cutout and no stack.
NpzOutline outline_of(const NpzArray& array, const std::string& origin);

/// The shape of the cutout whose bands these are. Throws Error where one is not 2-D or they differ in size.
ImageShape shape_of_bands(const std::vector<NpzArray>& arrays, const std::string& origin);

}  // namespace lensfind::image
