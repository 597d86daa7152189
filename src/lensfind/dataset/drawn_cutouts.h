#pragma once

#include <string>
#include <vector>

#include "lensfind/base/random.h"
#include "lensfind/dataset/reading.h"

namespace lensfind::dataset {

/// Cutouts of a set that were drawn at random, with their pixels in memory.
struct DrawnCutouts {
  std::vector<image::Image> images;
  std::vector<std::string> groups;  ///< of each: the sky object
  std::vector<std::string> ids;
};

/// At random so many of the samples for which `wanted` is true; all where there are fewer. Random numbers and order of the listing decide
/// which.
template <typename Wanted>
std::vector<ListedSample> draw_samples(const Listing& listing, std::int64_t most, RandomStream random, Wanted wanted) {
  std::vector<ListedSample> chosen;
  for (const ListedSample& listed : listing.samples)
    if (wanted(listed.sample)) chosen.push_back(listed);
  shuffle(chosen, random);
  if (chosen.size() > static_cast<std::size_t>(most)) chosen.erase(chosen.begin() + most, chosen.end());
  return chosen;
}

/// Appends those of `chosen` that can be read and have nothing wrong, cut to `shape`.
void read_usable(const std::vector<ListedSample>& chosen, const cutouts::PixelRules& rules, image::ImageShape shape, int threads,
                 Progress& progress, const StopFlag& stop, DrawnCutouts& into);

}  // namespace lensfind::dataset
