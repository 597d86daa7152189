#pragma once

#include <filesystem>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "lensfind/base/progress.h"
#include "lensfind/score/portions.h"
#include "lensfind/score/precision.h"
#include "lensfind/score/scorer.h"

namespace lensfind::python {

/// How cutouts in memory are brought to the model: what their headers would say, and what may be done to them.
struct ArrayReading {
  image::PixelFacts facts;
  cutouts::PixelRules rules;
  bool may_miss = false;  ///< NaN says that there is no pixel
};

/// Logits of cutouts in memory, and those that have none.
struct ArrayScores {
  std::vector<float> logits;  ///< NaN of what was set aside
  std::vector<std::pair<std::int64_t, std::string>> rejected;
  std::vector<std::int64_t> by_student;  ///< of a cascade: cutouts that its student cut off
};

/// A model that scores cutouts in memory as `lensfind score` scores files; its engine is opened when it is first needed.
class Network {
 public:
  /// Throws Error where `model` is no model.
  Network(const std::filesystem::path& model, score::EngineOptions options, bool average_symmetries);

  /// Of cutouts (n, bands, height, width). Precisions `automatic` and `int8` are settled on the first ones that it is given. From one
  /// thread at a time.
  ArrayScores score(std::span<const float> pixels, std::int64_t count, image::ImageShape shape, const ArrayReading& reading,
                    Progress& progress, const StopFlag& stop);

  [[nodiscard]] const score::Scorer& scorer() const { return scorer_; }
  /// Bands, height and width of what the network takes; height and width 0: any.
  [[nodiscard]] image::ImageShape shape() const { return shape_; }
  /// What computes, once it is settled.
  [[nodiscard]] std::string engine() const { return engine_ ? engine_->description() : std::string{}; }
  [[nodiscard]] const std::string& precision_reason() const { return precision_reason_; }

 private:
  void open(const cutouts::Source& source, std::int64_t count, const cutouts::PixelRules& rules, image::ImageShape shape);
  std::vector<float> first_cutouts(const cutouts::Source& source, std::int64_t count, const cutouts::PixelRules& rules) const;
  score::ChosenEngine chosen_engine(const cutouts::Source& source, std::int64_t count, const cutouts::PixelRules& rules) const;

  score::Scorer scorer_;
  image::ImageShape shape_;
  score::EngineOptions options_;
  bool average_symmetries_;
  std::unique_ptr<score::Engine> engine_, student_;
  std::string precision_reason_;
};

}  // namespace lensfind::python
