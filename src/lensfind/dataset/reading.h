#pragma once

#include <optional>
#include <string>
#include <vector>

#include "lensfind/base/hash128.h"
#include "lensfind/base/progress.h"
#include "lensfind/cutouts/faults.h"
#include "lensfind/dataset/layout.h"

namespace lensfind::dataset {

/// What was seen of one cutout while it was read.
struct Reading {
  std::string problem;       ///< why there are no pixels: unreadable, too small, other bands; empty: the pixels are there
  cutouts::Finding finding;  ///< what is wrong with the pixels
  bool cropped = false;
  Hash128 pixels;
  Hash128 any_rotation;                                   ///< hash_of_any_rotation() of them
  std::vector<std::optional<double>> seeing_fwhm_arcsec;  ///< a band, as its header says it; empty: it says none
};

/// `wanted`, with members that are 0 filled up from the shape that most of the samples have; of equally common shapes that of the earlier
/// sample counts. Of files with more bands than `rules` name only these count. Reads headers alone, and none where nothing is to be filled
/// up.
image::ImageShape common_shape(const std::vector<ListedSample>& samples, const cutouts::PixelRules& rules, image::ImageShape wanted,
                               int threads);

/// Reads all samples in parallel, each file once, by `rules` and in the given shape. They go into `pixels`, (n, bands, height, width), or
/// nowhere where that is null.
std::vector<Reading> read_samples(const std::vector<ListedSample>& samples, const cutouts::PixelRules& rules, image::ImageShape shape,
                                  float* pixels, int threads, Progress& progress, const StopFlag& stop);

}  // namespace lensfind::dataset
