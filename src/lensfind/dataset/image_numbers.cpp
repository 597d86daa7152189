#include "lensfind/dataset/image_numbers.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <numbers>

#include <fmt/format.h>

namespace lensfind::dataset {
namespace {

constexpr std::array ring_edges{0.0, 1.5, 3.0, 5.0, 8.0, 12.0, 17.0, 24.0};
constexpr std::size_t number_rings = ring_edges.size() - 1;
constexpr double core_pixels = 3, far_pixels = 12, outer_of_width = .36, turned_pixels = 20;
constexpr std::array number_lags{1, 2, 4, 8};

double quantile_of(std::vector<double>& values, double fraction) {
  if (values.empty()) return 0;
  const auto at = values.begin() + static_cast<std::ptrdiff_t>(fraction * static_cast<double>(values.size() - 1));
  std::nth_element(values.begin(), at, values.end());
  return *at;
}

/// A cutout with the distance of each of its pixels from the centre.
class Measured {
 public:
  explicit Measured(image::ImageView image) : image_{image} {
    const double row_centre = .5 * (image.shape.height - 1), column_centre = .5 * (image.shape.width - 1);
    for (int row = 0; row < image.shape.height; ++row)
      for (int column = 0; column < image.shape.width; ++column) radius_.push_back(std::hypot(row - row_centre, column - column_centre));
    outer_ = outer_of_width * image.shape.width;
    for (int b = 0; b < image.shape.bands; ++b) noise_.push_back(scatter(b, 2) * 1.4826 / std::numbers::sqrt2 + smallest(b));
  }

  [[nodiscard]] double noise(int band) const { return noise_[static_cast<std::size_t>(band)]; }
  /// A thousandth of what 8 bits resolve: keeps logarithms finite where pixels are alike.
  [[nodiscard]] double smallest(int band) const {
    const auto [min, max] = std::ranges::minmax(image_.band(band));
    return 1e-6 * std::max(static_cast<double>(max) - static_cast<double>(min), 1e-30);
  }
  /// Median difference of outer pixels `lag` columns apart.
  [[nodiscard]] double scatter(int band, int lag) const {
    std::vector<double> differences;
    for (int row = 0; row < image_.shape.height; ++row) {
      for (int column = lag; column < image_.shape.width; ++column) {
        if (radius(row, column) > outer_)
          differences.push_back(
              std::abs(static_cast<double>(image_.at(band, row, column)) - static_cast<double>(image_.at(band, row, column - lag))));
      }
    }
    return quantile_of(differences, .5);
  }
  [[nodiscard]] std::vector<double> pixels(int band, auto&& wanted) const {
    std::vector<double> out;
    const auto values = image_.band(band);
    for (std::size_t i = 0; i < values.size(); ++i)
      if (wanted(radius_[i])) out.push_back(static_cast<double>(values[i]));
    return out;
  }
  [[nodiscard]] std::vector<double> outer(int band) const {
    return pixels(band, [&](double r) { return r > outer_; });
  }
  [[nodiscard]] double mean_of_ring(int band, std::size_t ring) const {
    double sum = 0;
    const std::vector<double> values = pixels(band, [&](double r) { return r >= ring_edges[ring] && r < ring_edges[ring + 1]; });
    for (const double value : values) sum += value;
    return values.empty() ? 0 : sum / static_cast<double>(values.size());
  }
  [[nodiscard]] double max_within(int band, double reach) const {
    double max = -1e300;
    for (const double value : pixels(band, [&](double r) { return r < reach; })) max = std::max(max, value);
    return max;
  }
  [[nodiscard]] double fraction_at_lowest(int band) const {
    const auto values = image_.band(band);
    const float lowest = *std::ranges::min_element(values);
    return static_cast<double>(std::ranges::count(values, lowest)) / static_cast<double>(values.size());
  }
  /// Radius in pixels of half of the light above `sky` within 16 pixels.
  [[nodiscard]] double half_light_radius(int band, double sky) const {
    constexpr int steps = 32;
    std::array<double, steps> inside{};
    const auto values = image_.band(band);
    for (std::size_t i = 0; i < values.size(); ++i) {
      const auto first = static_cast<std::size_t>(2 * radius_[i]);  // within .5 (k + 1) pixels from this k on
      for (std::size_t k = first; k < steps; ++k) inside[k] += static_cast<double>(values[i]) - sky;
    }
    if (!(inside.back() > 0)) return 16;
    for (std::size_t k = 1; k < steps; ++k)
      if (inside[k] >= .5 * inside.back())
        return .5 * (static_cast<double>(k) + (.5 * inside.back() - inside[k - 1]) / (inside[k] - inside[k - 1]));
    return .5;
  }
  /// Sum of |image - image turned by half| over that of |image|, within 20 pixels.
  [[nodiscard]] double asymmetry(int band) const {
    double difference = 0, all = smallest(band);
    const auto values = image_.band(band);
    for (std::size_t i = 0; i < values.size(); ++i) {
      if (radius_[i] >= turned_pixels) continue;
      const double value = static_cast<double>(values[i]), turned = static_cast<double>(values[values.size() - 1 - i]);
      difference += std::abs(value - turned);
      all += std::abs(value);
    }
    return difference / all;
  }
  [[nodiscard]] double bright_far_out(int band) const {
    double count = 0;
    for (const double value : pixels(band, [](double r) { return r > far_pixels; })) count += value > 5 * noise(band) ? 1 : 0;
    return count;
  }

