#include "lensfind/dataset/checks.h"

#include <algorithm>
#include <array>
#include <map>
#include <set>
#include <tuple>

#include <fmt/format.h>

#include "lensfind/base/parallel.h"
#include "lensfind/dataset/duplicates.h"
#include "lensfind/dataset/header_facts.h"
#include "lensfind/dataset/reading.h"
#include "lensfind/image/symmetry.h"

namespace lensfind {
namespace {

/// The same for an image and all its flips and quarter turns: the least of their eight hashes.
Hash128 hash_of_any_turn(ImageView image) {
  std::array<Hash128, d4_elements> hashes;
  for (int element = 0; element < d4_elements; ++element) {
    Image turned{image};
    apply_d4(turned.view(), element);
    hashes[static_cast<std::size_t>(element)] = hash128(std::as_bytes(std::as_const(turned).values()));
  }
  return *std::ranges::min_element(hashes, {}, [](const Hash128& hash) { return std::tuple{hash.high, hash.low}; });
}

/// Hashes that are alike for copies: of any turn where cutouts are square, else of the pixels as they are. Unreadable samples have the zero
/// hash.
std::vector<Hash128> hashes_of(const std::vector<ListedSample>& samples, const std::vector<Reading>& readings,
                               const cutouts::PixelRules& rules, ImageShape shape, int threads, const StopFlag& stop) {
  std::vector<Hash128> hashes(samples.size());
  parallel_for(
      static_cast<std::int64_t>(samples.size()), threads,
      [&](std::int64_t index) {
        const auto i = static_cast<std::size_t>(index);
        if (!readings[i].problem.empty()) return;
        hashes[i] = readings[i].pixels;
        if (shape.height != shape.width) return;
        Image image{shape};
        read_pixels(samples[i].source, rules, image.view());
        hashes[i] = hash_of_any_turn(std::as_const(image).view());
      },
      no_progress(), stop);
  return hashes;
}

Copies describe(const std::vector<std::int64_t>& set, const std::vector<ListedSample>& samples, const std::vector<Reading>& readings) {
  Copies copies;
  std::set<Part> parts;
  std::set<Label> labels;
  for (const std::int64_t index : set) {
    const auto i = static_cast<std::size_t>(index);
    copies.ids.push_back(samples[i].sample.id);
    copies.turned = copies.turned || !(readings[i].pixels == readings[static_cast<std::size_t>(set[0])].pixels);
    parts.insert(samples[i].sample.part);
    labels.insert(samples[i].sample.label);
  }
  copies.in_both_parts = parts.contains(Part::train) && parts.contains(Part::test);
  copies.labels_differ = labels.contains(Label::lens) && labels.contains(Label::non_lens);
  return copies;
}

std::vector<std::string> groups_in_both_parts(const std::vector<ListedSample>& samples) {
  std::map<std::string, std::set<Part>> parts;
  for (const ListedSample& listed : samples) parts[listed.sample.group].insert(listed.sample.part);
  std::vector<std::string> both;
  for (const auto& [group, in] : parts) {
    if (in.contains(Part::train) && in.contains(Part::test)) both.push_back(group);
  }
  return both;
}

void sort_in(const ListedSample& listed, const Reading& reading, CheckReport& report) {
  ++report.cutouts;
  ++(listed.sample.label == Label::lens ? report.lenses : listed.sample.label == Label::non_lens ? report.nonlenses : report.unlabelled);
  if (!reading.problem.empty()) {
    report.unreadable.push_back({listed.name, reading.problem});
  } else if (reading.finding.fault == cutouts::Fault::not_finite) {
    report.not_finite.push_back({listed.name, reading.finding.text});
  } else if (reading.finding.fault == cutouts::Fault::constant_band) {
    report.constant.push_back({listed.name, reading.finding.text});
  } else if (reading.finding.fault == cutouts::Fault::broken_band) {
    report.broken.push_back({listed.name, reading.finding.text});
  }
}

Value list(const std::vector<Rejected>& inputs) {
  Value out{Value::Array{}};
  for (const Rejected& one : inputs) out.push_back(empty_object().set("input", one.input).set("reason", one.reason));
  return out;
}

Value list(const std::vector<std::string>& names) {
  Value out{Value::Array{}};
  for (const std::string& name : names) out.push_back(name);
  return out;
}

constexpr std::size_t named = 3;  // how many of a finding a summary names

std::string line(const std::string& what, const std::vector<std::string>& names) {
  if (names.empty()) return fmt::format("{}: none\n", what);
  std::string text = fmt::format("{}: {}", what, names.size());
  for (std::size_t i = 0; i < std::min(named, names.size()); ++i) text += fmt::format("{}{}", i == 0 ? " (" : "; ", names[i]);
  return text + (names.size() > named ? "; ...)\n" : ")\n");
}

std::string line(const std::string& what, const std::vector<Rejected>& inputs) {
  std::vector<std::string> names;
  for (const Rejected& one : inputs) names.push_back(one.input + ": " + one.reason);
  return line(what, names);
}

template <typename Holds>
std::string copies_line(const std::string& what, const std::vector<Copies>& copies, Holds holds) {
  std::vector<std::string> names;
  for (const Copies& set : copies) {
    if (holds(set)) names.push_back(fmt::format("{}", fmt::join(set.ids, " = ")));
  }
  return line(what, names);
}

}  // namespace

bool CheckReport::clean() const {
  return unreadable.empty() && not_finite.empty() && constant.empty() && broken.empty() && copies.empty() && objects_in_both_parts.empty();
}

CheckReport check_dataset(const std::filesystem::path& path, const LoadOptions& options, Progress& progress, const StopFlag& stop) {
  const Listing listing = list_samples(path, Part::all, options.bands);
  const cutouts::PixelRules rules = rules_of(listing, options.bands);
  CheckReport report{
      .root = listing.root, .shape = common_shape(listing.samples, rules, options.wanted, options.threads), .notes = listing.notes};
  const std::vector<Reading> readings = read_samples(listing.samples, rules, report.shape, nullptr, options.threads, progress, stop);
  for (std::size_t i = 0; i < readings.size(); ++i) sort_in(listing.samples[i], readings[i], report);
  const std::vector<Hash128> hashes = hashes_of(listing.samples, readings, rules, report.shape, options.threads, stop);
  for (const std::vector<std::int64_t>& set : exact_duplicates(hashes)) {
    if (hashes[static_cast<std::size_t>(set[0])] == Hash128{}) continue;
    report.copies.push_back(describe(set, listing.samples, readings));
  }
  report.objects_in_both_parts = groups_in_both_parts(listing.samples);
  return report;
}

Value to_value(const CheckReport& report) {
  Value copies{Value::Array{}};
  for (const Copies& set : report.copies) {
    copies.push_back(empty_object()
                         .set("ids", list(set.ids))
                         .set("turned", set.turned)
                         .set("in_both_parts", set.in_both_parts)
                         .set("labels_differ", set.labels_differ));
  }
  return empty_object()
      .set("clean", report.clean())
      .set("shape", Value::Array{report.shape.bands, report.shape.height, report.shape.width})
      .set("cutouts", report.cutouts)
      .set("lenses", report.lenses)
      .set("nonlenses", report.nonlenses)
      .set("unlabelled", report.unlabelled)
      .set("unreadable", list(report.unreadable))
      .set("not_finite", list(report.not_finite))
      .set("constant_band", list(report.constant))
      .set("broken_band", list(report.broken))
      .set("copies", copies)
      .set("objects_in_both_parts", list(report.objects_in_both_parts));
}

std::string summary(const CheckReport& report) {
  std::string text = fmt::format("{}: {} cutouts ({} lenses, {} non-lenses, {} unlabelled), bands, height, width {} x {} x {}\n",
                                 report.root.string(), report.cutouts, report.lenses, report.nonlenses, report.unlabelled,
                                 report.shape.bands, report.shape.height, report.shape.width);
  for (const std::string& note : report.notes) text += note + "\n";
  text += line("unreadable or of another shape", report.unreadable);
  text += line("not finite", report.not_finite);
  text += line("constant band", report.constant);
  text += line("broken band (only 0, 0.5 and 1)", report.broken);
  text += copies_line("sets of exact copies", report.copies, [](const Copies& set) { return !set.turned; });
  text += copies_line("sets of flipped or turned copies", report.copies, [](const Copies& set) { return set.turned; });
  text += copies_line("copies in both the train and the test part", report.copies, [](const Copies& set) { return set.in_both_parts; });
  text += copies_line("copies with different labels", report.copies, [](const Copies& set) { return set.labels_differ; });
  text += line("objects in both the train and the test part", report.objects_in_both_parts);
  return text;
}

}  // namespace lensfind
