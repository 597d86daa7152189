#include "lensfind/dataset/pixel_store.h"

#include <algorithm>
#include <utility>

#include <fmt/format.h>

#include "lensfind/base/error.h"
#include "lensfind/image/fits.h"
#include "lensfind/image/scaling.h"

namespace lensfind {

Image read_pixels(const PixelSource& source) {
  if (source.stack == nullptr) return is_fits_name(source.path) ? read_fits(source.path) : read_npy(source.path);
  Image image{source.stack->shape()};
  source.stack->read(source.index, image.values());
  return image;
}

ImageShape read_shape(const PixelSource& source) {
  if (source.stack != nullptr) return source.stack->shape();
  if (is_fits_name(source.path)) return read_fits_shape(source.path);
  const NpyHeader header = read_npy_header(source.path);
  return npy_cutout_shape(header, source.path.string());
}

void fit_pixels(ImageView image, MutableImageView out) {
  const ImageShape from = image.shape;
  const ImageShape to = out.shape;
  const auto text = [](const ImageShape& shape) { return fmt::format("({}, {}, {})", shape.bands, shape.height, shape.width); };
  if (from.bands != to.bands) {
    throw Error{fmt::format("has {} {}, {} wanted", from.bands, from.bands == 1 ? "band" : "bands", to.bands),
                "give cutouts in the bands of the set"};
  }
  if (from.height < to.height || from.width < to.width) {
    throw Error{fmt::format("is {}, smaller than the {} wanted", text(from), text(to)), "make larger cutouts"};
  }
  if (from == to) {
    std::ranges::copy(image.values(), out.data);
  } else {
    centre_crop(image, out);
  }
}

PixelStore::PixelStore(ImageShape shape, std::vector<float> pixels) : shape_{shape} {
  if (shape.values() == 0 || pixels.size() % shape.values() != 0) {
    throw Error{fmt::format("{} values are no whole number of cutouts", pixels.size()), "give (n, bands, height, width)"};
  }
  size_ = static_cast<std::int64_t>(pixels.size() / shape.values());
  const auto owner = std::make_shared<const std::vector<float>>(std::move(pixels));
  pixels_ = {owner, owner->data()};
}

PixelStore::PixelStore(ImageShape shape, std::int64_t size, std::shared_ptr<const float[]> pixels)
    : shape_{shape}, size_{size}, pixels_{std::move(pixels)} {}

PixelStore::PixelStore(ImageShape shape, std::vector<PixelSource> sources)
    : shape_{shape},
      size_{static_cast<std::int64_t>(sources.size())},
      sources_{std::make_shared<const std::vector<PixelSource>>(std::move(sources))} {}

void PixelStore::append(PixelStore more) {
  if (more.shape_ != shape_) throw Error{"cutouts of another shape cannot be put behind these", "cut them to the same size first"};
  if (more_) {
    PixelStore both = *more_;
    both.append(std::move(more));
    more_ = std::make_shared<const PixelStore>(std::move(both));
  } else {
    more_ = std::make_shared<const PixelStore>(std::move(more));
  }
}

void PixelStore::read(std::int64_t index, std::span<float> out) const {
  if (index < 0 || index >= size())
    throw Error{fmt::format("sample {} was asked for, there are {}", index, size()), "samples are counted from 0"};
  if (index >= size_) return more_->read(index - size_, out);
  if (sources_ == nullptr) {
    std::copy_n(pixels_.get() + static_cast<std::size_t>(index) * shape_.values(), shape_.values(), out.data());
    return;
  }
  const PixelSource& source = (*sources_)[static_cast<std::size_t>(index)];
  const Image image = read_pixels(source);
  try {
    fit_pixels(image.view(), {shape_, out.data()});
  } catch (const Error& error) {
    throw Error{fmt::format("{}: {}", source.path.string(), error.what()), "the file has changed since the set was loaded; begin again"};
  }
}

}  // namespace lensfind
