#pragma once

#include <algorithm>
#include <span>

#include "lensfind/cutouts/sources.h"

namespace lensfind::python {

/// Cutouts of an array in memory, which must outlive it.
class ArraySource final : public cutouts::Source {
 public:
  /// `may_miss`: NaN says that there is no pixel; else it is a fault, as in .npy files.
  ArraySource(std::span<const float> pixels, image::ImageShape shape, image::PixelFacts facts, bool may_miss)
      : pixels_{pixels}, shape_{shape}, facts_{std::move(facts)}, may_miss_{may_miss} {}

  [[nodiscard]] cutouts::Cutout read(std::int64_t index) const override { return {image::Image{view(index)}, facts_}; }
  [[nodiscard]] image::ImageShape shape(std::int64_t) const override { return shape_; }
  bool read_into(std::int64_t index, image::MutableImageView out) const override {
    const bool plain = facts_.filters.empty() && facts_.zero_points.empty() && !facts_.pixel_scale_arcsec;
    if (!plain || out.shape != shape_) return false;
    std::ranges::copy(view(index).values(), out.data);
    return true;
  }
  [[nodiscard]] bool may_miss_pixels() const override { return may_miss_; }

 private:
  [[nodiscard]] image::ImageView view(std::int64_t index) const {
    return {shape_, pixels_.data() + static_cast<std::size_t>(index) * shape_.values()};
  }

  std::span<const float> pixels_;
  image::ImageShape shape_;
  image::PixelFacts facts_;
  bool may_miss_;
};

}  // namespace lensfind::python
