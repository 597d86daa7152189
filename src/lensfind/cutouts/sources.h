#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "lensfind/cutouts/file_kind.h"
#include "lensfind/cutouts/pixel_rules.h"
#include "lensfind/image/image.h"
#include "lensfind/sky/position.h"

namespace lensfind::cutouts {

/// Something that pixels are read from: a file, a stack, a field.
class Source {
 public:
  virtual ~Source() = default;
  /// A cutout in its own size, float32. From any thread. Throws Error where it cannot be read.
  [[nodiscard]] virtual Cutout read(std::int64_t index) const = 0;
  /// Bands, height and width of a cutout in its own size, without its pixels where that is quicker. Throws Error.
  [[nodiscard]] virtual image::ImageShape shape(std::int64_t index) const { return read(index).image.shape(); }
  /// Reads a cutout straight into `out`, without memory of its own. False where it has another shape or cannot be read so.
  virtual bool read_into(std::int64_t, image::MutableImageView) const { return false; }
  /// A cutout's pixels as a network takes them, all finite: apply_rules() of read(), without memory of its own where they need little
  /// change. Throws Error where it cannot be read or does not fit.
  virtual Fitting read_by(const PixelRules& rules, std::int64_t index, image::MutableImageView wanted) const;
  /// Has the system fetch a cutout, so that read() need not wait for the disk. Returns at once.
  virtual void prefetch(std::int64_t) const {}
  /// Where a cutout's middle lies, in ICRS, as its header says. Nothing where it says nothing.
  [[nodiscard]] virtual std::optional<sky::Position> position(std::int64_t) const { return {}; }
  /// Whether NaN says that there is no pixel, as in FITS. Elsewhere it is a fault.
  [[nodiscard]] virtual bool may_miss_pixels() const { return true; }
  /// Whether it keeps a file open as long as it lives.
  [[nodiscard]] virtual bool keeps_open() const { return false; }
  /// Whether the bands were told apart by the names of files or arrays.
  [[nodiscard]] virtual bool names_bands() const { return false; }
};

/// One cutout: an .npy file, or a FITS file with a cube or an HDU a band, masked by `mask_planes`.
std::shared_ptr<const Source> cutout_source(const std::filesystem::path& path, FileKind kind, const std::vector<std::string>& mask_planes);

/// One cutout whose bands are 2-D FITS files of the same size.
std::shared_ptr<const Source> band_files_source(std::vector<std::filesystem::path> bands, const std::vector<std::string>& mask_planes);

/// The images of an .npy stack. Throws Error where it is damaged.
struct StackSource {
  std::shared_ptr<const Source> source;
  std::int64_t count = 0;
  bool stack = true;  ///< false: one cutout
};
StackSource stack_source(const std::filesystem::path& path);

/// What cannot be read, and why.
std::shared_ptr<const Source> unreadable_source(std::string reason, std::string hint);

}  // namespace lensfind::cutouts
