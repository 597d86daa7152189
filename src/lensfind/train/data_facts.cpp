#include "lensfind/train/data_facts.h"

#include <algorithm>

#include <fmt/format.h>
#include <unistd.h>

#include "lensfind/base/error.h"
#include "lensfind/dataset/band_names.h"
#include "lensfind/dataset/statistics.h"

namespace lensfind::train {

std::vector<std::string> name_bands(const std::vector<std::string>& asked, const dataset::Dataset& data) {
  const int bands = data.shape.bands;
  const auto wanted = static_cast<std::size_t>(bands);
  if (asked.size() == wanted) return asked;
  if (asked.empty() && data.bands.size() == wanted) return data.bands;
  if (!asked.empty()) {
    throw Error{fmt::format("the recipe names {} bands, the cutouts have {}", asked.size(), bands),
                "set `bands` to their names, in order, or to []"};
  }
  return dataset::default_band_names(bands);
}

bool are_sky_subtracted(const dataset::Dataset& data, const std::vector<std::int64_t>& samples) {
  constexpr std::size_t some = 64;
  image::Image image{data.shape};
  int below = 0, bands = 0;
  for (std::size_t i = 0; i < samples.size(); i += std::max<std::size_t>(1, samples.size() / some)) {
    data.pixels.read(samples[i], image.values());
    for (int band = 0; band < data.shape.bands; ++band, ++bands) below += std::ranges::min(image.view().band(band)) < 0 ? 1 : 0;
  }
  return 2 * below > bands;
}

network::Preprocessing with_statistics(network::Preprocessing steps, Normalise normalise, const dataset::Dataset& data,
                                       const std::vector<std::int64_t>& samples) {
  if (normalise == Normalise::none) return steps;
  dataset::BandStatistics statistics =
      dataset::band_statistics(data.pixels, samples, [&](image::MutableImageView image) { network::preprocess(steps, image); });
  steps.mean = std::move(statistics.mean);
  for (const double std_dev : statistics.std_dev) steps.std_dev.push_back(std_dev > 0 ? std_dev : 1);
  return steps;
}

double memory_of_machine() { return static_cast<double>(::sysconf(_SC_PHYS_PAGES)) * static_cast<double>(::sysconf(_SC_PAGESIZE)); }

}  // namespace lensfind::train
