#pragma once

#include <filesystem>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "lensfind/base/enum_names.h"
#include "lensfind/image/image.h"
#include "lensfind/model/int8_ranges.h"
#include "lensfind/network/onnx_file.h"

namespace lensfind::score {

/// What turns cutouts into logits. One implementation runs ONNX files on OpenVINO; tests use a fake.
class Engine {
 public:
  virtual ~Engine() = default;
  [[nodiscard]] virtual image::ImageShape shape() const = 0;  ///< of one cutout
  [[nodiscard]] virtual int outputs() const = 0;              ///< 1 or 2
  /// Outputs (n, outputs) of cutouts (n, bands, height, width), raw pixels. May be called from several threads at once.
  /// The outputs of one cutout do not depend on the others in the call, nor on the number of threads.
  virtual std::vector<float> run(std::span<const float> cutouts, std::size_t count) = 0;
  /// Whether the network is told the seeing of each cutout (network/film.h).
  [[nodiscard]] virtual bool takes_seeing() const { return false; }
  /// The same where the seeing is known: (n, bands), FWHM in arcsec, NaN where it is not; empty: of none. Engines that are not told it pass
  /// over it. run() takes it for not known.
  virtual std::vector<float> run_with_seeing(std::span<const float> cutouts, std::size_t count, std::span<const float> /*seeing*/) {
    return run(cutouts, count);
  }
  /// How many cutouts a call should bring; any other number works, but slower a cutout.
  [[nodiscard]] virtual std::size_t batch() const { return 1; }
  /// How many calls may be under way at once with profit.
  [[nodiscard]] virtual int concurrency() const { return 1; }
  /// "OpenVINO 2026.4.1, CPU, f32", for provenance.
  [[nodiscard]] virtual std::string description() const = 0;
};

/// Numbers that the network computes with. `automatic` is settled on the first cutouts (precision.h); an engine by itself takes it as f32.
/// int8: convolutions and matrix products but the first and last (int8_layers.h); all else in bf16 where the processor has it, or f32.
enum class Precision { automatic, f32, bf16, int8 };
constexpr auto enum_names(Precision) {
  return names_of<Precision>(
      {{Precision::automatic, "auto"}, {Precision::f32, "f32"}, {Precision::bf16, "bf16"}, {Precision::int8, "int8"}});
}

struct EngineOptions {
  Precision precision = Precision::f32;
  int threads = 0;                     ///< 0: all cores
  std::filesystem::path cache_folder;  ///< where compiled networks are kept; empty: nowhere
  std::size_t batch = 0;               ///< cutouts a call computes; 0: what is quickest where there are many
  network::OnnxChoice choice = {};     ///< where somebody's file leaves one
  model::Int8Ranges int8_ranges = {};  ///< of its layers; int8 needs them
};

/// Loads anyone's .onnx file (network/onnx_file.h says what it may be) into OpenVINO; the batch size is free or fixed. Throws Error for a
/// damaged or unfitting file, one whose height and width are free while `choice` names no size, and one whose results would take more
/// memory than one input may (network_memory.h); that is found out before any of it is taken.
std::unique_ptr<Engine> open_engine(const std::filesystem::path& onnx, const EngineOptions& options = {});
/// The same from what was read already; `origin` names it in errors.
std::unique_ptr<Engine> open_engine(const network::OnnxNetwork& network, const std::filesystem::path& origin,
                                    const EngineOptions& options = {});

/// Whether this processor computes in bf16 natively.
bool processor_has_bf16();

/// Where compiled networks are kept by default: $XDG_CACHE_HOME/lensfind or ~/.cache/lensfind; empty where there is no home.
std::filesystem::path default_cache_folder();

/// Averages the outputs over the eight turns and reflections of a square cutout (test-time augmentation); throws Error for other shapes.
std::unique_ptr<Engine> average_over_symmetries(std::unique_ptr<Engine> engine);

}  // namespace lensfind::score
