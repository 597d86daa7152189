#pragma once

#include <functional>
#include <future>
#include <list>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <tuple>

#include "lensfind/base/value.h"
#include "lensfind/inspect/pictures.h"

namespace lensfind::inspect {

/// A picture as it goes to a page.
struct Rendered {
  std::string png;
  Value facts;  ///< scale, north_up, bands, width, colours
};

/// The pictures drawn last, up to so many bytes. Each is drawn once, however many ask for it at a time. From any thread.
class PictureCache {
 public:
  using Draw = std::function<Drawn(std::size_t object, const View& view)>;
  explicit PictureCache(Draw draw, std::size_t max_bytes = std::size_t{48} << 20);

  /// Throws what drawing throws; a failure is not kept.
  std::shared_ptr<const Rendered> get(std::size_t object, const View& view);
  /// Of the pictures that are kept.
  [[nodiscard]] std::size_t bytes() const;

 private:
  using Key = std::tuple<std::size_t, View::Scaling, int, View::Residual, int>;
  using Picture = std::shared_future<std::shared_ptr<const Rendered>>;
  struct Kept {
    Picture picture;
    std::size_t bytes = 0;              // 0: it is being drawn
    std::list<Key>::iterator use = {};  // in uses_
  };
  void keep(const Key& key, std::size_t bytes);

  Draw draw_;
  std::size_t max_bytes_, bytes_ = 0;
  mutable std::mutex mutex_;
  std::map<Key, Kept> pictures_;
  std::list<Key> uses_;  // the one used last first
};

/// As it goes to a page.
Rendered rendered(const Drawn& drawn);

}  // namespace lensfind::inspect
