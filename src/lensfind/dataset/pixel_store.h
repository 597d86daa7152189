#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>
#include <span>
#include <vector>

#include "lensfind/cutouts/pixel_rules.h"
#include "lensfind/cutouts/sources.h"
#include "lensfind/image/image.h"

namespace lensfind::dataset {

/// Where one cutout's pixels are: in a .npy, .npz or FITS file, or at an index of a source that several samples are read from.
struct PixelSource {
  std::filesystem::path path;
  std::shared_ptr<const cutouts::Source> source;  ///< null: `path` is one .npy or FITS cutout
  std::int64_t index = -1;                        ///< in the source
};

/// Reads a cutout into `out`, cut at its centre where it is larger. Bands go by the names in `rules`, and missing pixels are filled
/// (pixel_rules.h). Returns the shape that the cutout had, and in `fitting` what was done to it. Throws Error, also (without a file's name)
/// where it is smaller or has other bands.
image::ImageShape read_pixels(const PixelSource& source, const cutouts::PixelRules& rules, image::MutableImageView out,
                              cutouts::Fitting* fitting = nullptr);
/// A cutout's bands, height and width in its file. Throws Error.
image::ImageShape read_shape(const PixelSource& source);

/// The raw pixels of all samples of a dataset, all of one shape. They are in memory, are read from their files each time they are asked
/// for, or are made then. Copies share the pixels.
class PixelStore {
 public:
  /// Makes the pixels of a sample, anew for each round (>= 0), into shape.values() values, and its seeing (FWHM in arcsec a band) where
  /// that is not empty. Called from any thread.
  using Maker = std::function<void(std::int64_t index, int round, std::span<float> out, std::span<float> seeing)>;

  PixelStore() = default;
  /// In memory: `pixels` is (n, bands, height, width).
  PixelStore(image::ImageShape shape, std::vector<float> pixels);
  PixelStore(image::ImageShape shape, std::int64_t size, std::shared_ptr<const float[]> pixels);
  /// From files, read by `rules` each time.
  PixelStore(image::ImageShape shape, std::vector<PixelSource> sources, cutouts::PixelRules rules = {});
  /// Made when they are asked for.
  PixelStore(image::ImageShape shape, std::int64_t size, Maker maker);

  /// Adds further samples behind these. Throws Error where their shape differs.
  void append(PixelStore more);

  [[nodiscard]] std::int64_t size() const { return size_ + (more_ ? more_->size() : 0); }
  [[nodiscard]] const image::ImageShape& shape() const { return shape_; }
  [[nodiscard]] bool in_memory() const { return sources_ == nullptr && !maker_; }

  /// Copies the pixels of sample `index` to `out`, which is shape().values() long. Where they are made, those of this round; other samples
  /// are the same in every round. From any thread. Throws Error where a file has changed or gone.
  /// `seeing`, a value a band or empty, is written where the pixels are made.
  void read(std::int64_t index, std::span<float> out, int round = 0, std::span<float> seeing = {}) const;

 private:
  image::ImageShape shape_;
  std::int64_t size_ = 0;  ///< how many, without those of more_
  std::shared_ptr<const float[]> pixels_;
  std::shared_ptr<const std::vector<PixelSource>> sources_;
  cutouts::PixelRules rules_;  ///< of the sources
  Maker maker_;
  std::shared_ptr<const PixelStore> more_;  ///< what was appended
};

}  // namespace lensfind::dataset
