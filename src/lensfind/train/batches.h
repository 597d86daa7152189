#pragma once

#include <condition_variable>
#include <cstdint>
#include <exception>
#include <map>
#include <mutex>
#include <optional>
#include <span>
#include <thread>
#include <utility>
#include <vector>

#include "lensfind/dataset/dataset.h"
#include "lensfind/network/onnx.h"
#include "lensfind/train/draws.h"
#include "lensfind/train/recipe.h"

namespace lensfind::train {

/// A batch as the network takes it.
struct TrainBatch {
  std::vector<float> pixels;          ///< (n, bands, height, width), preprocessed
  std::vector<float> lens;            ///< (n) the target: 1 lens, 0 non-lens, a value between where images were mixed
  std::vector<std::int64_t> samples;  ///< (n) index of each in the dataset
  std::vector<float> quality;         ///< (n, 2 x bands) of networks with FiLM, standardised (network/quality.h); empty: of others
};

/// Which part of each batch is made, where several processes share the batches: part `index` of `count`.
struct BatchPart {
  int index = 0;
  int count = 1;
};

/// The places [first, last) of a batch of `size` cutouts that a part takes. Batch norms need two cutouts, so each part has two or more, or
/// none where there are not so many.
std::pair<std::size_t, std::size_t> places_of(BatchPart part, std::size_t size);

/// Makes batches: raw pixels (of PixelStore's round `epoch`; of round 0 for validation) -> scaling -> augmentation -> stretch ->
/// normalisation -> mixing (within the part). What a batch holds depends on (seed, epoch, position) alone. Safe to use from several
/// threads.
class BatchMaker {
 public:
  /// `data` and `targets` (of each sample; empty: its label) must outlive this. Of each training batch `part` is made. Makers that differ
  /// in `view`, 0 or 1, augment the same cutouts differently.
  BatchMaker(const Recipe& recipe, const network::Preprocessing& steps, const dataset::Dataset& data, std::span<const float> targets = {},
             BatchPart part = {}, int view = 0);

  [[nodiscard]] TrainBatch training(const EpochPlan& plan, int epoch, std::int64_t batch) const;
  /// The samples as they are, without augmentation, or after one of the square's symmetries (image::apply_d4). For validation.
  [[nodiscard]] TrainBatch plain(std::span<const std::int64_t> samples, int symmetry = 0) const;
  /// What is to be learnt of a sample: its label (lens 1), or its probability of a lens.
  [[nodiscard]] float target(std::int64_t sample) const;

 private:
  void augment(image::MutableImageView image, const Draw& draw, int epoch, std::size_t position) const;
  void mix(TrainBatch& batch, int epoch, std::size_t position) const;
  /// Mixes a partner's image into another, and its label. Returns what part of the image as a whole remains its own.
  float mix_pair(image::ImageView partner, float partner_lens, image::MutableImageView image, float& lens, RandomStream& random) const;
  /// Pixels of batch.samples[i], scaled, and their quality.
  void read_scaled(TrainBatch& batch, std::size_t i, int round) const;
  /// Takes the quality of every tenth cutout for not known, and of another tenth each value with a probability of .5.
  void hide_quality(TrainBatch& batch, std::size_t i, int epoch, std::size_t position) const;
  [[nodiscard]] TrainBatch sized(std::size_t count) const;
  [[nodiscard]] image::MutableImageView image(TrainBatch& batch, std::size_t i) const;

  std::uint64_t seed_;
  BatchPart part_;
  std::uint64_t view_;
  bool offline_copies_;
  int copies_;
  dataset::Augmentation augmentation_;
  network::Preprocessing before_, after_;         ///< what happens before and after augmentation
  std::optional<network::QualityScale> quality_;  ///< none: the network takes pixels alone
  const dataset::Dataset& data_;
  std::span<const float> targets_;
};

/// Prepares the batches of an epoch, from `begin` on, with threads of its own while the caller computes on the last one. Only a few batches
/// are ready at a time.
class BatchStream {
 public:
  /// `maker` and `plan` must outlive this.
  BatchStream(const BatchMaker& maker, const EpochPlan& plan, int epoch, std::int64_t begin, int threads);
  ~BatchStream();
  BatchStream(const BatchStream&) = delete;
  BatchStream& operator=(const BatchStream&) = delete;

  /// The next batch in order. Rethrows what went wrong while it was made.
  TrainBatch next();

 private:
  void work();

  const BatchMaker& maker_;
  const EpochPlan& plan_;
  int epoch_;
  std::int64_t next_to_make_, next_to_give_, max_ready_;
  bool stopping_ = false;
  std::exception_ptr failure_;
  std::map<std::int64_t, TrainBatch> ready_;
  std::mutex mutex_;
  std::condition_variable changed_;
  std::vector<std::jthread> threads_;
};

}  // namespace lensfind::train
