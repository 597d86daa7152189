#pragma once

#include <filesystem>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "lensfind/dataset/sample.h"

namespace lensfind::score {

/// What turns cutouts into logits. One implementation runs ONNX files on OpenVINO; tests use a fake.
class Engine {
 public:
  virtual ~Engine() = default;
  [[nodiscard]] virtual ImageShape shape() const = 0;  ///< of one cutout
  [[nodiscard]] virtual int outputs() const = 0;       ///< 1 or 2
  /// Outputs (n, outputs) of cutouts (n, bands, height, width), raw pixels. May be called from several threads at once, one call each.
  virtual std::vector<float> run(std::span<const float> cutouts, std::size_t count) = 0;
  /// How many calls may be under way at once with profit.
  [[nodiscard]] virtual int concurrency() const { return 1; }
  /// "OpenVINO 2026.4.1, CPU, f32", for provenance.
  [[nodiscard]] virtual std::string description() const = 0;
};

enum class Precision { automatic, f32, bf16 };

struct EngineOptions {
  Precision precision = Precision::automatic;
  int threads = 0;  ///< 0: all cores
};

/// Loads an .onnx file (float32 input (n, bands, h, w), one or two outputs) into OpenVINO. Throws Error for a damaged or unfitting file.
std::unique_ptr<Engine> open_engine(const std::filesystem::path& onnx, const EngineOptions& options);

}  // namespace lensfind::score
