#include "lensfind/dataset/pixel_store.h"

#include <algorithm>
#include <utility>

#include <fmt/format.h>

#include "lensfind/base/error.h"
#include "lensfind/cutouts/npz_sources.h"
#include "lensfind/image/scaling.h"

namespace lensfind::dataset {

namespace {

std::shared_ptr<const cutouts::Source> source_of(const PixelSource& source, const cutouts::PixelRules& rules) {
  return source.source ? source.source
                       : cutouts::file_source(source.path, cutouts::kind_of_file(source.path), rules.bands, rules.mask_planes);
}

}  // namespace

image::ImageShape read_pixels(const PixelSource& source, const cutouts::PixelRules& rules, image::MutableImageView out,
                              cutouts::Fitting* fitting) {
  const std::shared_ptr<const cutouts::Source> pixels = source_of(source, rules);
  if (cutouts::takes_as_they_are(rules, out.shape) && pixels->read_into(source.index, out)) return out.shape;
  cutouts::Cutout cutout = pixels->read(source.index);
  const image::ImageShape shape = cutout.image.shape();
  if (shape.height < out.shape.height || shape.width < out.shape.width) cutouts::fit_pixels(cutout.image.view(), out);  // which says so
  cutouts::Fitting done = cutouts::apply_rules(std::move(cutout), rules, pixels->may_miss_pixels(), out);
  if (fitting) *fitting = std::move(done);
  return shape;
}

image::ImageShape read_shape(const PixelSource& source) { return source_of(source, {})->shape(source.index); }

PixelStore::PixelStore(image::ImageShape shape, std::vector<float> pixels) : shape_{shape} {
  if (shape.values() == 0 || pixels.size() % shape.values() != 0) {
    throw Error{fmt::format("{} values are no whole number of cutouts", pixels.size()), "give (n, bands, height, width)"};
  }
  size_ = static_cast<std::int64_t>(pixels.size() / shape.values());
  const auto owner = std::make_shared<const std::vector<float>>(std::move(pixels));
  pixels_ = {owner, owner->data()};
}

PixelStore::PixelStore(image::ImageShape shape, std::int64_t size, std::shared_ptr<const float[]> pixels)
    : shape_{shape}, size_{size}, pixels_{std::move(pixels)} {}

PixelStore::PixelStore(image::ImageShape shape, std::vector<PixelSource> sources, cutouts::PixelRules rules)
    : shape_{shape},
      size_{static_cast<std::int64_t>(sources.size())},
      sources_{std::make_shared<const std::vector<PixelSource>>(std::move(sources))},
      rules_{std::move(rules)} {}

PixelStore::PixelStore(image::ImageShape shape, std::int64_t size, Maker maker) : shape_{shape}, size_{size}, maker_{std::move(maker)} {}

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

void PixelStore::read(std::int64_t index, std::span<float> out, int round, std::span<float> seeing) const {
  if (index < 0 || index >= size())
    throw Error{fmt::format("sample {} was asked for, there are {}", index, size()), "samples are counted from 0"};
  if (index >= size_) return more_->read(index - size_, out, round, seeing);
  if (maker_) return maker_(index, round, out.first(shape_.values()), seeing);
  if (sources_ == nullptr) {
    std::copy_n(pixels_.get() + static_cast<std::size_t>(index) * shape_.values(), shape_.values(), out.data());
    return;
  }
  const PixelSource& source = (*sources_)[static_cast<std::size_t>(index)];
  try {
    read_pixels(source, rules_, {shape_, out.data()});
  } catch (const Error& error) {
    const std::string name = source.path.string() + ": ";
    throw Error{std::string{error.what()}.starts_with(name) ? error.what() : name + error.what(),
                "the file has changed since the set was loaded; begin again"};
  }
}

}  // namespace lensfind::dataset
