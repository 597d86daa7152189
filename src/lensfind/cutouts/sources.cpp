#include "lensfind/cutouts/sources.h"

#include <algorithm>

#include <fmt/format.h>

#include "lensfind/base/error.h"
#include "lensfind/base/open_file.h"
#include "lensfind/cutouts/faults.h"
#include "lensfind/image/fits.h"
#include "lensfind/image/fits_plain.h"
#include "lensfind/image/npy.h"
#include "lensfind/sky/image_centre.h"

namespace lensfind::cutouts {
namespace {

namespace fs = std::filesystem;

constexpr std::uint64_t max_prefetched = std::uint64_t{1} << 20;  // of a file; a cutout takes less

/// A cutout as a network takes it, by way of a copy.
Fitting changed(Cutout cutout, const PixelRules& rules, bool may_miss, image::MutableImageView wanted) {
  const Fitting fitting = apply_rules(std::move(cutout), rules, may_miss, wanted);
  require_finite(wanted);
  return fitting;
}

class NpyCutout final : public Source {
 public:
  explicit NpyCutout(fs::path path) : path_{std::move(path)} {}
  Cutout read(std::int64_t) const override { return {image::read_npy(path_)}; }
  image::ImageShape shape(std::int64_t) const override { return image::npy_cutout_shape(image::read_npy_header(path_), path_.string()); }
  bool read_into(std::int64_t, image::MutableImageView out) const override { return image::read_npy(path_, out); }
  void prefetch(std::int64_t) const override { prefetch_file(path_, max_prefetched); }
  bool may_miss_pixels() const override { return false; }

 private:
  fs::path path_;
};

class FitsFileCutout final : public Source {
 public:
  FitsFileCutout(fs::path path, std::vector<std::string> mask_planes) : path_{std::move(path)}, mask_planes_{std::move(mask_planes)} {}
  Cutout read(std::int64_t) const override {
    image::FitsCutout cutout = image::read_fits_cutout(path_, mask_planes_);
    return {std::move(cutout.image), std::move(cutout.facts)};
  }
  Fitting read_by(const PixelRules& rules, std::int64_t, image::MutableImageView wanted) const override {
    std::optional<image::PlainFacts> plain = image::read_plain_fits(path_, wanted);
    if (!plain) return Source::read_by(rules, 0, wanted);
    take_facts_of_set(plain->facts, rules.of_set, wanted.shape.bands);
    if (!is_as_wanted(wanted.shape, plain->facts, rules, wanted.shape))
      return changed({image::Image{wanted}, std::move(plain->facts)}, rules, true, wanted);
    const Fitting fitting = apply_in_place(plain->facts, rules, !plain->finite, wanted);
    if (!plain->finite || rules.zero_point) require_finite(wanted);
    return fitting;
  }
  image::ImageShape shape(std::int64_t) const override { return image::read_fits_shape(path_); }
  std::optional<sky::Position> position(std::int64_t) const override { return sky::centre_of_image(path_); }
  void prefetch(std::int64_t) const override { prefetch_file(path_, max_prefetched); }

