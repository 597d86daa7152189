#include "lensfind/dataset/reading.h"

#include <algorithm>
#include <exception>
#include <utility>

#include "lensfind/base/open_file.h"
#include "lensfind/base/parallel.h"
#include "lensfind/dataset/duplicates.h"

namespace lensfind::dataset {
namespace {

Reading read_sample(const ListedSample& listed, const cutouts::PixelRules& rules, image::MutableImageView out) {
  Reading reading;
  cutouts::Fitting fitting;
  try {
    const image::ImageShape shape = read_pixels(listed.source, rules, out, &fitting);
    reading.cropped = shape.height != out.shape.height || shape.width != out.shape.width;
  } catch (const MachineFault&) {
    throw;  // no fault of the sample
  } catch (const std::exception& error) {
    reading.problem = error.what();
    // The file's name stands beside the reason already.
    const std::string name = listed.source.path.string() + ": ";
    if (reading.problem.starts_with(name)) reading.problem.erase(0, name.size());
    return reading;
  }
  reading.seeing_fwhm_arcsec = std::move(fitting.seeing_fwhm_arcsec);
  reading.finding = cutouts::find_fault(out);
  reading.pixels = xxh3(std::as_bytes(out.values()));
  reading.any_rotation = hash_of_any_rotation(out);
  return reading;
}

}  // namespace

image::ImageShape common_shape(const std::vector<ListedSample>& samples, const cutouts::PixelRules& rules, image::ImageShape wanted,
                               int threads) {
  if (wanted.values() != 0) return wanted;
  std::vector<image::ImageShape> shapes(samples.size());
  parallel_for(static_cast<std::int64_t>(samples.size()), threads, [&](std::int64_t i) {
    try {
      shapes[static_cast<std::size_t>(i)] = read_shape(samples[static_cast<std::size_t>(i)].source);
    } catch (const MachineFault&) {
      throw;
    } catch (const std::exception&) {
      shapes[static_cast<std::size_t>(i)] = {};  // it is set aside, with its reason, when its pixels are read
    }
  });
  std::vector<std::pair<image::ImageShape, std::int64_t>> counts;
  for (const image::ImageShape& shape : shapes) {
    if (shape.values() == 0) continue;
    const auto seen = std::ranges::find(counts, shape, &std::pair<image::ImageShape, std::int64_t>::first);
    if (seen == counts.end()) {
      counts.emplace_back(shape, 1);
    } else {
      ++seen->second;
    }
  }
  const auto max = std::ranges::max_element(counts, {}, &std::pair<image::ImageShape, std::int64_t>::second);
  const image::ImageShape common = max == counts.end() ? image::ImageShape{1, 1, 1} : max->first;
  const int named = static_cast<int>(rules.bands.size());
  if (wanted.bands == 0) wanted.bands = named > 0 ? std::min(named, common.bands) : common.bands;
  if (wanted.height == 0) wanted.height = common.height;
  if (wanted.width == 0) wanted.width = common.width;
  return wanted;
}

std::vector<Reading> read_samples(const std::vector<ListedSample>& samples, const cutouts::PixelRules& rules, image::ImageShape shape,
                                  float* pixels, int threads, Progress& progress, const StopFlag& stop) {
  const std::size_t values = shape.values();
  std::vector<Reading> readings(samples.size());
  progress.start("reading", static_cast<std::int64_t>(samples.size()), "images");
  parallel_for(
      static_cast<std::int64_t>(samples.size()), threads,
      [&](std::int64_t index) {
        const auto i = static_cast<std::size_t>(index);
        thread_local std::vector<float> buffer;
        if (pixels == nullptr) buffer.resize(values);
        readings[i] = read_sample(samples[i], rules, {shape, pixels == nullptr ? buffer.data() : pixels + i * values});
      },
      progress, stop);
  progress.finish();
  return readings;
}

}  // namespace lensfind::dataset
