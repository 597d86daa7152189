#pragma once

#include <cstdint>
#include <functional>
#include <span>
#include <vector>

#include "lensfind/dataset/pixel_store.h"

namespace lensfind::dataset {

/// Mean and standard deviation (of the population) of all pixels, a band.
struct BandStatistics {
  std::vector<double> mean;
  std::vector<double> std_dev;
};

/// Statistics over the samples named, and no others: give the training split only. `prepare` is run on each copy first (scaling, stretch),
/// from several threads at once; empty: nothing is done. The same bits for any number of threads. Throws Error where `samples` is empty.
BandStatistics band_statistics(const PixelStore& pixels, std::span<const std::int64_t> samples,
                               const std::function<void(image::MutableImageView)>& prepare = {});

}  // namespace lensfind::dataset
