#include "lensfind/dataset/dataset.h"

#include <algorithm>
#include <map>
#include <memory>

#include <fmt/format.h>

#include "lensfind/base/error.h"
#include "lensfind/dataset/duplicates.h"
#include "lensfind/dataset/faults.h"
#include "lensfind/dataset/hash128.h"
#include "lensfind/dataset/layout.h"
#include "lensfind/dataset/parallel.h"

namespace lensfind {
namespace {

constexpr std::size_t few_samples = 100;  // a training set of more may not have a larger share of bad cutouts
constexpr double most_bad_share = 0.01;

/// What was seen of one cutout while it was read.
struct Reading {
  std::string problem;  ///< why it cannot be used; empty: it can
  Finding finding;
  bool cropped = false;
  Hash128 pixels;
};

/// The wanted shape, filled up from the shape that most of the set's files have (of equally common ones that of the earlier file).
ImageShape wanted_shape(const std::vector<ListedSample>& samples, const LoadOptions& options) {
  ImageShape wanted = options.wanted;
  if (wanted.values() != 0) return wanted;
  std::vector<ImageShape> shapes(samples.size());
  parallel_for(static_cast<std::int64_t>(samples.size()), options.threads, [&](std::int64_t i) {
    try {
      shapes[static_cast<std::size_t>(i)] = read_shape(samples[static_cast<std::size_t>(i)].source);
    } catch (const Error&) {
      shapes[static_cast<std::size_t>(i)] = {};  // it is set aside, with its reason, when its pixels are read
    }
  });
  std::vector<std::pair<ImageShape, std::int64_t>> counts;
  for (const ImageShape& shape : shapes) {
    if (shape.values() == 0) continue;
    const auto seen = std::ranges::find(counts, shape, &std::pair<ImageShape, std::int64_t>::first);
    if (seen == counts.end()) {
      counts.emplace_back(shape, 1);
    } else {
      ++seen->second;
    }
  }
  const auto most = std::ranges::max_element(counts, {}, &std::pair<ImageShape, std::int64_t>::second);
  const ImageShape common = most == counts.end() ? ImageShape{1, 1, 1} : most->first;
  if (wanted.bands == 0) wanted.bands = common.bands;
  if (wanted.height == 0) wanted.height = common.height;
  if (wanted.width == 0) wanted.width = common.width;
  return wanted;
}

Reading read_sample(const ListedSample& listed, bool for_training, MutableImageView out) {
  Reading reading;
  try {
    const Image image = read_pixels(listed.source);
    fit_pixels(image.view(), out);
    reading.cropped = image.shape() != out.shape;
  } catch (const Error& error) {
    reading.problem = error.what();
    // The file's name stands beside the reason already.
    const std::string name = listed.source.path.string() + ": ";
    if (reading.problem.starts_with(name)) reading.problem.erase(0, name.size());
    return reading;
  }
  reading.finding = find_fault(out);
  const bool bad = reading.finding.fault == Fault::not_finite || (for_training && reading.finding.fault != Fault::none);
  if (bad) reading.problem = reading.finding.text;
  reading.pixels = hash128(std::as_bytes(out.values()));
  return reading;
}

/// A note on the samples for which `holds` is true: "3 cutouts TEXT (the first: ID)".
template <typename Holds>
void note_samples(Dataset& data, const std::vector<Reading>& kept, const char* text, Holds holds) {
  const auto count = std::ranges::count_if(kept, holds);
  if (count == 0) return;
  const auto first = std::ranges::find_if(kept, holds) - kept.begin();
  data.notes.push_back(fmt::format("{} {} {} (the first: {})", count, count == 1 ? "cutout" : "cutouts", text,
                                   data.samples[static_cast<std::size_t>(first)].id));
}

void note_duplicates(Dataset& data, const std::vector<std::vector<std::int64_t>>& duplicates) {
  if (duplicates.empty()) return;
  std::size_t copies = 0;
  for (const auto& set : duplicates) copies += set.size() - 1;
  const auto id = [&](std::size_t i) { return data.samples[static_cast<std::size_t>(duplicates[0][i])].id; };
  data.notes.push_back(fmt::format("{} {} of another, pixel for pixel (the first: {} of {}); copies stay on one side of every split",
                                   copies, copies == 1 ? "cutout is a copy" : "cutouts are copies", id(1), id(0)));
}

std::string fingerprint_of(const std::vector<Sample>& samples, const std::vector<Reading>& kept) {
  std::string text;
  for (std::size_t i = 0; i < samples.size(); ++i) {
    text += fmt::format("{}\n{}\n{}\n", samples[i].id, static_cast<int>(samples[i].label), kept[i].pixels.text());
  }
  return hash128(std::as_bytes(std::span{text})).text();
}

void refuse_bad_set(const Dataset& data, const LoadOptions& options) {
  const std::size_t bad = data.rejected.size();
  const std::size_t all = bad + data.samples.size();
  std::string examples;
  for (std::size_t i = 0; i < std::min<std::size_t>(bad, 3); ++i)
    examples += fmt::format("{}{}: {}", i == 0 ? "" : "; ", data.rejected[i].input, data.rejected[i].reason);
  if (data.samples.empty()) {
    throw Error{fmt::format("{}: none of {} cutouts can be used ({})", data.root.string(), all, examples),
                "are these cutouts, and of the wanted bands and size?"};
  }
  const bool too_many = static_cast<double>(bad) > most_bad_share * static_cast<double>(all);
  if (options.for_training && !options.allow_bad && all > few_samples && too_many) {
    throw Error{fmt::format("{}: {} of {} cutouts are bad ({})", data.root.string(), bad, all, examples),
                "mend or remove them, or train without them with --allow-bad"};
  }
}

/// Moves the pixels of kept samples together, so that sample i is image i.
void close_gaps(std::span<const std::size_t> kept, std::size_t values, float* pixels) {
  for (std::size_t i = 0; i < kept.size(); ++i) {
    if (kept[i] != i) std::copy_n(pixels + kept[i] * values, values, pixels + i * values);
  }
}

}  // namespace

const char* part_name(Part part) { return part == Part::train ? "train" : part == Part::test ? "test" : "all"; }

Part part_from_name(const std::string& name) {
  for (const Part part : {Part::train, Part::test, Part::all}) {
    if (name == part_name(part)) return part;
  }
  throw Error{fmt::format("\"{}\" is no part of a set", name), "say train, test or all"};
}

std::int64_t Dataset::count(Label label) const { return std::ranges::count(samples, label, &Sample::label); }

Dataset load_dataset(const std::filesystem::path& path, const LoadOptions& options, Progress& progress, const StopFlag& stop) {
  Listing listing = list_samples(path, options.part);
  Dataset data{.root = listing.root, .part = listing.part, .notes = std::move(listing.notes)};
  data.shape = wanted_shape(listing.samples, options);

  const std::size_t values = data.shape.values();
  const std::size_t count = listing.samples.size();
  const bool in_memory = count <= options.most_bytes_in_memory / sizeof(float) / values;
  // Left uninitialised: each thread writes, and so places, the memory of the images it reads.
  const std::shared_ptr<float[]> pixels = in_memory ? std::make_shared_for_overwrite<float[]>(count * values) : nullptr;
  std::vector<Reading> readings(count);
  progress.start("reading", static_cast<std::int64_t>(count), "images");
  parallel_for(
      static_cast<std::int64_t>(count), options.threads,
      [&](std::int64_t index) {
        const auto i = static_cast<std::size_t>(index);
        thread_local std::vector<float> buffer;
        if (!in_memory) buffer.resize(values);
        readings[i] =
            read_sample(listing.samples[i], options.for_training, {data.shape, in_memory ? pixels.get() + i * values : buffer.data()});
      },
      progress, stop);
  progress.finish();

  std::vector<std::size_t> kept;
  std::vector<Reading> kept_readings;
  std::vector<PixelSource> sources;
  for (std::size_t i = 0; i < count; ++i) {
    if (!readings[i].problem.empty()) {
      data.rejected.push_back({listing.samples[i].name, readings[i].problem});
      continue;
    }
    kept.push_back(i);
    kept_readings.push_back(std::move(readings[i]));
    data.samples.push_back(std::move(listing.samples[i].sample));
    if (!in_memory) sources.push_back(std::move(listing.samples[i].source));
  }
  refuse_bad_set(data, options);

  if (in_memory) {
    close_gaps(kept, values, pixels.get());
    data.pixels = PixelStore{data.shape, data.size(), pixels};
  } else {
    data.pixels = PixelStore{data.shape, std::move(sources)};
  }
  std::vector<Hash128> hashes;
  for (const Reading& reading : kept_readings) hashes.push_back(reading.pixels);
  const auto duplicates = exact_duplicates(hashes);
  join_groups(duplicates, data.samples);
  note_duplicates(data, duplicates);
  const std::string size = fmt::format("larger than {} x {} are cut at their centre", data.shape.height, data.shape.width);
  note_samples(data, kept_readings, size.c_str(), [](const Reading& reading) { return reading.cropped; });
  note_samples(data, kept_readings, "with a constant band",
               [](const Reading& reading) { return reading.finding.fault == Fault::constant_band; });
  note_samples(data, kept_readings, "with a broken band (only the values 0, 0.5 and 1)",
               [](const Reading& reading) { return reading.finding.fault == Fault::broken_band; });
  data.fingerprint = fingerprint_of(data.samples, kept_readings);
  return data;
}

}  // namespace lensfind
