#pragma once

#include <filesystem>
#include <memory>
#include <mutex>
#include <span>
#include <string>
#include <vector>

#include <fitsio.h>

#include "lensfind/image/fits.h"
#include "lensfind/image/fits_checks.h"

namespace lensfind::image {

/// Limits of what is read as a cutout.
constexpr int max_fits_bands = 64;
constexpr int max_fits_side = 65536;
constexpr int max_fits_axes = 9;  ///< of any HDU; the standard knows up to 999

/// Locks CFITSIO where it was built without --enable-reentrant: then only one thread at a time may use it.
std::unique_lock<std::mutex> lock_cfitsio();

/// Throws Error with CFITSIO's words where `status` is not 0; `about` says what it was about.
void check_fits(int status, const std::string& about);

/// Closes a file when its FitsFile goes.
struct CloseFits {
  void operator()(fitsfile* file) const {
    int status = 0;
    fits_close_file(file, &status);
  }
};
using FitsFile = std::unique_ptr<fitsfile, CloseFits>;

/// Opens a file under its plain name; no brackets, pipes or addresses are read in it. Throws Error, also as check_before_cfitsio().
FitsFile open_fits(const std::filesystem::path& path, FitsUse use = FitsUse::pixels);

/// The HDUs (counted from 1) that make up a cutout, and its shape.
struct Planes {
  std::vector<int> hdus;   ///< one with a cube, or one a band
  std::vector<int> masks;  ///< the mask of each of `hdus`; 0: it has none
  ImageShape shape;
  std::vector<std::string> left_out;  ///< the other images' names
};

/// Size of the image in the current HDU; no bands where it is a table or empty. Axes of length 1 beyond the second do not count, and 2-D
/// images have one band. Throws Error for other dimensions, and for more pixels than the file can hold.
ImageShape shape_of_hdu(fitsfile* file, const std::filesystem::path& path);

/// Pixels of one HDU as float32, blank ones NaN, asinh counts (BSOFTEN) made linear. Throws Error.
void read_hdu(fitsfile* file, int hdu, std::span<float> into, const std::filesystem::path& path);

/// The planes of a cutout. Throws Error where the file holds none (read_fits() says what is one).
Planes find_planes(fitsfile* file, const std::filesystem::path& path);

/// read_fits_cutout() of any file that CFITSIO reads.
FitsCutout read_with_cfitsio(const std::filesystem::path& path, const std::vector<std::string>& mask_planes);

}  // namespace lensfind::image
