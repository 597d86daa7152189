#include "lensfind/inspect/picture_cache.h"

#include "lensfind/image/png.h"

namespace lensfind::inspect {

Rendered rendered(const Drawn& drawn) {
  Value bands{Value::Array{}};
  for (const std::string& band : drawn.bands) bands.push_back(band);
  return {image::encode_png(drawn.picture), empty_object()
                                                .set("scale", drawn.pixel_scale_arcsec)
                                                .set("north_up", drawn.north_up)
                                                .set("bands", bands)
                                                .set("width", drawn.picture.width)
                                                .set("colours", drawn.colours)};
}

PictureCache::PictureCache(Draw draw, std::size_t max_bytes) : draw_{std::move(draw)}, max_bytes_{max_bytes} {}

std::shared_ptr<const Rendered> PictureCache::get(std::size_t object, const View& view) {
  const Key key{object, view.scaling, view.band, view.residual, view.field};
  std::promise<std::shared_ptr<const Rendered>> drawing;
  Picture picture;
  bool is_ours = false;
  {
    const std::lock_guard lock{mutex_};
    const auto [kept, is_new] = pictures_.try_emplace(key);
    if (is_new) {
      kept->second.picture = drawing.get_future().share();
      kept->second.use = uses_.insert(uses_.begin(), key);
    } else {
      uses_.splice(uses_.begin(), uses_, kept->second.use);
    }
    picture = kept->second.picture;
    is_ours = is_new;
  }
  if (!is_ours) return picture.get();
  try {
    const auto drawn = std::make_shared<const Rendered>(rendered(draw_(object, view)));
    drawing.set_value(drawn);
    keep(key, drawn->png.size() + 500);  // its facts too
    return drawn;
  } catch (...) {
    drawing.set_exception(std::current_exception());
    const std::lock_guard lock{mutex_};
    uses_.erase(pictures_.at(key).use);
    pictures_.erase(key);
    throw;
  }
}

void PictureCache::keep(const Key& key, std::size_t bytes) {
  const std::lock_guard lock{mutex_};
  pictures_.at(key).bytes = bytes;
  bytes_ += bytes;
  for (auto oldest = uses_.end(); bytes_ > max_bytes_ && oldest != uses_.begin();) {
    --oldest;
    const auto kept = pictures_.find(*oldest);
    if (kept->second.bytes == 0 || kept->first == key) continue;
    bytes_ -= kept->second.bytes;
    pictures_.erase(kept);
    oldest = uses_.erase(oldest);
  }
}

std::size_t PictureCache::bytes() const {
  const std::lock_guard lock{mutex_};
  return bytes_;
}

}  // namespace lensfind::inspect
