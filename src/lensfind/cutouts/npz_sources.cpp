#include "lensfind/cutouts/npz_sources.h"

#include <algorithm>

#include "lensfind/base/error.h"
#include "lensfind/base/unpack_budget.h"

namespace lensfind::cutouts {
namespace {

namespace fs = std::filesystem;

class NpzCutout final : public Source {
 public:
  NpzCutout(fs::path path, std::vector<std::string> bands) : path_{std::move(path)}, bands_{std::move(bands)} {}
  Cutout read(std::int64_t) const override {
    image::NpzCutouts cutouts = image::read_npz(path_, bands_);
    if (cutouts.images.size() != 1) throw Error{path_.string() + ": is a stack, not one cutout", "give it as the input itself"};
    return {std::move(cutouts.images.front())};
  }
  image::ImageShape shape(std::int64_t) const override { return image::read_npz_outline(path_, bands_).shape; }
  bool may_miss_pixels() const override { return false; }

 private:
  fs::path path_;
  std::vector<std::string> bands_;
};

class NpzStackImages final : public Source {
 public:
  NpzStackImages(fs::path path, std::vector<std::string> bands, image::ImageShape shape, std::shared_ptr<NpzStacks> stacks)
      : path_{std::move(path)}, bands_{std::move(bands)}, shape_{shape}, stacks_{std::move(stacks)} {}
  Cutout read(std::int64_t index) const override {
    const auto cutouts = stacks_->of(path_, bands_);
    if (static_cast<std::size_t>(index) >= cutouts->images.size())
      throw Error{path_.string() + ": has changed while it was read", "begin again"};
    return {cutouts->images[static_cast<std::size_t>(index)]};
  }
  image::ImageShape shape(std::int64_t) const override { return shape_; }
  bool may_miss_pixels() const override { return false; }

 private:
  fs::path path_;
  std::vector<std::string> bands_;
  image::ImageShape shape_;
  std::shared_ptr<NpzStacks> stacks_;
};

}  // namespace

std::shared_ptr<const image::NpzCutouts> NpzStacks::of(const fs::path& path, const std::vector<std::string>& bands) {
  const std::lock_guard lock{mutex_};
  const auto held = std::ranges::find(held_, path, &Held::path);
  if (held != held_.end()) {
    held_.splice(held_.begin(), held_, held);
    return held_.front().cutouts;
  }
  auto cutouts = std::make_shared<const image::NpzCutouts>(image::read_npz(path, bands));
  std::uint64_t bytes = 0;
  for (const image::Image& image : cutouts->images) bytes += image.values().size_bytes();
  held_.push_front({path, cutouts, bytes});
  for (auto each = held_.begin(); each != held_.end(); ++each) {
    if (each != held_.begin() && (bytes += each->bytes) > unpacked_bytes_limit) {
      held_.erase(each, held_.end());
      break;
    }
  }
  return cutouts;
}

StackSource npz_source(const fs::path& path, const std::vector<std::string>& bands, std::shared_ptr<NpzStacks> stacks) {
  const image::NpzOutline outline = image::read_npz_outline(path, bands);
  if (!outline.stack) return {std::make_shared<NpzCutout>(path, bands), 1, false};
  return {std::make_shared<NpzStackImages>(path, bands, outline.shape, std::move(stacks)), outline.count, true};
}

std::shared_ptr<const Source> file_source(const fs::path& path, FileKind kind, const std::vector<std::string>& bands,
                                          const std::vector<std::string>& mask_planes) {
  if (kind == FileKind::npz) return std::make_shared<NpzCutout>(path, bands);
  return cutout_source(path, kind, mask_planes);
}

}  // namespace lensfind::cutouts
