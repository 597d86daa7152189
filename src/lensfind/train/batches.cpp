#include "lensfind/train/batches.h"

#include <algorithm>
#include <cmath>

#include "lensfind/dataset/lens_augmentations.h"
#include "lensfind/image/symmetry.h"

namespace lensfind::train {
namespace {

/// One number for (epoch, position in the epoch): a position is under 2^40.
std::uint64_t moment(int epoch, std::size_t position) { return (static_cast<std::uint64_t>(epoch) << 40U) + position; }

/// Gamma(shape, 1), shape > 0 (Marsaglia & Tsang 2000; below 1 by their boost).
double gamma(double shape, RandomStream& random) {
  if (shape < 1) return gamma(shape + 1, random) * std::pow(random.uniform(), 1 / shape);
  const double d = shape - 1.0 / 3, c = 1 / std::sqrt(9 * d);
  while (true) {
    const double x = random.normal();
    const double v = std::pow(1 + c * x, 3);
    if (v > 0 && std::log(1 - random.uniform()) < x * x / 2 + d - d * v + d * std::log(v)) return d * v;
  }
}

double beta(double alpha, RandomStream& random) {
  const double a = gamma(alpha, random), b = gamma(alpha, random);
  return a + b > 0 ? a / (a + b) : .5;
}

}  // namespace

std::pair<std::size_t, std::size_t> places_of(BatchPart part, std::size_t size) {
  const auto parts = std::clamp<std::size_t>(size / 2, 1, static_cast<std::size_t>(part.count));
  const auto index = std::min(static_cast<std::size_t>(part.index), parts);
  return {size * index / parts, size * std::min(index + 1, parts) / parts};
}

BatchMaker::BatchMaker(const Recipe& recipe, const network::Preprocessing& steps, const dataset::Dataset& data,
                       std::span<const float> targets, BatchPart part, int view)
    : seed_{static_cast<std::uint64_t>(recipe.seed)},
      part_{part},
      view_{static_cast<std::uint64_t>(view)},
      offline_copies_{recipe.uses(Imbalance::copies)},
      copies_{recipe.copies},
      augmentation_{recipe.augmentation},
      before_{.scaling = steps.scaling},
      after_{.stretch = steps.stretch, .mean = steps.mean, .std_dev = steps.std_dev},
      quality_{steps.quality},
      data_{data},
      targets_{targets} {}

TrainBatch BatchMaker::sized(std::size_t count) const {
  const std::size_t values = quality_ ? 2 * static_cast<std::size_t>(data_.shape.bands) : 0;
  return {std::vector<float>(count * data_.shape.values()), std::vector<float>(count), std::vector<std::int64_t>(count),
          std::vector<float>(count * values)};
}

float BatchMaker::target(std::int64_t sample) const {
  const auto i = static_cast<std::size_t>(sample);
  if (!targets_.empty()) return targets_[i];
  return data_.samples[i].label == Label::lens ? 1.F : 0.F;
}

image::MutableImageView BatchMaker::image(TrainBatch& batch, std::size_t i) const {
  return {data_.shape, batch.pixels.data() + i * data_.shape.values()};
}

void BatchMaker::read_scaled(TrainBatch& batch, std::size_t i, int round) const {
  const image::MutableImageView pixels = image(batch, i);
  if (quality_) {
    const auto bands = static_cast<std::size_t>(data_.shape.bands);
    std::vector<float> seeing(bands);
    data_.read(batch.samples[i], pixels.values(), seeing, round);
    network::standardised_quality(*quality_, seeing, pixels, std::span{batch.quality}.subspan(i * 2 * bands, 2 * bands));
  } else {
    data_.pixels.read(batch.samples[i], pixels.values(), round);
  }
  network::preprocess(before_, pixels);
}

void BatchMaker::hide_quality(TrainBatch& batch, std::size_t i, int epoch, std::size_t position) const {
  if (!quality_) return;
  constexpr double part = .1;
  const auto values = 2 * static_cast<std::size_t>(data_.shape.bands);
  RandomStream random{seed_, Purpose::hidden_quality, view_ << 63U | moment(epoch, position)};
  const double drawn = random.uniform();
  if (drawn > 2 * part) return;
  for (float& value : std::span{batch.quality}.subspan(i * values, values))
    if (drawn < part || random.chance(.5)) value = 0;
}

void BatchMaker::augment(image::MutableImageView image, const Draw& draw, int epoch, std::size_t position) const {
  if (offline_copies_) {
    // A copy's random numbers hang on the sample and the copy alone: it is the same in every epoch, as if it lay on disk.
    if (draw.copy == 0) return;
    const auto item =
        static_cast<std::uint64_t>(draw.sample) * static_cast<std::uint64_t>(copies_ + 1) + static_cast<std::uint64_t>(draw.copy);
    RandomStream random{seed_, Purpose::copies, item};
    augmentation_.apply(image, random);
  } else {
    RandomStream random{seed_, Purpose::augmentation, view_ << 63U | moment(epoch, position)};
    augmentation_.apply(image, random);
  }
}

TrainBatch BatchMaker::training(const EpochPlan& plan, int epoch, std::int64_t batch_number) const {
  const std::span<const Draw> whole = plan.batch(batch_number);
  const auto [begin, end] = places_of(part_, whole.size());
  const std::span<const Draw> draws = whole.subspan(begin, end - begin);
  const std::size_t first = plan.first[static_cast<std::size_t>(batch_number)] + begin;
  TrainBatch batch = sized(draws.size());
  for (std::size_t i = 0; i < draws.size(); ++i) {
    const image::MutableImageView pixels = image(batch, i);
    batch.samples[i] = draws[i].sample;
    read_scaled(batch, i, epoch);
    hide_quality(batch, i, epoch, first + i);
    augment(pixels, draws[i], epoch, first + i);
    network::preprocess(after_, pixels);
    batch.lens[i] = target(draws[i].sample);
  }
  const bool mixes = augmentation_.mixup_probability() > 0 || augmentation_.arc_cutmix().probability > 0;
  if (mixes && !draws.empty()) mix(batch, epoch, first);
  return batch;
}

void BatchMaker::mix(TrainBatch& batch, int epoch, std::size_t position) const {
  // Partners are taken in a ring over the unmixed batch, so the first image is kept for the last one's partner.
  const std::size_t count = batch.lens.size();
  const image::ImageView unmixed = image(batch, 0);
  const image::Image first{unmixed};
  const float first_lens = batch.lens[0];
  const std::size_t told = batch.quality.size() / count;
  const std::vector<float> first_quality(batch.quality.begin(), batch.quality.begin() + static_cast<std::ptrdiff_t>(told));
  for (std::size_t i = 0; i < count; ++i) {
    RandomStream random{seed_, Purpose::mixing, moment(epoch, position + i)};
    const bool last = i + 1 == count;
    image::ImageView partner = first.view();
    if (!last) partner = image(batch, i + 1);
    const float own = mix_pair(partner, last ? first_lens : batch.lens[i + 1], image(batch, i), batch.lens[i], random);
    const float* partners_quality = last ? first_quality.data() : batch.quality.data() + (i + 1) * told;
    float* quality = batch.quality.data() + i * told;
    for (std::size_t q = 0; q < told; ++q) quality[q] = own * quality[q] + (1 - own) * partners_quality[q];
  }
}

float BatchMaker::mix_pair(image::ImageView partner, float partner_lens, image::MutableImageView image, float& lens,
                           RandomStream& random) const {
  const dataset::ArcCutMix& arcs = augmentation_.arc_cutmix();
  if (random.chance(augmentation_.mixup_probability())) {
    const double drawn = beta(augmentation_.mixup_alpha(), random);
    const auto own = static_cast<float>(std::max(drawn, 1 - drawn));
    const std::span<float> pixels = image.values();
    for (std::size_t p = 0; p < pixels.size(); ++p) pixels[p] = own * pixels[p] + (1 - own) * partner.values()[p];
    lens = own * lens + (1 - own) * partner_lens;
    return own;
  }
  if (random.chance(arcs.probability)) {
    dataset::paste_annulus(partner, arcs.inner, arcs.outer, image);
    const auto weight = static_cast<float>(arcs.label_weight);
    lens = (1 - weight) * lens + weight * partner_lens;
  }
  return 1;
}

TrainBatch BatchMaker::plain(std::span<const std::int64_t> samples, int symmetry) const {
  TrainBatch batch = sized(samples.size());
  for (std::size_t i = 0; i < samples.size(); ++i) {
    const image::MutableImageView pixels = image(batch, i);
    batch.samples[i] = samples[i];
    read_scaled(batch, i, 0);
    if (symmetry != 0) image::apply_d4(pixels, symmetry);
    network::preprocess(after_, pixels);
    batch.lens[i] = target(samples[i]);
  }
  return batch;
}

BatchStream::BatchStream(const BatchMaker& maker, const EpochPlan& plan, int epoch, std::int64_t begin, int threads)
    : maker_{maker}, plan_{plan}, epoch_{epoch}, next_to_make_{begin}, next_to_give_{begin}, max_ready_{2 + 2 * threads} {
  for (int i = 0; i < threads; ++i) threads_.emplace_back([this] { work(); });
}

BatchStream::~BatchStream() {
  const std::scoped_lock lock{mutex_};
  stopping_ = true;
  changed_.notify_all();
}

void BatchStream::work() {
  std::unique_lock lock{mutex_};
  while (true) {
    changed_.wait(lock, [&] { return stopping_ || failure_ || next_to_make_ < next_to_give_ + max_ready_; });
    if (stopping_ || failure_ || next_to_make_ >= plan_.batches()) return;
    const std::int64_t number = next_to_make_++;
    lock.unlock();
    try {
      TrainBatch batch = maker_.training(plan_, epoch_, number);
      lock.lock();
      ready_.emplace(number, std::move(batch));
    } catch (...) {
      if (!lock.owns_lock()) lock.lock();
      failure_ = std::current_exception();
    }
    changed_.notify_all();
  }
}

TrainBatch BatchStream::next() {
  std::unique_lock lock{mutex_};
  changed_.wait(lock, [&] { return failure_ || ready_.contains(next_to_give_); });
  if (failure_) std::rethrow_exception(failure_);
  TrainBatch batch = std::move(ready_.extract(next_to_give_).mapped());
  ++next_to_give_;
  changed_.notify_all();
  return batch;
}

}  // namespace lensfind::train
