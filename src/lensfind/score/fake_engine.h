#pragma once

#include <atomic>
#include <functional>
#include <string>
#include <vector>

#include "lensfind/score/engine.h"

namespace lensfind::score {

/// An engine for tests: the logit of a cutout is its first pixel. `before` is called first in each run.
class FakeEngine final : public Engine {
 public:
  explicit FakeEngine(image::ImageShape shape, int outputs = 1) : shape_{shape}, outputs_{outputs} {}

  image::ImageShape shape() const override { return shape_; }
  int outputs() const override { return outputs_; }
  std::size_t batch() const override { return 8; }
  int concurrency() const override { return 3; }
  std::string description() const override { return "fake"; }
  std::vector<float> run(std::span<const float> cutouts, std::size_t count) override {
    if (before) before(cutouts);
    cutouts_seen += static_cast<std::int64_t>(count);
    std::vector<float> logits;
    for (std::size_t i = 0; i < count; ++i) {
      if (outputs_ == 2) logits.push_back(1);
      logits.push_back(cutouts[i * shape_.values()] + offset + (outputs_ == 2 ? 1.0F : 0.0F));
    }
    return logits;
  }

  std::function<void(std::span<const float> cutouts)> before;
  float offset = 0;  ///< added to the logit
  std::atomic<std::int64_t> cutouts_seen{0};

 private:
  image::ImageShape shape_;
  int outputs_;
};

}  // namespace lensfind::score
