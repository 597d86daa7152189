#pragma once

#include <array>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <span>
#include <string>
#include <unordered_map>
#include <vector>

#include "lensfind/base/fields.h"
#include "lensfind/base/value.h"
#include "lensfind/dataset/dataset.h"
#include "lensfind/simulate/cutout.h"
#include "lensfind/simulate/survey.h"

namespace lensfind::train {

/// What a training with `--data simulate:SURVEY` draws, and by how much the cutouts differ from the survey as its file has it (domain
/// randomisation): a recipe's table [simulate].
struct FreshSettings {
  std::int64_t lenses = 4000, nonlenses = 10000;
  int size = 64;
  simulate::Scaling scaling = simulate::Scaling::none;
  std::vector<std::string> survey;
  double pixel_scale = 0;
  double neighbours = 0;
  int variants = 5;
  int reuse = 1;
  double seeing = 0;
  double depth_mag = 0;
  double level = 0;
  double gradient = 0;
  double saturated = 0;
  double eight_bits = 0;

  /// Whether anything is done to the finished pixels.
  [[nodiscard]] bool changes_pixels() const { return level > 0 || gradient > 0 || saturated > 0 || eight_bits > 0; }

  static void describe(auto& field) {
    using F = FreshSettings;
    field(&F::lenses, "lenses", between(10, 100'000'000),
          "lenses of an epoch, drawn anew each time; validation_fraction of them are held out and stay");
    field(&F::nonlenses, "nonlenses", between(10, 100'000'000), "non-lenses, likewise");
    field(&F::size, "size", between(16, 1024).in("pixels"), "a side of the simulated cutouts");
    field(&F::scaling, "scaling", any(), "of them, as `simulate --scaling`");
    field(&F::survey, "survey", any(), "changes of the survey's file, as [\"population.kept_snr=25\"]");
    field(&F::pixel_scale, "pixel_scale", between(0, .5), "pixels are up to this fraction larger and smaller than the survey's");
    field(&F::neighbours, "neighbours", between(0, 1), "neighbours are up to this fraction more and fewer than the survey's");
    field(&F::variants, "variants", between(1, 64), "of pixel scale and neighbours so many, each in as many cutouts");
    field(&F::reuse, "reuse", between(1, 1000),
          "epochs that a cutout stays, under other augmentations each time; more than 1 keeps all of them in memory");
    field(&F::seeing, "seeing", between(0, .5), "scatter of the logarithm of the seeing, where the survey's is less");
    field(&F::depth_mag, "depth_mag", between(0, 2).in("mag"), "scatter of the depth, where the survey's is less");
    field(&F::level, "level", between(0, 100), "the sky lies up to so many rms of its noise above or below 0, each band by itself");
    field(&F::gradient, "gradient", between(0, 100), "and slopes by up to so many from edge to edge");
    field(&F::saturated, "saturated", between(0, 1),
          "fraction of cutouts that are cut off between a fifth and all of their brightest pixel");
    field(&F::eight_bits, "eight_bits", between(0, 1),
          "fraction that went through an asinh stretch of 8 bits: no sky below 0, flux in steps");
  }
};

/// The SURVEY of `--data simulate:SURVEY`; nothing for any other data.
std::optional<std::string> simulated_survey(const std::filesystem::path& data);

/// An endless set of simulated cutouts that a training draws for itself. Sample i (lenses first) of round r is cutout number i + g x
/// (lenses) of its class, where g is r, so that no round repeats another's; with `reuse` K it is (r + i mod K) / K, rounded down: each
/// round but the first replaces one cutout of K. The same for any number of threads and on any resumed run.
class FreshCutouts {
 public:
  /// Throws Error for surveys that are not there or cannot be drawn from, and for settings that do not fit the scaling.
  FreshCutouts(const FreshSettings& settings, const std::string& survey, const std::vector<std::filesystem::path>& folders,
               std::uint64_t seed);
  ~FreshCutouts();

  /// Which of a scene's two views: as it is drawn, or the same galaxies seen again (simulate::CutoutRequest::seen_again).
  enum class View { first, again };

  /// What others like these are simulated with, as a simulation.toml has it; without what the settings strew about the survey.
  [[nodiscard]] Value simulation() const;
  /// The set as training takes it; its pixels are made by this, which must outlive it.
  [[nodiscard]] dataset::Dataset dataset(View view = View::first);
  /// Makes round 0 of these samples now and keeps it in memory, until it is to be forgotten. Not while others make cutouts.
  void keep(std::span<const std::int64_t> samples, int threads, Progress& progress, const StopFlag& stop);
  void forget(std::span<const std::int64_t> samples);
  /// From any thread.
  /// `seeing`: FWHM in arcsec a band, or empty.
  void make(std::int64_t sample, int round, std::span<float> out, View view = View::first, std::span<float> seeing = {}) const;

  /// Which cutout of a sample's place a round has.
  [[nodiscard]] std::int64_t generation(std::int64_t sample, int round) const {
    return (round + sample % settings_.reuse) / settings_.reuse;
  }

 private:
  struct Renderers;
  /// A cutout that is in memory.
  struct Drawn {
    std::int64_t generation = -1;
    std::vector<float> pixels, seeing;

    void copy_to(std::span<float> out, std::span<float> seeing_out) const;
  };
  [[nodiscard]] Drawn make_new(std::int64_t sample, std::int64_t generation, View view) const;
  void randomise(image::MutableImageView image, std::span<const double> rms, RandomStream& random) const;

  FreshSettings settings_;
  simulate::Survey survey_;
  std::uint64_t seed_;
  std::vector<simulate::CutoutMaker> makers_;  ///< a variant
  std::unique_ptr<Renderers> renderers_;
  std::unordered_map<std::int64_t, Drawn> kept_;
  mutable std::array<std::vector<Drawn>, 2> in_use_;  ///< of each view, a sample, where cutouts are used again
  mutable std::array<std::mutex, 64> locks_;          ///< of in_use_: a sample may stand in two batches that are made at a time
};

/// Puts an image through an asinh stretch of 8 bits and back: v = s asinh(v / s) is linear up to the softening s. What is below 0 becomes
/// 0, flux comes in steps of a 255th of the brightest pixel's stretched value. softening > 0, a value a band.
void through_eight_bits(image::MutableImageView image, std::span<const double> softening);

}  // namespace lensfind::train
