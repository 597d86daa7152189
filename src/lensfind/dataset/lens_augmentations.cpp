#include "lensfind/dataset/lens_augmentations.h"

#include <algorithm>
#include <cmath>
#include <numbers>
#include <span>

#include <fmt/format.h>

#include "lensfind/base/error.h"
#include "lensfind/image/blur.h"
#include "lensfind/network/preprocess.h"

namespace lensfind::dataset {
namespace {

float scatter_of(image::ImageView image, int band) {
  return network::pixel_scatter(image.band(band), image.shape.height, image.shape.width);
}

/// Indices within a band of the pixels whose distance d from the centre is above `inner` and up to `outer`; from the first row on.
std::vector<std::size_t> pixels_between(double inner, double outer, const image::ImageShape& shape) {
  std::vector<std::size_t> found;
  for (int row = 0; row < shape.height; ++row) {
    for (int column = 0; column < shape.width; ++column) {
      const double distance = std::hypot(row - (shape.height - 1) / 2.0, column - (shape.width - 1) / 2.0);
      if (distance > inner && distance <= outer)
        found.push_back(static_cast<std::size_t>(row) * static_cast<std::size_t>(shape.width) + static_cast<std::size_t>(column));
    }
  }
  return found;
}

/// What surrounds a core.
std::vector<std::size_t> ring_about(double radius, image::ImageShape shape) {
  return pixels_between(radius, std::numbers::sqrt2 * radius + 1, shape);
}

float median_of(std::span<const float> band, std::span<const std::size_t> pixels) {
  std::vector<float> values;
  for (const std::size_t pixel : pixels) values.push_back(band[pixel]);
  const auto middle = values.begin() + static_cast<std::ptrdiff_t>(values.size() / 2);
  std::ranges::nth_element(values, middle);
  return *middle;
}

}  // namespace

void check_core(double radius, image::ImageShape shape) {
  if (!ring_about(radius, shape).empty()) return;
  throw Error{fmt::format("augmentation core_erasing: a core of a radius of {:.1f} pixels fills an image of {} x {}", radius, shape.height,
                          shape.width),
              "give it a smaller range; 1.5 to 4 pixels are usual"};
}

void check_cores(const std::vector<AugmentationStep>& steps, image::ImageShape shape) {
  for (const AugmentationStep& step : steps) {
    check_cores(step.one_of, shape);
    if (step.name != "core_erasing") continue;
    const AugmentationKind& kind = *std::ranges::find(augmentation_kinds(), step.name, &AugmentationKind::name);
    check_core(step.range.empty() ? kind.default_range.back() : step.range.back(), shape);
  }
}

void erase_core(image::MutableImageView image, double radius, RandomStream& random) {
  check_core(radius, image.shape);
  const std::vector<std::size_t> core = pixels_between(-1, radius, image.shape), ring = ring_about(radius, image.shape);
  for (int b = 0; b < image.shape.bands; ++b) {
    const std::span<float> band = image.band(b);
    const float scatter = scatter_of(image, b), level = median_of(band, ring);
    for (const std::size_t pixel : core) band[pixel] = level + scatter * static_cast<float>(random.normal());
  }
}

void mismatch_psf(image::MutableImageView image, double max_sigma, RandomStream& random) {
  const image::ImageShape one_band{1, image.shape.height, image.shape.width};
  for (int b = 0; b < image.shape.bands; ++b) image::discrete_gaussian_blur({one_band, image.band(b).data()}, random.uniform(0, max_sigma));
}

void inject_noise(image::MutableImageView image, double max_scatters, RandomStream& random) {
  for (int b = 0; b < image.shape.bands; ++b) {
    const double std_dev = random.uniform(0, max_scatters) * scatter_of(image, b);
    for (float& value : image.band(b)) value += static_cast<float>(random.normal(0, std_dev));
  }
}

void paste_annulus(image::ImageView other, double inner, double outer, image::MutableImageView image) {
  const std::vector<std::size_t> annulus = pixels_between(inner, outer, image.shape);
  for (int b = 0; b < image.shape.bands; ++b) {
    const std::span<const float> from = other.band(b);
    const std::span<float> to = image.band(b);
    for (const std::size_t pixel : annulus) to[pixel] = from[pixel];
  }
}

}  // namespace lensfind::dataset
