#include "lensfind/score/engine.h"

#include <cstdlib>

#include "lensfind/base/error.h"
#include "lensfind/score/symmetry.h"

namespace lensfind::score {
namespace {

class AveragingEngine final : public Engine {
 public:
  explicit AveragingEngine(std::unique_ptr<Engine> engine) : engine_{std::move(engine)} {
    const image::ImageShape shape = engine_->shape();
    if (shape.height != shape.width) throw Error{"cutouts that are not square have no quarter turns to average over", "leave out --tta"};
    for (int number = 0; number < 8; ++number) from_[number] = symmetry(number, shape.height);
  }

  image::ImageShape shape() const override { return engine_->shape(); }
  int outputs() const override { return engine_->outputs(); }
  std::size_t batch() const override { return engine_->batch(); }
  int concurrency() const override { return engine_->concurrency(); }
  std::string description() const override { return engine_->description() + ", mean of 8 orientations"; }

  bool takes_seeing() const override { return engine_->takes_seeing(); }

  std::vector<float> run(std::span<const float> cutouts, std::size_t count) override { return run_with_seeing(cutouts, count, {}); }
  std::vector<float> run_with_seeing(std::span<const float> cutouts, std::size_t count, std::span<const float> seeing) override {
    std::vector<float> sum = engine_->run_with_seeing(cutouts, count, seeing);
    std::vector<float> turned(cutouts.size());
    const std::size_t pixels = shape().pixels();
    for (int number = 1; number < 8; ++number) {
      const auto& from = from_[number];
      for (std::size_t band = 0; band < cutouts.size(); band += pixels) {
        for (std::size_t i = 0; i < pixels; ++i) turned[band + i] = cutouts[band + from[i]];
      }
      const std::vector<float> logits = engine_->run_with_seeing(turned, count, seeing);
      for (std::size_t i = 0; i < sum.size(); ++i) sum[i] += logits[i];
    }
    for (float& logit : sum) logit /= 8;
    return sum;
  }

 private:
  std::unique_ptr<Engine> engine_;
  std::vector<std::size_t> from_[8];
};

}  // namespace

std::filesystem::path default_cache_folder() {
  const char* cache = std::getenv("XDG_CACHE_HOME");
  if (cache && *cache == '/') return std::filesystem::path{cache} / "lensfind";
  const char* home = std::getenv("HOME");
  if (home && *home == '/') return std::filesystem::path{home} / ".cache" / "lensfind";
  return {};
}

std::unique_ptr<Engine> average_over_symmetries(std::unique_ptr<Engine> engine) {
  return std::make_unique<AveragingEngine>(std::move(engine));
}

}  // namespace lensfind::score
