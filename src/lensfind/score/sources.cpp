#include "lensfind/score/sources.h"

#include <algorithm>
#include <cmath>

#include <fmt/format.h>

#include "lensfind/base/error.h"
#include "lensfind/image/fits.h"
#include "lensfind/image/npy.h"

namespace lensfind::score {
namespace {

namespace fs = std::filesystem;

class CutoutFile final : public Source {
 public:
  explicit CutoutFile(fs::path path) : path_{std::move(path)} {}
  Image read(std::int64_t) const override { return is_fits_name(path_) ? read_fits(path_) : read_npy(path_); }
  bool read_into(std::int64_t, MutableImageView out) const override { return !is_fits_name(path_) && read_npy(path_, out); }
  bool may_miss_pixels() const override { return is_fits_name(path_); }

 private:
  fs::path path_;
};

class BandFiles final : public Source {
 public:
  explicit BandFiles(std::vector<fs::path> bands) : bands_{std::move(bands)} {}
  Image read(std::int64_t) const override {
    Image image;
    for (std::size_t b = 0; b < bands_.size(); ++b) {
      const Image band = read_fits(bands_[b]);
      ImageShape shape = band.shape();
      if (shape.bands != 1)
        throw Error{fmt::format("{} holds {} bands, not one", bands_[b].filename().string(), shape.bands), "give a 2-D image a band"};
      shape.bands = static_cast<int>(bands_.size());
      if (b == 0) image = Image{shape};
      if (shape != image.shape()) {
        throw Error{fmt::format("{} is {} x {} pixels, the first band {} x {}", bands_[b].filename().string(), shape.width, shape.height,
                                image.shape().width, image.shape().height),
                    "bring the bands to one pixel grid"};
      }
      std::ranges::copy(band.values(), image.band(static_cast<int>(b)).begin());
    }
    return image;
  }

 private:
  std::vector<fs::path> bands_;
};

class StackFile final : public Source {
 public:
  explicit StackFile(const fs::path& path) : stack_{path} {}
  std::int64_t size() const { return stack_.size(); }
  Image read(std::int64_t index) const override {
    Image image{stack_.shape()};
    stack_.read(index, image.values());
    return image;
  }
  bool read_into(std::int64_t index, MutableImageView out) const override {
    if (stack_.shape() != out.shape) return false;
    stack_.read(index, out.values());
    return true;
  }
  bool may_miss_pixels() const override { return false; }

 private:
  NpyStack stack_;
};

}  // namespace

std::shared_ptr<const Source> cutout_source(const fs::path& path) { return std::make_shared<CutoutFile>(path); }

std::shared_ptr<const Source> band_files_source(std::vector<fs::path> bands) { return std::make_shared<BandFiles>(std::move(bands)); }

StackSource stack_source(const fs::path& path) {
  auto stack = std::make_shared<StackFile>(path);
  const std::int64_t count = stack->size();
  return {std::move(stack), count};
}

double fill_missing(MutableImageView image) {
  std::size_t most = 0;
  std::vector<float> known;
  for (int b = 0; b < image.shape.bands; ++b) {
    const std::span<float> band = image.band(b);
    const auto missing = static_cast<std::size_t>(std::ranges::count_if(band, [](float x) { return std::isnan(x); }));
    most = std::max(most, missing);
    if (missing == 0 || missing == band.size()) continue;
    known.clear();
    std::ranges::copy_if(band, std::back_inserter(known), [](float x) { return !std::isnan(x); });
    const auto middle = known.begin() + static_cast<std::ptrdiff_t>(known.size() / 2);
    std::ranges::nth_element(known, middle);
    std::ranges::replace_if(
        band, [](float x) { return std::isnan(x); }, *middle);
  }
  return static_cast<double>(most) / static_cast<double>(image.shape.pixels());
}

}  // namespace lensfind::score