 private:
  [[nodiscard]] double radius(int row, int column) const { return radius_[static_cast<std::size_t>(row * image_.shape.width + column)]; }

  image::ImageView image_;
  std::vector<double> radius_, noise_;
  double outer_ = 0;
};

void add_band(const Measured& image, int band, const std::string& in, std::vector<ImageNumber>& out) {
  const double noise = image.noise(band), smallest = image.smallest(band);
  out.push_back({"noise in " + in, std::log(noise), true});
  for (std::size_t k = 0; k + 1 < number_lags.size(); ++k) {
    out.push_back({fmt::format("differences {} pixels apart over those {} apart in {}", number_lags[k], number_lags[k + 1], in),
                   std::log((image.scatter(band, number_lags[k]) + smallest) / (image.scatter(band, number_lags[k + 1]) + smallest)),
                   true});
  }
  out.push_back({"fraction of pixels at the lowest value in " + in, image.fraction_at_lowest(band)});
  std::vector<double> outer = image.outer(band);
  for (const double fraction : {.25, .5, .75, .9, .99}) {
    out.push_back({fmt::format("outer pixels' {:.0f}% over the noise in {} (asinh)", 100 * fraction, in),
                   std::asinh(quantile_of(outer, fraction) / noise)});
  }
  const double sky = quantile_of(outer, .5);
  out.push_back({"brightest pixel of the core in " + in, std::log(std::max(image.max_within(band, core_pixels), noise)), true});
  out.push_back({"brightest pixel in " + in, std::log(std::max(image.max_within(band, 1e9), noise)), true});
  out.push_back({"half-light radius in pixels in " + in, std::log(image.half_light_radius(band, sky)), true});
  out.push_back({"asymmetry in " + in, image.asymmetry(band)});
}

}  // namespace

std::vector<ImageNumber> image_numbers(image::ImageView view, const std::vector<std::string>& bands) {
  const Measured image{view};
  const auto name = [&](int band) {
    const auto b = static_cast<std::size_t>(band);
    return b < bands.size() ? bands[b] : fmt::format("band {}", band + 1);
  };
  const auto above_noise = [&](int band, std::size_t ring) { return std::max(image.mean_of_ring(band, ring), .5 * image.noise(band)); };
  const auto place = [](std::size_t ring) { return fmt::format("at {:g} to {:g} pixels", ring_edges[ring], ring_edges[ring + 1]); };
  std::vector<ImageNumber> out;
  for (int band = 0; band < view.shape.bands; ++band) add_band(image, band, name(band), out);
  for (int band = 0; band + 1 < view.shape.bands; ++band) {
    for (std::size_t ring = 0; ring < number_rings; ++ring) {
      out.push_back({fmt::format("{} over {} {}", name(band), name(band + 1), place(ring)),
                     std::log(above_noise(band, ring) / above_noise(band + 1, ring)), true});
    }
  }
  const int last = view.shape.bands - 1;
  for (std::size_t ring = 1; ring < number_rings; ++ring) {
    out.push_back(
        {fmt::format("{} {} over the core", name(last), place(ring)), std::log(above_noise(last, ring) / above_noise(last, 0)), true});
  }
  out.push_back({"bright pixels further out than 12 in " + name(last), std::log1p(image.bright_far_out(last))});
  return out;
}

}  // namespace lensfind::dataset
