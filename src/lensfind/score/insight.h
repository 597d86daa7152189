#pragma once

#include <filesystem>
#include <memory>
#include <span>
#include <vector>

#include "lensfind/score/engine.h"

namespace lensfind::score {

/// What a network knows of cutouts besides their logits.
struct Insight {
  std::vector<float> outputs;   ///< (n, outputs), as Engine::run() gives them
  std::vector<float> features;  ///< (n, features): what goes into the last layer, of an ensemble the members' one after the other
  std::vector<float> members;   ///< (n, members): the logit of each of an ensemble's members, before they are combined; of a single network
                                ///< its own
};

/// Runs a network and tells what goes into its last layers. From one thread at a time.
class InsightEngine {
 public:
  /// Reads what open_engine() reads. Throws Error as that does, and where the network has no layer with weights.
  explicit InsightEngine(const std::filesystem::path& onnx, const EngineOptions& options = {});
  /// The same from what was read already; `origin` names it in errors.
  InsightEngine(const network::OnnxNetwork& network, const std::filesystem::path& origin, const EngineOptions& options = {});
  ~InsightEngine();
  InsightEngine(InsightEngine&&) noexcept;
  InsightEngine& operator=(InsightEngine&&) noexcept;

  [[nodiscard]] image::ImageShape shape() const;
  [[nodiscard]] int outputs() const;
  [[nodiscard]] std::size_t features() const;
  /// 0: what the last layers give are no logits (1 or 2 numbers a cutout).
  [[nodiscard]] std::size_t members() const;
  /// Of cutouts (n, bands, height, width), raw pixels.
  Insight run(std::span<const float> cutouts, std::size_t count);

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace lensfind::score
