#include "lensfind/dataset/statistics.h"

#include <cmath>

#include "lensfind/base/error.h"
#include "lensfind/base/parallel.h"

namespace lensfind::dataset {

BandStatistics band_statistics(const PixelStore& pixels, std::span<const std::int64_t> samples,
                               const std::function<void(image::MutableImageView)>& prepare) {
  if (samples.empty()) throw Error{"statistics of no samples were asked for", "give at least one training sample"};
  const auto bands = static_cast<std::size_t>(pixels.shape().bands);
  // Sums an image first: added up in the order of samples, they give the same bits for any number of threads.
  struct Sums {
    double first = 0;
    double second = 0;
  };
  std::vector<Sums> sums(samples.size() * bands);
  parallel_for(static_cast<std::int64_t>(samples.size()), 0, [&](std::int64_t index) {
    const auto i = static_cast<std::size_t>(index);
    thread_local std::vector<float> buffer;
    buffer.resize(pixels.shape().values());
    const image::MutableImageView image{pixels.shape(), buffer.data()};
    pixels.read(samples[i], buffer);
    if (prepare) prepare(image);
    for (std::size_t b = 0; b < bands; ++b) {
      Sums& sum = sums[i * bands + b];
      for (const float value : image.band(static_cast<int>(b))) {
        sum.first += value;
        sum.second += static_cast<double>(value) * value;
      }
    }
  });
  BandStatistics statistics;
  const double count = static_cast<double>(samples.size()) * static_cast<double>(pixels.shape().pixels());
  for (std::size_t b = 0; b < bands; ++b) {
    Sums total;
    for (std::size_t i = 0; i < samples.size(); ++i) {
      total.first += sums[i * bands + b].first;
      total.second += sums[i * bands + b].second;
    }
    const double mean = total.first / count;
    statistics.mean.push_back(mean);
    statistics.std_dev.push_back(std::sqrt(std::max(0.0, total.second / count - mean * mean)));
  }
  return statistics;
}

}  // namespace lensfind::dataset
