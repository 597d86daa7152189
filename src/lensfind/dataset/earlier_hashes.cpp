#include "lensfind/dataset/earlier_hashes.h"

#include <algorithm>

#include <fmt/format.h>

#include "lensfind/base/parallel.h"
#include "lensfind/dataset/duplicates.h"

namespace lensfind::dataset {
namespace {

Hash128 murmur3(std::span<const std::byte> bytes) { return hash128(bytes); }

}  // namespace

std::string fingerprint_of(std::span<const Sample> samples, std::span<const Hash128> hashes) {
  std::string text;
  for (std::size_t i = 0; i < std::min(samples.size(), hashes.size()); ++i)
    text += fmt::format("{}\n{}\n{}\n", samples[i].id, static_cast<int>(samples[i].label), hashes[i].text());
  return hash128(std::as_bytes(std::span{text})).text();
}

EarlierHashes earlier_hashes(const Dataset& data) {
  const auto count = static_cast<std::size_t>(data.pixels.size());
  EarlierHashes out{std::vector<Hash128>(count), std::vector<Hash128>(count)};
  parallel_for(data.pixels.size(), 0, [&](std::int64_t index) {
    thread_local std::vector<float> pixels;
    pixels.resize(data.shape.values());
    data.pixels.read(index, pixels);
    const auto i = static_cast<std::size_t>(index);
    const image::ImageView image{data.shape, pixels.data()};
    out.pixels[i] = murmur3(std::as_bytes(image.values()));
    out.any_rotation[i] = hash_of_any_rotation(image, murmur3);
  });
  return out;
}

std::string earlier_fingerprint(const Dataset& data) {
  std::vector<Hash128> pixels = earlier_hashes(data).pixels;
  pixels.resize(std::min(pixels.size(), data.hashes.size()));  // without what was added to the data later
  return fingerprint_of(data.samples, pixels);
}

}  // namespace lensfind::dataset
