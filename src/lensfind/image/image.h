#pragma once

#include <cstddef>
#include <span>
#include <utility>
#include <vector>

namespace lensfind::image {

/// Bands, height and width of a cutout, in pixels.
struct ImageShape {
  int bands = 0;
  int height = 0;
  int width = 0;

  [[nodiscard]] std::size_t pixels() const { return static_cast<std::size_t>(height) * static_cast<std::size_t>(width); }
  [[nodiscard]] std::size_t values() const { return static_cast<std::size_t>(bands) * pixels(); }
  bool operator==(const ImageShape&) const = default;
};

/// Borrowed pixels: float32, (bands, height, width), row-major, row 0 first, as numpy holds them.
template <typename Pixel>
struct BasicImageView {
  ImageShape shape;
  Pixel* data = nullptr;

  [[nodiscard]] std::span<Pixel> values() const { return {data, shape.values()}; }
  /// (height, width) of one band.
  [[nodiscard]] std::span<Pixel> band(int b) const { return {data + static_cast<std::size_t>(b) * shape.pixels(), shape.pixels()}; }
  [[nodiscard]] Pixel& at(int b, int row, int column) const {
    return data[(static_cast<std::size_t>(b) * static_cast<std::size_t>(shape.height) + static_cast<std::size_t>(row)) *
                    static_cast<std::size_t>(shape.width) +
                static_cast<std::size_t>(column)];
  }
  operator BasicImageView<const Pixel>() const { return {shape, data}; }
};

/// Borrowed pixels to read, and borrowed pixels to change.
using ImageView = BasicImageView<const float>;
using MutableImageView = BasicImageView<float>;

/// Pixels of a cutout in all its bands: float32, (bands, height, width), row-major, row 0 first; owning.
class Image {
 public:
  Image() = default;
  explicit Image(ImageShape shape, float value = 0) : shape_{shape}, pixels_(shape.values(), value) {}
  Image(ImageShape shape, std::vector<float> pixels) : shape_{shape}, pixels_{std::move(pixels)} {}
  explicit Image(ImageView view) : shape_{view.shape}, pixels_{view.values().begin(), view.values().end()} {}

  [[nodiscard]] const ImageShape& shape() const { return shape_; }
  [[nodiscard]] ImageView view() const { return {shape_, pixels_.data()}; }
  [[nodiscard]] MutableImageView view() { return {shape_, pixels_.data()}; }
  [[nodiscard]] std::span<const float> values() const { return pixels_; }
  [[nodiscard]] std::span<float> values() { return pixels_; }
  [[nodiscard]] std::span<const float> band(int b) const { return view().band(b); }
  [[nodiscard]] std::span<float> band(int b) { return view().band(b); }
  [[nodiscard]] float& at(int b, int row, int column) { return view().at(b, row, column); }
  [[nodiscard]] float at(int b, int row, int column) const { return view().at(b, row, column); }

 private:
  ImageShape shape_;
  std::vector<float> pixels_;
};

}  // namespace lensfind::image
