#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
#include <vector>

#include "lensfind/image/image.h"

namespace lensfind::score {

/// Something that pixels are read from: a file, a stack, a field.
class Source {
 public:
  virtual ~Source() = default;
  /// A cutout in its own size, float32. From any thread. Throws Error where it cannot be read.
  [[nodiscard]] virtual Image read(std::int64_t index) const = 0;
  /// The same straight into `out`, without memory of its own; false where it has another shape or cannot be read so.
  virtual bool read_into(std::int64_t, MutableImageView) const { return false; }
  /// Whether NaN says that there is no pixel, as in FITS; elsewhere it is a fault.
  [[nodiscard]] virtual bool may_miss_pixels() const { return true; }
};

/// One cutout: an .npy file, or a FITS file with a cube or an HDU a band.
std::shared_ptr<const Source> cutout_source(const std::filesystem::path& path);

/// One cutout whose bands are 2-D FITS files of the same size.
std::shared_ptr<const Source> band_files_source(std::vector<std::filesystem::path> bands);

/// An .npy stack. Throws Error where it is damaged.
struct StackSource {
  std::shared_ptr<const Source> source;
  std::int64_t count = 0;
};
StackSource stack_source(const std::filesystem::path& path);

/// Gives NaN pixels of each band the median of the others. Returns the largest share of such pixels in a band.
double fill_missing(MutableImageView image);

}  // namespace lensfind::score
