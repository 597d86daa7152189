#include "lensfind/dataset/dataset.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <memory>

#include <fmt/format.h>
#include <unistd.h>

#include "lensfind/base/error.h"
#include "lensfind/dataset/band_names.h"
#include "lensfind/dataset/duplicates.h"
#include "lensfind/dataset/earlier_hashes.h"
#include "lensfind/dataset/header_facts.h"
#include "lensfind/dataset/reading.h"
#include "lensfind/sky/seeing_columns.h"

namespace lensfind::dataset {
namespace {

constexpr std::size_t few_samples = 100;  // a training set of more may not have a larger fraction of bad cutouts
constexpr double max_bad_fraction = 0.01;

/// Why a cutout is set aside, or an empty text.
std::string reason_against(const Reading& reading, bool for_training) {
  if (!reading.problem.empty()) return reading.problem;
  const cutouts::Fault fault = reading.finding.fault;
  return fault == cutouts::Fault::not_finite || (for_training && fault != cutouts::Fault::none) ? reading.finding.text : "";
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
  const bool turned = std::ranges::any_of(duplicates, [&](const auto& set) {
    return std::ranges::any_of(
        set, [&](std::int64_t i) { return data.hashes[static_cast<std::size_t>(i)] != data.hashes[static_cast<std::size_t>(set[0])]; });
  });
  data.notes.push_back(fmt::format("{} {} of another, pixel for pixel{} (the first: {} of {}); copies stay on one side of every split",
                                   copies, copies == 1 ? "cutout is a copy" : "cutouts are copies", turned ? " or flipped or turned" : "",
                                   id(1), id(0)));
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
  const bool too_many = static_cast<double>(bad) > max_bad_fraction * static_cast<double>(all);
  if (options.for_training && !options.allow_bad && all > few_samples && too_many) {
    throw Error{fmt::format("{}: {} of {} cutouts are bad ({})", data.root.string(), bad, all, examples),
                "mend or remove them, or train without them with --allow-bad"};
  }
}

std::uint64_t bytes_for_pixels(const LoadOptions& options) {
  if (options.max_bytes_in_memory > 0) return options.max_bytes_in_memory;
  return static_cast<std::uint64_t>(::sysconf(_SC_PHYS_PAGES)) / 2 * static_cast<std::uint64_t>(::sysconf(_SC_PAGESIZE));
}

/// Sorts the samples into data.samples and data.rejected. Returns the indices of those kept; `readings` becomes theirs.
std::vector<std::size_t> keep_usable(const std::vector<ListedSample>& listed, std::vector<Reading>& readings, bool for_training,
                                     Dataset& data) {
  std::vector<std::size_t> kept;
  for (std::size_t i = 0; i < listed.size(); ++i) {
    const std::string reason = reason_against(readings[i], for_training);
    if (!reason.empty()) {
      data.rejected.push_back({listed[i].name, reason});
      continue;
    }
    readings[kept.size()] = readings[i];
    kept.push_back(i);
    data.samples.push_back(listed[i].sample);
  }
  readings.resize(kept.size());
  return kept;
}

/// Joins the groups of copies, and writes notes and fingerprint.
void describe(Dataset& data, const std::vector<Reading>& readings) {
  for (const Reading& reading : readings) {
    data.hashes.push_back(reading.pixels);
    data.any_rotation.push_back(reading.any_rotation);
  }
  const auto duplicates = exact_duplicates(data.any_rotation);
  join_groups(duplicates, data.samples);
  note_duplicates(data, duplicates);
  const std::string larger = fmt::format("larger than {} x {}, cut at the centre", data.shape.height, data.shape.width);
  note_samples(data, readings, larger.c_str(), [](const Reading& reading) { return reading.cropped; });
  note_samples(data, readings, "with a constant band",
               [](const Reading& reading) { return reading.finding.fault == cutouts::Fault::constant_band; });
  note_samples(data, readings, "with a broken band (only the values 0, 0.5 and 1)",
               [](const Reading& reading) { return reading.finding.fault == cutouts::Fault::broken_band; });
  data.fingerprint = fingerprint_mark + fingerprint_of(data.samples, data.hashes);
}

/// What the tables or, where they say nothing, the headers know of the kept samples' seeing; empty where that is nothing. Columns are
/// taken by the bands' names, or by those that bands have by default.
std::vector<float> seeing_of(const Listing& listing, std::span<const std::size_t> kept, const std::vector<Reading>& readings,
                             const std::vector<std::string>& bands, std::size_t band_count) {
  const std::vector<std::string> wanted = bands.size() == band_count ? bands : default_band_names(static_cast<int>(band_count));
  std::vector<float> all;
  for (std::size_t i = 0; i < kept.size(); ++i) {
    const std::vector<float>& said = listing.samples[kept[i]].seeing;
    std::vector<float> row = sky::seeing_by_band(said, said.empty() ? std::vector<std::string>{} : listing.seeing_bands, wanted);
    row.resize(band_count, std::numeric_limits<float>::quiet_NaN());
    for (std::size_t b = 0; b < readings[i].seeing_fwhm_arcsec.size() && b < band_count; ++b)
      if (std::isnan(row[b]) && readings[i].seeing_fwhm_arcsec[b]) row[b] = static_cast<float>(*readings[i].seeing_fwhm_arcsec[b]);
    all.insert(all.end(), row.begin(), row.end());
  }
  const bool any = std::ranges::any_of(all, [](float value) { return !std::isnan(value); });
  return any ? all : std::vector<float>{};
}

/// Moves the pixels of kept samples together, so that sample i is image i.
void close_gaps(std::span<const std::size_t> kept, std::size_t values, float* pixels) {
  for (std::size_t i = 0; i < kept.size(); ++i) {
    if (kept[i] != i) std::copy_n(pixels + kept[i] * values, values, pixels + i * values);
  }
}

}  // namespace

void Dataset::read(std::int64_t index, std::span<float> raw, std::span<float> seeing_of, int round) const {
  const auto values = static_cast<std::size_t>(shape.bands), first = static_cast<std::size_t>(index) * values;
  std::ranges::fill(seeing_of, std::numeric_limits<float>::quiet_NaN());
  pixels.read(index, raw, round, seeing_of);
  if (first + values <= seeing.size()) std::copy_n(seeing.begin() + static_cast<std::ptrdiff_t>(first), values, seeing_of.begin());
}

std::int64_t Dataset::count(Label label) const { return std::ranges::count(samples, label, &Sample::label); }

Dataset load_dataset(const std::filesystem::path& path, const LoadOptions& options, Progress& progress, const StopFlag& stop) {
  Listing listing = list_samples(path, options.split, options.bands);
  Dataset data{.root = listing.root, .split = listing.split, .notes = std::move(listing.notes)};
  HeaderFacts facts = header_facts(listing);
  data.pixel_scale_arcsec = facts.pixel_scale_arcsec;
  data.zero_point = facts.zero_point;
  data.survey_prevalence = facts.survey_prevalence;
  data.bands = options.bands.empty() ? facts.bands : options.bands;
  const cutouts::PixelRules rules = rules_of(listing, data.bands);
  data.shape = common_shape(listing.samples, rules, options.wanted, options.threads);

  const std::size_t values = data.shape.values();
  const std::size_t count = listing.samples.size();
  const bool in_memory = count <= bytes_for_pixels(options) / sizeof(float) / values;
  // Left uninitialised: each thread writes, and so places, the memory of the images it reads.
  const std::shared_ptr<float[]> pixels = in_memory ? std::make_shared_for_overwrite<float[]>(count * values) : nullptr;
  std::vector<Reading> readings = read_samples(listing.samples, rules, data.shape, pixels.get(), options.threads, progress, stop);

  const std::vector<std::size_t> kept = keep_usable(listing.samples, readings, options.for_training, data);
  refuse_bad_set(data, options);
  data.seeing = seeing_of(listing, kept, readings, data.bands, static_cast<std::size_t>(data.shape.bands));
  if (in_memory) {
    close_gaps(kept, values, pixels.get());
    data.pixels = PixelStore{data.shape, data.size(), pixels};
  } else {
    std::vector<PixelSource> sources;
    for (const std::size_t i : kept) sources.push_back(listing.samples[i].source);
    data.pixels = PixelStore{data.shape, std::move(sources), rules};
  }
  describe(data, readings);
  return data;
}

}  // namespace lensfind::dataset
