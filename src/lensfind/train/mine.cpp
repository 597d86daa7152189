#include "lensfind/train/mine.h"

#include <algorithm>
#include <cmath>
#include <set>
#include <string>
#include <unordered_map>

#include <fmt/format.h>

#include "lensfind/base/error.h"
#include "lensfind/dataset/reading.h"
#include "lensfind/evaluate/scores.h"

namespace lensfind::train {
namespace {

using Wanted = std::unordered_map<std::string, std::int64_t>;  // by id

Wanted nonlenses_by_id(const dataset::Dataset& data, const std::vector<std::int64_t>& train) {
  Wanted found;
  for (const std::int64_t i : train) {
    const dataset::Sample& sample = data.samples[static_cast<std::size_t>(i)];
    if (sample.label == Label::non_lens) found.emplace(sample.id, i);
  }
  return found;
}

Wanted nonlenses_by_id(const dataset::Listing& pool) {
  Wanted found;
  for (std::size_t i = 0; i < pool.samples.size(); ++i) {
    const dataset::Sample& sample = pool.samples[i].sample;
    if (sample.label != Label::lens) found.emplace(sample.id, static_cast<std::int64_t>(i));
  }
  return found;
}

/// The `count` wanted ones with the highest logit in the table, the highest first; rows labelled as lenses do not count.
std::vector<std::int64_t> highest(const std::filesystem::path& scores, const Wanted& wanted, std::int64_t count) {
  std::vector<std::pair<double, std::int64_t>> found;
  evaluate::for_each_score(scores, {}, [&](evaluate::Score&& row) {
    const auto match = wanted.find(row.id);
    if (match != wanted.end() && row.label != Label::lens) found.emplace_back(row.logit, match->second);
  });
  std::stable_sort(found.begin(), found.end(), [](const auto& a, const auto& b) { return a.first > b.first; });
  found.resize(std::min(found.size(), static_cast<std::size_t>(count)));
  std::vector<std::int64_t> chosen;
  for (const auto& [value, index] : found) chosen.push_back(index);
  return chosen;
}

}  // namespace

std::vector<std::int64_t> hardest_nonlenses(const std::filesystem::path& scores, const dataset::Dataset& data,
                                            const std::vector<std::int64_t>& train, std::int64_t count) {
  std::vector<std::int64_t> samples = highest(scores, nonlenses_by_id(data, train), count);
  if (samples.empty()) {
    throw Error{fmt::format("{}: none of its ids is a non-lens of the training side of {}", scores.string(), data.root.string()),
                "score the same data with `lensfind score MODEL DATA`, so that ids agree; for other images name them with --mine-images"};
  }
  return samples;
}

MinedImages hardest_of_pool(const std::filesystem::path& scores, const std::filesystem::path& pool, const std::vector<std::string>& bands,
                            const dataset::Dataset& data, std::int64_t count, int threads, Progress& progress, const StopFlag& stop) {
  const dataset::Listing listing = dataset::list_samples(pool, dataset::Split::all, bands);
  std::vector<dataset::ListedSample> chosen;
  for (const std::int64_t i : highest(scores, nonlenses_by_id(listing), count))
    chosen.push_back(listing.samples[static_cast<std::size_t>(i)]);
  const std::size_t values = data.shape.values();
  std::vector<float> pixels(chosen.size() * values);
  const std::vector<dataset::Reading> readings =
      dataset::read_samples(chosen, {.bands = bands}, data.shape, pixels.data(), threads, progress, stop);

  const std::set<Hash128> in_data{data.any_rotation.begin(), data.any_rotation.end()};
  MinedImages mined;
  std::string text;
  std::size_t copies = 0, bad = 0;
  for (std::size_t i = 0; i < chosen.size(); ++i) {
    const bool is_bad = !readings[i].problem.empty() || readings[i].finding.fault != cutouts::Fault::none;
    const bool is_copy = in_data.contains(readings[i].any_rotation);
    bad += is_bad ? 1 : 0;
    copies += !is_bad && is_copy ? 1 : 0;
    if (is_bad || is_copy) continue;
    std::copy_n(pixels.data() + i * values, values, pixels.data() + mined.samples.size() * values);
    mined.samples.push_back(chosen[i].sample);
    mined.any_rotation.push_back(readings[i].any_rotation);
    mined.samples.back().label = Label::non_lens;
    text += chosen[i].sample.id + "\n" + readings[i].pixels.text() + "\n";
  }
  if (mined.samples.empty()) {
    throw Error{fmt::format("{}: no image of {} that is no lens and not in {} has a score there", scores.string(), pool.string(),
                            data.root.string()),
                fmt::format("score them with `lensfind score MODEL {}`, so that ids agree", pool.string())};
  }
  if (bad > 0) mined.notes.push_back(fmt::format("{} mined images were set aside: unreadable, or with a broken band", bad));
  if (copies > 0) mined.notes.push_back(fmt::format("{} mined images stand in the data already and were passed over", copies));
  pixels.resize(mined.samples.size() * values);
  mined.pixels = dataset::PixelStore{data.shape, std::move(pixels)};
  mined.fingerprint = hash128(std::as_bytes(std::span{text})).text();
  return mined;
}

}  // namespace lensfind::train