 private:
  fs::path path_;
  std::vector<std::string> mask_planes_;
};

class BandFilesCutout final : public Source {
 public:
  BandFilesCutout(std::vector<fs::path> bands, std::vector<std::string> mask_planes)
      : bands_{std::move(bands)}, mask_planes_{std::move(mask_planes)} {}
  Cutout read(std::int64_t) const override {
    Cutout cutout;
    for (std::size_t b = 0; b < bands_.size(); ++b) {
      const image::FitsCutout band = image::read_fits_cutout(bands_[b], mask_planes_);
      image::ImageShape shape = band.image.shape();
      if (shape.bands != 1)
        throw Error{fmt::format("{} holds {} bands, not one", bands_[b].filename().string(), shape.bands), "give a 2-D image a band"};
      shape.bands = static_cast<int>(bands_.size());
      if (b == 0)
        cutout = {image::Image{shape}, {.pixel_scale_arcsec = band.facts.pixel_scale_arcsec, .scale_fault = band.facts.scale_fault}};
      if (shape != cutout.image.shape()) {
        throw Error{fmt::format("{} is {} x {} pixels, the first band {} x {}", bands_[b].filename().string(), shape.width, shape.height,
                                cutout.image.shape().width, cutout.image.shape().height),
                    "bring the bands to one pixel grid"};
      }
      std::ranges::copy(band.image.values(), cutout.image.band(static_cast<int>(b)).begin());
      // The file's name says which band it is; the header is asked for the rest.
      cutout.facts.zero_points.push_back(band.facts.zero_points.at(0));
      if (!band.facts.seeing_fwhm_arcsec.empty()) {
        cutout.facts.seeing_fwhm_arcsec.resize(bands_.size());
        cutout.facts.seeing_fwhm_arcsec[b] = band.facts.seeing_fwhm_arcsec[0];
      }
      cutout.facts.left_out.insert(cutout.facts.left_out.end(), band.facts.left_out.begin(), band.facts.left_out.end());
    }
    return cutout;
  }
  image::ImageShape shape(std::int64_t) const override {
    image::ImageShape shape = image::read_fits_shape(bands_.at(0));
    shape.bands = static_cast<int>(bands_.size());
    return shape;
  }
  std::optional<sky::Position> position(std::int64_t) const override { return sky::centre_of_image(bands_.at(0)); }
  void prefetch(std::int64_t) const override {
    for (const fs::path& band : bands_) prefetch_file(band, max_prefetched);
  }
  bool names_bands() const override { return true; }  // by the files' names

 private:
  std::vector<fs::path> bands_;
  std::vector<std::string> mask_planes_;
};

class StackFile final : public Source {
 public:
  explicit StackFile(const fs::path& path) : stack_{path} {}
  std::int64_t size() const { return stack_.size(); }
  image::ImageShape shape(std::int64_t) const override { return stack_.shape(); }
  Cutout read(std::int64_t index) const override {
    Cutout cutout{image::Image{stack_.shape()}};
    stack_.read(index, cutout.image.values());
    return cutout;
  }
  bool read_into(std::int64_t index, image::MutableImageView out) const override {
    if (stack_.shape() != out.shape) return false;
    stack_.read(index, out.values());
    return true;
  }
  void prefetch(std::int64_t index) const override { stack_.prefetch(index); }
  bool keeps_open() const override { return true; }
  bool may_miss_pixels() const override { return false; }

 private:
  image::NpyStack stack_;
};

class Unreadable final : public Source {
 public:
  Unreadable(std::string reason, std::string hint) : reason_{std::move(reason)}, hint_{std::move(hint)} {}
  Cutout read(std::int64_t) const override { throw Error{reason_, hint_}; }

 private:
  std::string reason_, hint_;
};

}  // namespace

Fitting Source::read_by(const PixelRules& rules, std::int64_t index, image::MutableImageView wanted) const {
  const bool may_miss = may_miss_pixels();
  if (!may_miss && takes_as_they_are(rules, wanted.shape) && read_into(index, wanted)) {
    require_finite(wanted);
    image::PixelFacts facts;
    take_facts_of_set(facts, rules.of_set, wanted.shape.bands);
    return assumed_of(facts, rules, wanted.shape.bands, names_bands());
  }
  Fitting fitting = changed(read(index), rules, may_miss, wanted);
  if (names_bands()) fitting.bands_by_order = false;
  return fitting;
}

std::shared_ptr<const Source> cutout_source(const fs::path& path, FileKind kind, const std::vector<std::string>& mask_planes) {
  if (kind == FileKind::fits) return std::make_shared<FitsFileCutout>(path, mask_planes);
  return std::make_shared<NpyCutout>(path);
}

std::shared_ptr<const Source> band_files_source(std::vector<fs::path> bands, const std::vector<std::string>& mask_planes) {
  return std::make_shared<BandFilesCutout>(std::move(bands), mask_planes);
}

StackSource stack_source(const fs::path& path) {
  auto stack = std::make_shared<StackFile>(path);
  const std::int64_t count = stack->size();
  return {std::move(stack), count};
}

std::shared_ptr<const Source> unreadable_source(std::string reason, std::string hint) {
  return std::make_shared<Unreadable>(std::move(reason), std::move(hint));
}

}  // namespace lensfind::cutouts
